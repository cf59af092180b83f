package sink

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"
)

// A loginServer is LOGIN (draft-murchison-sasl-login): two questions, and a first
// answer that may come unasked.
type loginServer struct {
	sink  *Sink
	login *string
	user  []byte
}

func startLogin(s *session, login *string) sasl.Server {
	return &loginServer{sink: s.sink, login: login}
}

// Next implements sasl.Server.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		l.user = bytes.Clone(response)
		return []byte("Password:"), false, nil
	case !l.sink.admits(string(l.user), string(response)):
		return nil, false, errCredentials
	}
	*l.login = string(l.user)
	return nil, true, nil
}

// A cramServer is CRAM-MD5 (RFC 2195).
type cramServer struct {
	sink      *Sink
	login     *string
	challenge []byte
}

// startCRAM makes a challenge that looks like a Message-ID, as RFC 2195 section 2 asks.
// It comes from the session's own generator, so that a run can be repeated.
func startCRAM(s *session, login *string) sasl.Server {
	challenge := []byte("<" + strconv.FormatUint(s.random.next(), 36) + "@" + s.sink.config.Hostname + ">")
	return &cramServer{sink: s.sink, login: login, challenge: challenge}
}

// Next implements sasl.Server.
func (c *cramServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return c.challenge, false, nil
	}
	i := bytes.LastIndexByte(response, ' ') // a user may have spaces, a digest has none
	if i < 0 {
		return nil, false, errResponse
	}
	user, digest := string(response[:i]), response[i+1:]
	a := c.sink.accounts[user]
	if !c.sink.config.AuthAny && (a == nil || !hmac.Equal(digest, cramDigest(a.Password, c.challenge))) {
		return nil, false, errCredentials
	}
	*c.login = user
	return nil, true, nil
}

// cramDigest is the client's proof, in lower case hexadecimal.
func cramDigest(password string, challenge []byte) []byte {
	mac := hmac.New(md5.New, []byte(password))
	mac.Write(challenge)
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// A scramServer is SCRAM without channel binding (RFC 5802, RFC 7677).
type scramServer struct {
	*scram.ServerConversation
	login *string
}

// scramWith returns the start of SCRAM with a hash and with what is stored for it.
func scramWith(hash scram.HashGeneratorFcn, stored func(*account) (scram.StoredCredentials, error)) func(*session, *string) sasl.Server {
	return func(s *session, login *string) sasl.Server {
		server, err := hash.NewServer(func(user string) (scram.StoredCredentials, error) {
			if a := s.sink.accounts[user]; a != nil {
				return stored(a)
			}
			return scram.StoredCredentials{}, errCredentials
		})
		if err != nil {
			return failing{err}
		}
		server.WithNonceGenerator(func() string {
			return strconv.FormatUint(s.random.next(), 36) + strconv.FormatUint(s.random.next(), 36)
		})
		return &scramServer{server.NewConversation(), login}
	}
}

// Next implements sasl.Server. The server's signature is a challenge of its own, which
// the client answers with nothing (RFC 4422 section 5, RFC 4954 section 4).
func (c *scramServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil:
		return []byte{}, false, nil
	case c.Done() && !c.Valid():
		return nil, false, errCredentials
	case c.Done() && len(response) > 0:
		return nil, false, errResponse
	case c.Done():
		*c.login = c.Username()
		return nil, true, nil
	}
	said, err := c.Step(string(response))
	switch {
	case err != nil && said == "":
		return nil, false, errResponse
	case err != nil:
		return nil, false, errCredentials
	case c.AuthzID() != "" && c.AuthzID() != c.Username():
		return nil, false, errCredentials
	}
	return []byte(said), false, nil
}

// endless asks again and again.
type endless struct{}

// Next implements sasl.Server.
func (endless) Next([]byte) ([]byte, bool, error) { return []byte("Again:"), false, nil }

// failing is an exchange that the server cannot begin.
type failing struct{ err error }

// Next implements sasl.Server.
func (f failing) Next([]byte) ([]byte, bool, error) { return nil, false, f.err }

// A bearer is OAUTHBEARER (RFC 7628).
type bearer struct{ sasl.Server }

func startBearer(s *session, login *string) sasl.Server {
	return bearer{sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
		if !s.sink.admits(o.Username, o.Token) {
			return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
		}
		*login = o.Username
		return nil
	})}
}

// Next implements sasl.Server. A client that answers an error with nothing at all means
// the same as one that answers as RFC 7628 section 3.2.3 wants, and the library does not expect it.
func (b bearer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response != nil && len(response) == 0 {
		response = []byte{1}
	}
	if challenge, done, err = b.Server.Next(response); err != nil {
		err = errCredentials
	}
	return challenge, done, err
}

// An xoauth2 is XOAUTH2, the bearer mechanism of before RFC 7628.
type xoauth2 struct {
	sink   *Sink
	login  *string
	failed bool
}

func startXOAUTH2(s *session, login *string) sasl.Server {
	return &xoauth2{sink: s.sink, login: login}
}

// Next implements sasl.Server. A failure is told in JSON first, and the client says
// nothing to it.
func (x *xoauth2) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case x.failed:
		return nil, false, errCredentials
	case response == nil:
		return []byte{}, false, nil
	}
	user, token, ok := cutBearer(string(response))
	if !ok {
		return nil, false, errResponse
	}
	if !x.sink.admits(user, token) {
		x.failed = true
		return []byte(`{"status":"401","schemes":"bearer"}`), false, nil
	}
	*x.login = user
	return nil, true, nil
}

// cutBearer takes "user=" user ^A "auth=Bearer " token ^A ^A apart.
func cutBearer(response string) (user, token string, ok bool) {
	rest, isUser := strings.CutPrefix(response, "user=")
	user, rest, _ = strings.Cut(rest, "\x01")
	rest, isBearer := strings.CutPrefix(rest, "auth=Bearer ")
	token, isWhole := strings.CutSuffix(rest, "\x01\x01")
	return user, token, isUser && isBearer && isWhole
}
