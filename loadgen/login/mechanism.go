package login

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"
)

// A mechanism is one of SASL that AUTH may name.
type mechanism struct {
	name string
	// automatic: it may be chosen where nobody names one. The others take no password, but a token or a certificate.
	automatic bool
	start     func(*User) (sasl.Client, error)
}

// mechanisms are those that are known, the best first: what shows a password to nobody, then what shows it to the
// server alone, or to everyone in between.
var mechanisms []mechanism

func init() {
	mechanisms = []mechanism{
		{"SCRAM-SHA-256", true, scramWith(scram.SHA256)},
		{"SCRAM-SHA-1", true, scramWith(scram.SHA1)},
		{"CRAM-MD5", true, func(u *User) (sasl.Client, error) { return &cram{u}, nil }},
		{"PLAIN", true, func(u *User) (sasl.Client, error) { return sasl.NewPlainClient("", u.Name, u.Password), nil }},
		{"LOGIN", true, func(u *User) (sasl.Client, error) { return &prompted{user: u}, nil }},
		{"XOAUTH2", false, func(u *User) (sasl.Client, error) { return &bearer{xoauth2(u), nil}, nil }},
		{"OAUTHBEARER", false, func(u *User) (sasl.Client, error) { return &bearer{oauthBearer(u), []byte{1}}, nil }},
		{"EXTERNAL", false, func(u *User) (sasl.Client, error) { return sasl.NewExternalClient(u.Name), nil }},
	}
	for _, m := range mechanisms {
		if m.automatic {
			automatic = append(automatic, m.name)
		}
	}
}

// automatic are the mechanisms to choose from where nobody names one.
var automatic []string

// Mechanisms returns the names of the mechanisms that are known, the best first.
func Mechanisms() []string {
	names := make([]string, len(mechanisms))
	for i, m := range mechanisms {
		names[i] = m.name
	}
	return names
}

// find returns the mechanism of that name, in any case; nil is none.
func find(name string) *mechanism {
	for i := range mechanisms {
		if strings.EqualFold(mechanisms[i].name, name) {
			return &mechanisms[i]
		}
	}
	return nil
}

var errTooMuch = errors.New("the server asks for more than the mechanism has to say")

// cram is CRAM-MD5 (RFC 2195): the server speaks first.
type cram struct{ user *User }

func (c *cram) Start() (string, []byte, error) { return "CRAM-MD5", nil, nil }

func (c *cram) Next(challenge []byte) ([]byte, error) {
	if c.user == nil {
		return nil, errTooMuch
	}
	sum := hmac.New(md5.New, []byte(c.user.Password))
	sum.Write(challenge)
	answer := c.user.Name + " " + hex.EncodeToString(sum.Sum(nil))
	c.user = nil
	return []byte(answer), nil
}

// prompted is LOGIN (draft-murchison-sasl-login). Servers word their two prompts as they like: what
// counts is their order.
type prompted struct {
	user  *User
	asked int
}

// Start gives no initial response: not every server takes the name as one.
func (p *prompted) Start() (string, []byte, error) { return "LOGIN", nil, nil }

func (p *prompted) Next([]byte) ([]byte, error) {
	p.asked++
	switch p.asked {
	case 1:
		return []byte(p.user.Name), nil
	case 2:
		return []byte(p.user.Password), nil
	}
	return nil, errTooMuch
}

// bearer is a mechanism that says everything at once. Of a refusal the server tells the reason in a challenge,
// and waits for an answer without meaning before its reply.
type bearer struct {
	first, assent []byte
}

func (b *bearer) Start() (string, []byte, error) { return "", b.first, nil }

func (b *bearer) Next([]byte) ([]byte, error) {
	if b.first == nil {
		return nil, errTooMuch
	}
	b.first = nil
	return append([]byte{}, b.assent...), nil
}

// xoauth2 is the initial response of XOAUTH2.
func xoauth2(u *User) []byte {
	return []byte("user=" + u.Name + "\x01auth=Bearer " + u.Password + "\x01\x01")
}

// oauthBearer is that of OAUTHBEARER (RFC 7628 section 3.1). "=" and "," of a name are written as GS2 has them
// (RFC 5801 section 4).
func oauthBearer(u *User) []byte {
	name := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(u.Name)
	_, first, _ := sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: name, Token: u.Password}).Start()
	return first
}
