package transport

import (
	"crypto/tls"
	"sync"
	"time"

	"mailmill/loadgen/timing"
)

const (
	scratchOctets = 4096            // the capacity of Event.Scratch
	maxUntaken    = 1 << 20         // octets kept for a conversation that does not take them; beyond, reading stops
	dialPermits   = 256             // Options.Dials where it is 0
	lingerLimit   = 2 * time.Second // how long a polite Close waits for the peer's FIN
	lingerOctets  = 256 << 10       // and how many octets it reads for that
)

var scratches = sync.Pool{New: func() any { return new([scratchOctets]byte) }}

// A phase is how far a dialogue's connection has come.
type phase uint8

const (
	phaseNone   phase = iota // no connection
	phaseQueued              // a dial waits for a permit
	phaseDialing
	phaseOpen
	phaseShaking // the TLS handshake is under way
	phaseClosing // the conversation's own Close is not complete: nothing else is delivered
	phaseOver
)

// A carrier moves the octets of one dialogue. Its methods begin something and
// return; what comes of it later is told to the dialogue.
type carrier interface {
	Now() timing.Instant
	// dial begins an attempt; opened or failed follows. It reports whether the
	// attempt waits for a permit; if so, permitted comes first.
	dial(e Endpoint) (waits bool)
	// write reports whether all went at once; if not, wrote or failed follows. It
	// copies what it keeps of head.
	write(head, body []byte) bool
	// shake begins a handshake, of which in are the first octets; secured or failed follows.
	shake(t *TLS, in []byte)
	// close ends the connection or the attempt, and any unfinished write. It
	// reports whether that is complete; if not, closed follows. HalfWay is always
	// complete, and ends only this side's direction.
	close(how Closing) bool
}

// A dialogue is a conversation as a transport drives it: it turns what a
// carrier has to tell into events, and actions into the carrier's work. The
// rules of Event and Action that do not depend on how octets are moved are here.
type dialogue struct {
	c     Conversation
	wire  carrier
	waker Waker
	allow func(Endpoint) error
	tally func() // called for each event

	event  Event  // here, and not on the stack of handle, from which they would
	action Action // move to the heap with each event
	phase  phase
	peer   *Peer
	now    timing.Instant // of the last event
	since  timing.Instant // the attempt began
	waited bool           // for the permit to dial
	until  timing.Instant
	putOff time.Duration // what was left of the timer when a dial began to wait for its permit; 0: no timer

	in    []byte // arrived and not taken: part of rest, or of the buffer that was read into
	rest  []byte // keeps in between two events
	owed  bool   // something was taken since in was last offered as Received
	deaf  bool
	ended bool // the peer's FIN has come

	spoken  bool // something was written on this connection
	writing bool // a Write is unfinished
	shut    bool // HalfWay was asked for
}

// listening reports whether octets and FIN of the peer are wanted now.
func (d *dialogue) listening() bool {
	return d.phase == phaseOpen && !d.deaf && !d.ended && len(d.in) < maxUntaken
}

func (d *dialogue) start() { d.handle(Event{Kind: Started, Now: d.wire.Now(), Waker: d.waker}) }

func (d *dialogue) opened(now timing.Instant, p *Peer) {
	d.attach(p)
	d.handle(Event{Kind: Opened, Now: now, Since: d.since, Waited: d.waited})
}

// accepted begins a conversation whose connection is open already.
func (d *dialogue) accepted(p *Peer) {
	d.attach(p)
	d.since = d.wire.Now()
	d.start()
	if d.phase == phaseOpen {
		d.handle(Event{Kind: Opened, Now: d.wire.Now(), Since: d.since})
	}
}

// resume goes on with a conversation that another transport began: in is what
// it has not taken, and a is what it wants next, Taken aside.
func (d *dialogue) resume(p *Peer, in []byte, spoken bool, a *Action) {
	d.attach(p)
	d.in, d.spoken, d.until, d.deaf = in, spoken, a.Until, a.Deaf
	d.action = *a
	if verbs[a.Do](d) {
		d.handle(d.event)
	}
}

// attach makes the dialogue ready for a new connection.
func (d *dialogue) attach(p *Peer) {
	d.phase, d.peer = phaseOpen, p
	d.in, d.owed, d.deaf, d.ended = nil, false, false, false
	d.spoken, d.writing, d.shut = false, false, false
}

// arrived offers b behind what was not taken before. b is not kept.
func (d *dialogue) arrived(now timing.Instant, b []byte) {
	if len(d.in) == 0 {
		d.in = b
	} else {
		d.rest = append(d.rest, b...)
		d.in = d.rest
	}
	d.handle(Event{Kind: Received, Now: now})
}

// fin tells of the peer's FIN.
func (d *dialogue) fin(now timing.Instant) {
	d.ended = true
	d.handle(Event{Kind: Ended, Now: now})
}

func (d *dialogue) wrote(now timing.Instant) {
	d.writing = false
	d.handle(Event{Kind: Written, Now: now})
}

func (d *dialogue) secured(now timing.Instant, state tls.ConnectionState) {
	d.phase = phaseOpen
	secure := *d.peer
	secure.TLS = &state
	d.peer = &secure
	d.handle(Event{Kind: Secured, Now: now})
}

// failed tells that the connection, or the attempt at one, is gone.
func (d *dialogue) failed(now timing.Instant, f timing.Fault) {
	d.phase, d.writing = phaseNone, false
	d.handle(Event{Kind: Broken, Now: now, Since: d.since, Waited: d.waited, Fault: f})
}

func (d *dialogue) closed(now timing.Instant) {
	d.phase = phaseNone
	d.handle(Event{Kind: Closed, Now: now})
}

func (d *dialogue) expire(now timing.Instant) {
	d.until = 0
	d.handle(Event{Kind: Expired, Now: now})
}

func (d *dialogue) wake(now timing.Instant) { d.handle(Event{Kind: Woken, Now: now}) }

// handle delivers e and every event that follows from it at once.
func (d *dialogue) handle(e Event) {
	scratch := scratches.Get().(*[scratchOctets]byte)
	d.event = e
	for more := true; more; {
		d.now = max(d.event.Now, d.now) // what another goroutine stamped may come after what this one did
		d.event.Now, d.event.In, d.event.Scratch, d.event.Peer = d.now, d.in, scratch[:0], d.peer
		kind := d.event.Kind
		d.tally()
		d.action = d.c.Handle(&d.event)
		d.take(kind)
		more = d.follow()
	}
	d.event, d.action = Event{}, Action{} // they point to what others use now
	scratches.Put(scratch)
	d.keep()
}

// take notes what the action says about octets and time.
func (d *dialogue) take(answered EventKind) {
	if answered == Received {
		d.owed = false
	}
	d.in = d.in[d.action.Taken:]
	d.owed = d.owed || d.action.Taken > 0
	d.deaf, d.until = d.action.Deaf, d.action.Until
	if answered == Broken || answered == Closed {
		d.in, d.peer = nil, nil
	}
}

// keep moves what was not taken out of the buffer that was read into. A large
// store is given back when it is empty, so that an idle conversation costs little.
func (d *dialogue) keep() {
	switch {
	case len(d.in) > 0:
		d.rest = append(d.rest[:0], d.in...)
		d.in = d.rest
	case cap(d.rest) > scratchOctets:
		d.rest = nil
	}
}

// follow carries the action out. It reports whether an event follows at once.
func (d *dialogue) follow() bool {
	if verbs[d.action.Do](d) {
		return true
	}
	d.event = Event{Kind: Received, Now: d.now}
	return d.owed && !d.deaf && d.phase == phaseOpen && len(d.in) > 0
}
