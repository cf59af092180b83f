package sink

import (
	"net/netip"

	"mailmill/loadgen/transport"
)

// An identity is what a session has to keep of who its client is.
type identity struct {
	helo      string     // what EHLO or HELO gave
	login     string     // as whom it authenticated
	addr      netip.Addr // where it is, as a trusted peer says; invalid: at the other end of the connection
	forwarded string     // what XFORWARD said of this mail transaction
	domains   []string   // of its recipients so far, in lower case, where their number is limited
	counted   netip.Addr // among the sessions of this address
}

// identity returns the session's, made at the first call.
func (s *session) identity() *identity {
	if s.who == nil {
		s.who = &identity{}
	}
	return s.who
}

// source is where the client is; invalid for a UNIX socket.
func (s *session) source() netip.Addr {
	if s.who != nil && s.who.addr.IsValid() {
		return s.who.addr
	}
	return sourceOf(s.peer)
}

func sourceOf(p *transport.Peer) netip.Addr {
	if p == nil || p.Remote.Path != "" {
		return netip.Addr{}
	}
	return p.Remote.Addr.Addr().Unmap()
}

// address is where the client is, in words.
func (s *session) address() string {
	if a := s.source(); a.IsValid() {
		return a.String()
	}
	return "unix"
}

// trusts reports whether who is there may say whom it speaks for. Whoever can open a
// UNIX socket may.
func (c *Config) trusts(a netip.Addr) bool {
	if !a.IsValid() || c.Trusted == nil && a.IsLoopback() {
		return true
	}
	for _, p := range c.Trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// standing is what a connection from an address gives a right to.
func (c *Config) standing(a netip.Addr) (st standing) {
	if c.AuthInClear || !a.IsValid() || a.IsLoopback() {
		st |= private
	}
	if c.trusts(a) {
		st |= trusted
	}
	return st
}

// begin begins the session proper, once it is known where the client is.
func (s *session) begin(t *turn) {
	k, at := s.sink, s.source()
	s.standing, s.gates = k.config.standing(at), k.gates
	if most := k.config.MaxSessionsPerSource; most > 0 {
		s.identity().counted = at
		s.crowded = s.crowded || !k.sources.enter(at, most)
	}
	if k.config.ImplicitTLS {
		s.secureNext()
		return
	}
	s.phase, s.early = opening, len(t.rest()) > 0
}
