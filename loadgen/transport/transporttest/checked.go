package transporttest

import (
	"sync/atomic"
	"testing"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// Checked returns c under watch: t fails when the transport gives c an event
// that the contract does not allow.
func Checked(t testing.TB, c transport.Conversation) transport.Conversation {
	return &checked{t: t, c: c}
}

type checked struct {
	t    testing.TB
	c    transport.Conversation
	busy atomic.Bool
	over atomic.Bool
	last transport.Event
	act  transport.Action
	any  bool
	open bool
	fin  bool
	left int // octets that were offered and not taken
}

func (w *checked) Handle(e *transport.Event) transport.Action {
	if w.busy.Swap(true) {
		w.t.Errorf("event %d while another is being handled", e.Kind)
	}
	for _, rule := range eventRules {
		if !rule.holds(w, e) {
			w.t.Errorf("event %d at %d: %s (the event before: %d at %d, the action before: %+v)",
				e.Kind, e.Now, rule.is, w.last.Kind, w.last.Now, w.act.Do)
		}
	}
	w.note(e)
	a := w.c.Handle(e)
	w.last, w.act, w.any = *e, a, true
	w.last.In = nil
	w.left = len(e.In) - a.Taken
	if a.Do == transport.Dial || a.Do == transport.Close && a.How != transport.HalfWay {
		w.open, w.left = false, 0
	}
	if a.Do == transport.Done {
		w.over.Store(true)
	}
	w.busy.Store(false)
	return a
}

// note follows the connection.
func (w *checked) note(e *transport.Event) {
	switch e.Kind {
	case transport.Opened:
		w.open, w.fin, w.left = true, false, 0
	case transport.Broken, transport.Closed:
		w.open = false
	case transport.Ended:
		w.fin = true
	}
}

// closing reports whether the conversation waits for the end of its own Close.
func (w *checked) closing() bool {
	return w.any && w.act.Do == transport.Close && w.act.How != transport.HalfWay
}

// eventRules are what is true of each event. The state is that before the event.
var eventRules = []struct {
	is    string
	holds func(w *checked, e *transport.Event) bool
}{
	{"the first event, and no other, is Started", func(w *checked, e *transport.Event) bool {
		return (e.Kind == transport.Started) != w.any
	}},
	{"Started brings the Waker", func(w *checked, e *transport.Event) bool {
		return e.Kind != transport.Started || e.Waker != nil
	}},
	{"no event follows Done", func(w *checked, e *transport.Event) bool { return !w.over.Load() }},
	{"Now is greater than 0 and never goes back", func(w *checked, e *transport.Event) bool {
		return e.Now > 0 && e.Now >= w.last.Now
	}},
	{"Scratch has length 0 and room for 4096 octets", func(w *checked, e *transport.Event) bool {
		return len(e.Scratch) == 0 && cap(e.Scratch) >= 4096
	}},
	{"Opened brings the Peer", func(w *checked, e *transport.Event) bool {
		return e.Kind != transport.Opened || e.Peer != nil
	}},
	{"Opened, and Broken after Dial, tell since when", func(w *checked, e *transport.Event) bool {
		answer := e.Kind == transport.Opened || e.Kind == transport.Broken && w.act.Do == transport.Dial
		return !answer || e.Since > 0 && e.Since <= e.Now
	}},
	{"Secured brings the state of TLS", func(w *checked, e *transport.Event) bool {
		return e.Kind != transport.Secured || e.Peer != nil && e.Peer.TLS != nil
	}},
	{"Broken brings a fault, and only Broken does", func(w *checked, e *transport.Event) bool {
		return (e.Kind == transport.Broken) == (e.Fault.Kind != timing.NoFault)
	}},
	{"Received brings octets", func(w *checked, e *transport.Event) bool {
		return e.Kind != transport.Received || len(e.In) > 0
	}},
	{"Received, Written, Secured and Ended need a connection", func(w *checked, e *transport.Event) bool {
		switch e.Kind {
		case transport.Received, transport.Written, transport.Secured, transport.Ended:
			return w.open
		}
		return true
	}},
	{"nothing is received, and nothing ends, after Deaf", func(w *checked, e *transport.Event) bool {
		return !w.act.Deaf || e.Kind != transport.Received && e.Kind != transport.Ended
	}},
	{"nothing is received after Ended but what was not taken", func(w *checked, e *transport.Event) bool {
		return e.Kind != transport.Received || !w.fin || len(e.In) <= w.left
	}},
	{"Ended comes once a connection", func(w *checked, e *transport.Event) bool {
		return e.Kind != transport.Ended || !w.fin
	}},
	{"what was not taken is offered again with every event", func(w *checked, e *transport.Event) bool {
		return !w.open || e.Kind == transport.Broken || w.act.Do == transport.StartTLS || len(e.In) >= w.left
	}},
	{"only Closed, or a Woken, follows Close", func(w *checked, e *transport.Event) bool {
		return !w.closing() || e.Kind == transport.Closed || e.Kind == transport.Woken
	}},
	{"Expired follows an Until that has passed", func(w *checked, e *transport.Event) bool {
		return e.Kind != transport.Expired || w.act.Until != 0 && e.Now >= w.act.Until
	}},
}
