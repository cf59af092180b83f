package session

import (
	"sync/atomic"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// An errand is work that takes too long for an event loop: a look-up in the DNS, the derivation of a key. It wakes
// the session when it is done.
type errand struct {
	done atomic.Bool
	then sayer
}

// aside has work done, and goes on with then. A session that ends meanwhile forgets about it.
func (s *Session) aside(now timing.Instant, scratch []byte, work func(), then sayer) *transport.Action {
	if s.Loop.Aside == nil || s.which.Waker == nil {
		work()
		return then(s, now, scratch)
	}
	run := &errand{then: then}
	s.errand = run
	waker := s.which.Waker
	s.Loop.Aside(func() {
		work()
		run.done.Store(true)
		waker.Wake()
	})
	return s.act(transport.Wait)
}

// woken goes on behind an errand that is done.
func (s *Session) woken(e *transport.Event) *transport.Action {
	run := s.errand
	if run == nil || !run.done.Load() || s.leaving {
		return s.act(transport.Wait)
	}
	s.errand = nil
	return run.then(s, e.Now, e.Scratch)
}
