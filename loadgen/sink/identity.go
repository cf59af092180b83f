package sink

import "mailmill/loadgen/transport"

// An identity is what a session has to keep of who its client is.
type identity struct {
	helo  string // what EHLO or HELO gave
	login string // as whom it authenticated
}

// identity returns the session's, made at the first call.
func (s *session) identity() *identity {
	if s.who == nil {
		s.who = &identity{}
	}
	return s.who
}

// standing is what a new connection's peer gives a right to.
func (k *Sink) standing(p *transport.Peer) (st standing) {
	if k.config.AuthInClear || p.Remote.Path != "" || p.Remote.Addr.Addr().Unmap().IsLoopback() {
		st |= private
	}
	return st
}
