package session

import (
	"bytes"
	"crypto/tls"

	"pgregory.net/rapid"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A wire is a transport of one conversation, in memory, whose clock is set by hand. It holds the
// conversation to the seam's contract, and spoils what is only lent, so that nobody keeps it.
type wire struct {
	t    rapid.TB
	conv transport.Conversation

	now    timing.Instant
	since  timing.Instant // of the dial
	until  timing.Instant
	in     []byte // arrived, not taken
	out    []byte // said, not looked at
	spoke  timing.Instant
	dialed *transport.Endpoint // of the dial that is under way

	open, writing bool
	shaking       bool // a handshake was begun
	hungUp        int  // the client's closes, not looked at
	done          bool

	took, said int64 // octets of all connections

	lent, scratch [4096]byte
}

func newWire(t rapid.TB, c transport.Conversation) *wire {
	return &wire{t: t, conv: c, now: 1_000_000_000}
}

// event delivers an event, and those that follow from it at once.
func (w *wire) event(e transport.Event) {
	w.t.Helper()
	for more := true; more; {
		if w.done {
			w.t.Fatalf("event %d after Done", e.Kind)
		}
		lent := w.in
		if len(lent) < len(spoilt) {
			lent = append(w.lent[:0], w.in...)
		}
		e.Now, e.In, e.Scratch = w.now, lent, w.scratch[:0]
		a := w.conv.Handle(&e)
		w.take(&a)
		e, more = w.carryOut(&a)
		copy(w.lent[:], spoilt)
		copy(w.scratch[:], spoilt)
		if !more && a.Taken > 0 && w.open && len(w.in) > 0 {
			e, more = transport.Event{Kind: transport.Received}, true
		}
		if !more && w.until > 0 && w.until <= w.now {
			e, more = transport.Event{Kind: transport.Expired}, true
		}
	}
}

// spoilt is what is left of what was lent.
var spoilt = bytes.Repeat([]byte("!"), 4096)

func (w *wire) take(a *transport.Action) {
	w.t.Helper()
	if a.Taken < 0 || a.Taken > len(w.in) {
		w.t.Fatalf("took %d of %d octets", a.Taken, len(w.in))
	}
	w.in = w.in[a.Taken:]
	w.took += int64(a.Taken)
	w.until = a.Until
}

// carryOut does what the conversation wants, and returns what follows at once.
func (w *wire) carryOut(a *transport.Action) (e transport.Event, more bool) {
	w.t.Helper()
	if w.writing && a.Do != transport.Wait && a.Do != transport.Close {
		w.t.Fatalf("verb %d while a Write is unfinished", a.Do)
	}
	switch a.Do {
	case transport.Dial:
		w.dialed, w.since = a.Dial, w.now
	case transport.Write:
		if !w.open {
			w.t.Fatal("Write without a connection")
		}
		w.out = append(append(w.out, a.Head...), a.Body...)
		w.said += int64(len(a.Head) + len(a.Body))
		w.spoke, w.writing = w.now, a.Notify
	case transport.StartTLS:
		if !w.open || len(w.in) > 0 || a.TLS.Server {
			w.t.Fatalf("StartTLS: open %t, %q not taken, as a server %t", w.open, w.in, a.TLS.Server)
		}
		w.shaking = true
	case transport.Close:
		if w.open {
			w.hungUp++
		}
		w.open, w.writing, w.shaking, w.dialed, w.in = false, false, false, nil, nil
		return transport.Event{Kind: transport.Closed}, true
	case transport.Done:
		w.done, w.open = true, false
	}
	return transport.Event{}, false
}

// connect answers the dial.
func (w *wire) connect() {
	w.t.Helper()
	w.open, w.dialed = true, nil
	w.event(transport.Event{Kind: transport.Opened, Peer: &transport.Peer{}, Since: w.since})
}

// shook ends the handshake.
func (w *wire) shook() {
	w.t.Helper()
	w.shaking = false
	w.event(transport.Event{Kind: transport.Secured, Peer: &transport.Peer{TLS: &tls.ConnectionState{Version: tls.VersionTLS13}}})
}

// lose breaks the connection, or the attempt at one.
func (w *wire) lose(f timing.Fault) {
	w.t.Helper()
	w.open, w.writing, w.shaking, w.dialed, w.in = false, false, false, nil, nil
	w.event(transport.Event{Kind: transport.Broken, Since: w.since, Fault: f})
}

// hear delivers octets as one read.
func (w *wire) hear(octets string) {
	w.t.Helper()
	w.in = append(w.in, octets...)
	w.event(transport.Event{Kind: transport.Received})
}

// wrote ends the unfinished write.
func (w *wire) wrote() {
	w.t.Helper()
	w.writing = false
	w.event(transport.Event{Kind: transport.Written})
}

// expire lets the time pass until the timer.
func (w *wire) expire() {
	w.t.Helper()
	if w.until <= w.now {
		w.t.Fatalf("at %d, no timer is set that could expire: %d", w.now, w.until)
	}
	w.now = w.until
	w.event(transport.Event{Kind: transport.Expired})
}
