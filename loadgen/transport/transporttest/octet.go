package transporttest

import (
	"sync/atomic"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// OneOctet returns c fed in the smallest pieces: however much arrives, c is
// offered one octet more at a time. A conversation must do the same with it as
// without.
func OneOctet(c transport.Conversation) transport.Conversation { return &oneOctet{c: c} }

type oneOctet struct {
	c     transport.Conversation
	shown int // octets of In that c has seen and not taken
	waker *octetWaker
	until timing.Instant // as c's last action said
	deaf  bool
}

// Handle shows c what it has seen, and then octet after octet for as long as it
// only waits.
func (o *oneOctet) Handle(given *transport.Event) transport.Action {
	e := *given // the transport's own is not to be changed
	if e.Kind == transport.Started {
		o.waker = &octetWaker{Waker: e.Waker}
		e.Waker = o.waker
	}
	in, taken := e.In, 0
	o.shown = min(o.shown, len(in))
	if e.Kind == transport.Woken && !o.waker.asked.Swap(false) {
		if o.deaf || o.shown == len(in) {
			return transport.Action{Until: o.until, Deaf: o.deaf}
		}
		e.Kind = transport.Received
	}
	if e.Kind == transport.Received && o.shown < len(in) {
		o.shown++
	}
	a := o.show(e, in)
	for a.Do == transport.Wait && !a.Deaf {
		taken += a.Taken
		in = in[a.Taken:]
		if o.shown == len(in) {
			a.Taken = taken
			return a
		}
		o.shown++
		e.Kind = transport.Received
		a = o.show(e, in)
	}
	if o.shown < len(in)-a.Taken && taken+a.Taken == 0 && !a.Deaf {
		o.waker.Waker.Wake() // the transport will not offer again what c has not been shown
	}
	a.Taken += taken
	return a
}

func (o *oneOctet) show(e transport.Event, in []byte) transport.Action {
	e.In = in[:o.shown]
	e.Scratch = e.Scratch[:0]
	a := o.c.Handle(&e)
	o.shown -= a.Taken
	o.until, o.deaf = a.Until, a.Deaf
	return a
}

// An octetWaker remembers that the conversation itself was to be woken.
type octetWaker struct {
	transport.Waker
	asked atomic.Bool
}

func (w *octetWaker) Wake() {
	w.asked.Store(true)
	w.Waker.Wake()
}
