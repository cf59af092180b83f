package login

import (
	"encoding/base64"
	"errors"
	"sync"

	"github.com/emersion/go-sasl"

	"mailmill/loadgen/smtp"
)

// Lines of an exchange.
const (
	// Cancel gives an exchange up (RFC 4954 section 4); the server answers 501.
	Cancel = "*\r\n"
	// maxCommand is the longest AUTH command with its CRLF: a longer initial response has to wait for
	// the first challenge (RFC 4954 section 4).
	maxCommand = 512
	// maxChallenges is more than any mechanism here has; a server that asks on and on is stopped.
	maxChallenges = 8
)

// An Exchange is one AUTH under way. It is used once.
type Exchange struct {
	mechanism  *mechanism
	client     sasl.Client
	withheld   []byte // initial response that did not fit the command
	challenges int

	mu      sync.Mutex // an answer may be made in one goroutine while another hides what is known
	secrets []string   // the password, and what was said of it
}

// keep adds what was said to what is hidden.
func (x *Exchange) keep(secret []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.secrets = append(x.secrets, string(secret))
}

// begin makes an exchange of u by the mechanism.
func (m *mechanism) begin(u *User) (*Exchange, error) {
	client, err := m.start(u)
	if err != nil {
		return nil, err
	}
	return &Exchange{mechanism: m, client: client, secrets: []string{u.Password}}, nil
}

// Mechanism returns the mechanism's name.
func (x *Exchange) Mechanism() string { return x.mechanism.name }

// AppendCommand appends the AUTH command, with the initial response where there is one and the line does not become
// longer than 512 octets. The error says why the mechanism cannot be used.
func (x *Exchange) AppendCommand(dst []byte) ([]byte, error) {
	_, initial, err := x.client.Start()
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(append(dst, "AUTH "...), x.mechanism.name...)
	switch {
	case initial == nil:
	case len(initial) == 0:
		dst = append(dst, " ="...)
	case len(dst)-start+len(" \r\n")+base64.StdEncoding.EncodedLen(len(initial)) > maxCommand:
		x.withheld = initial
	default:
		dst = append(dst, ' ')
		said := len(dst)
		dst = base64.StdEncoding.AppendEncode(dst, initial)
		x.keep(dst[said:])
	}
	return append(dst, '\r', '\n'), nil
}

// AppendAnswer appends the line that answers a challenge, which is the text of a 334 reply. After an error the
// exchange is over: what is left to say is Cancel.
func (x *Exchange) AppendAnswer(dst, challenge []byte) ([]byte, error) {
	decoded, err := smtp.DecodeResponse(challenge)
	if err != nil {
		return dst, errors.New("the server's challenge is not base64 (RFC 4954 section 4)")
	}
	if x.challenges++; x.challenges > maxChallenges {
		return dst, errTooMuch
	}
	answer := x.withheld
	x.withheld = nil
	if answer == nil {
		if answer, err = x.client.Next(decoded); errors.Is(err, sasl.ErrUnexpectedServerChallenge) {
			err = errTooMuch
		}
		if err != nil {
			return dst, err
		}
	}
	said := len(dst)
	dst = base64.StdEncoding.AppendEncode(dst, answer)
	x.keep(dst[said:])
	return append(dst, '\r', '\n'), nil
}

// Slow tells that the answer to a challenge costs milliseconds: a key has to be derived that is not known
// yet. AppendAnswer may be called from another goroutine then.
func (x *Exchange) Slow(challenge []byte) bool {
	s, ok := x.client.(*salted)
	return ok && x.withheld == nil && s.slow(challenge)
}

// Confirm tells whether a server that says 235 has shown that it knows the user too, where the mechanism asks
// that of it.
func (x *Exchange) Confirm() error {
	if s, ok := x.client.(*salted); ok && !s.conversation.Valid() {
		return errors.New("the server let the user in without showing that it knows the password (RFC 5802 section 3)")
	}
	return nil
}
