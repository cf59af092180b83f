package sink

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"
)

// A mechanism is one of SASL (RFC 4422) that AUTH may name.
type mechanism struct {
	name string
	// clear: the password itself crosses the connection, which therefore has to be
	// private or secure.
	clear bool
	// challenges: the server speaks first, and an initial response is an error.
	challenges bool
	// stored: the server has to know the password to take its part.
	stored bool
	// needs is the standing without which the mechanism means nothing.
	needs standing
	// start returns the server's side of an exchange. Its login is the user who turns
	// out to be there.
	start func(s *session, login *string) sasl.Server
}

// mechanisms are those of this sink, in the order of the EHLO reply.
var mechanisms = []mechanism{
	{name: "PLAIN", clear: true, start: startPlain},
	{name: "LOGIN", clear: true, start: startLogin},
	{name: "CRAM-MD5", challenges: true, start: startCRAM},
	{name: "SCRAM-SHA-1", stored: true, start: scramWith(scram.SHA1, func(a *account) (scram.StoredCredentials, error) { return a.sha1() })},
	{name: "SCRAM-SHA-256", stored: true, start: scramWith(scram.SHA256, func(a *account) (scram.StoredCredentials, error) { return a.sha256() })},
	{name: "XOAUTH2", clear: true, start: startXOAUTH2},
	{name: "OAUTHBEARER", clear: true, start: startBearer},
	{name: "EXTERNAL", needs: certified, start: startExternal},
}

// The ways in which an exchange fails, the server's own faults aside.
var (
	errCredentials = errors.New("the credentials are wrong")
	errResponse    = errors.New("the response is not the mechanism's")
)

// sameSecret compares in constant time.
func sameSecret(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// chosen reports whether c lets the mechanism be offered at all.
func (m *mechanism) chosen(c *Config) bool {
	switch byPassword := m.needs&certified == 0; {
	case m.stored && len(c.Accounts) == 0, byPassword && !c.knowsPasswords():
		return false
	}
	return len(c.Mechanisms) == 0 || slices.ContainsFunc(c.Mechanisms, func(name string) bool { return strings.EqualFold(name, m.name) })
}

// offeredMechanisms returns the names for the EHLO reply at a standing.
func offeredMechanisms(c *Config, st standing) (names []string) {
	for i := range mechanisms {
		m := &mechanisms[i]
		if m.chosen(c) && m.allowed(st) && st&m.needs == m.needs {
			names = append(names, m.name)
		}
	}
	return names
}

// allowed reports whether what the mechanism sends may cross the connection.
func (m *mechanism) allowed(st standing) bool { return !m.clear || st&(secure|private) != 0 }

// findMechanism returns the mechanism of that name; nil is none.
func findMechanism(c *Config, name []byte) *mechanism {
	for i := range mechanisms {
		if m := &mechanisms[i]; is(name, m.name) && m.chosen(c) {
			return m
		}
	}
	return nil
}

// checkMechanisms returns an error for each name that stands for nothing.
func checkMechanisms(names []string) error {
	var faults []error
	for _, name := range names {
		known := func(m mechanism) bool { return strings.EqualFold(m.name, name) }
		if !slices.ContainsFunc(mechanisms, known) {
			faults = append(faults, fmt.Errorf("mechanism %q is not known", name))
		}
	}
	return errors.Join(faults...)
}

// startPlain begins PLAIN (RFC 4616). Nobody may act for another.
func startPlain(s *session, login *string) sasl.Server {
	return sasl.NewPlainServer(func(identity, user, password string) error {
		if identity != "" && identity != user || !s.sink.admits(user, password) {
			return errCredentials
		}
		*login = user
		return nil
	})
}

// startExternal begins EXTERNAL (RFC 4422 appendix A): the client is who its
// certificate says.
func startExternal(s *session, login *string) sasl.Server {
	return sasl.NewExternalServer(func(identity string) error {
		names := certificateNames(s.peer.TLS)
		if len(names) == 0 || identity != "" && !slices.Contains(names, identity) {
			return errCredentials
		}
		*login = names[0]
		if identity != "" {
			*login = identity
		}
		return nil
	})
}
