package transport

import (
	"net/netip"
	"slices"
	"sync/atomic"

	"mailmill/loadgen/timing"
)

// An actor is a conversation in a simulation.
type actor struct {
	dialogue
	s    *Simulated
	link *link // nil while there is no connection and no attempt
	end  int   // of the link
	to   Endpoint

	timer     timing.Instant // of its entry in the agenda; 0 none
	lingerEnd timing.Instant
	woken     atomic.Bool
	due       bool // Woken is to be delivered
	counted   bool // as ended
	tls       *TLS
	hello     []byte // what has come of the peer's part of the handshake
}

// The happenings of an actor.
type (
	beginning actor // Started
	waking    actor // Wake was called
	bell      actor // the timer's entry has come up
)

func (s *Simulated) newActor(c Conversation) *actor {
	a := &actor{s: s}
	a.dialogue = dialogue{c: c, wire: a, waker: a, allow: s.options.Allow, tally: s.tally}
	return a
}

func (s *Simulated) tally() { s.events.Add(1) }

// Now implements carrier.
func (a *actor) Now() timing.Instant { return a.s.Now() }

// Wake implements Waker.
func (a *actor) Wake() {
	if !a.woken.Swap(true) {
		a.s.post((*waking)(a))
	}
}

func (b *beginning) happen(*Simulated) {
	a := (*actor)(b)
	a.start()
	a.settle()
}

func (w *waking) happen(*Simulated) {
	a := (*actor)(w)
	a.due = true
	a.settle()
}

// happen looks at the timer. An entry that is not the timer's any more is left
// over from one that was moved forward.
func (b *bell) happen(s *Simulated) {
	a, now := (*actor)(b), s.Now()
	if a.timer != now {
		return
	}
	a.timer = 0
	switch until := a.deadline(); {
	case until == 0 || until > now:
	case a.phase == phaseClosing:
		a.detach()
		a.closed(now)
	default:
		a.expire(now)
	}
	a.settle()
}

// deadline is the instant at which the actor's timer is to fire; 0 none.
func (a *actor) deadline() timing.Instant {
	if a.phase == phaseClosing {
		return a.lingerEnd
	}
	return a.until
}

// settle delivers all that can be delivered now, and sets the timer. Every
// happening that may have changed the actor ends with it.
func (a *actor) settle() {
	for a.step() {
	}
	if a.phase == phaseOver {
		if !a.counted {
			a.counted = true
			a.s.ended()
		}
		return
	}
	if until := a.deadline(); until != 0 && (a.timer == 0 || until < a.timer) {
		a.timer = max(until, a.s.Now())
		a.s.queue.push(a.timer, (*bell)(a))
	}
}

// step delivers one event, if there is one.
func (a *actor) step() bool {
	switch {
	case a.phase == phaseOver:
		return false
	case a.due && a.phase != phaseClosing:
		a.due = false
		a.woken.Store(false)
		a.wake(a.Now())
		return true
	case a.link == nil || a.phase == phaseDialing:
		return false
	case a.phase == phaseShaking:
		return a.shakeOn()
	case a.phase == phaseClosing:
		return a.lingerOn()
	}
	return a.hearOn()
}

// in and out are the two directions of the actor's connection.
func (a *actor) in() *pipe  { return &a.link.pipes[a.end] }
func (a *actor) out() *pipe { return &a.link.pipes[1-a.end] }

// hearOn delivers what has arrived, and only then that nothing more will.
func (a *actor) hearOn() bool {
	in, now := a.in(), a.Now()
	switch {
	case a.listening() && in.arrived > 0:
		a.arrived(now, in.hear(in.arrived))
	case in.rst && (a.listening() || a.writing):
		a.detach()
		a.failed(now, timing.Fault{Kind: timing.Reset, Text: "connection reset by peer"})
	case a.listening() && in.fin:
		a.fin(now)
	default:
		return false
	}
	return true
}

// lingerOn goes on with a polite Close.
func (a *actor) lingerOn() bool {
	in := a.in()
	in.hear(in.arrived)
	if !in.fin && !in.rst {
		return false
	}
	a.detach()
	a.closed(a.Now())
	return true
}

// detach leaves the link.
func (a *actor) detach() {
	if a.link != nil {
		a.out().cut()
		a.link.ends[a.end] = nil
		a.link = nil
	}
}

// write implements carrier.
func (a *actor) write(head, body []byte) bool {
	return !a.in().rst && a.out().begun(head, body)
}

// close implements carrier.
func (a *actor) close(how Closing) bool {
	switch a.phase {
	case phaseQueued:
		a.s.turns = slices.DeleteFunc(a.s.turns, func(b *actor) bool { return a == b })
		return true
	case phaseDialing:
		a.s.release()
		a.out().send(segment{rst: true})
		a.detach()
		return true
	}
	out := a.out()
	out.cut()
	rst := how == Reset || how == Now && a.in().arrived > 0 || how != HalfWay && a.s.options.Linger0
	out.send(segment{fin: !rst, rst: rst})
	if how == HalfWay {
		return true
	}
	if how == Polite && !rst && a.phase == phaseOpen && !a.ended {
		a.lingerEnd = a.Now().Add(lingerLimit)
		return false
	}
	a.detach()
	return true
}

// A permit is what an actor that waits to dial waits for.
type permit Simulated

// dial implements carrier.
func (a *actor) dial(to Endpoint) (waits bool) {
	a.to = to
	if a.s.dialing >= a.s.options.Dials || len(a.s.turns) > 0 {
		a.s.turns = append(a.s.turns, a)
		return true
	}
	a.attempt()
	return false
}

func (a *actor) attempt() {
	a.s.dialing++
	a.link, a.end = a.s.newLink(a, a.to), 0
	a.link.begin()
}

// release gives a permit back.
func (s *Simulated) release() {
	s.dialing--
	if len(s.turns) > 0 {
		s.queue.push(s.Now(), (*permit)(s))
	}
}

func (*permit) happen(s *Simulated) {
	if len(s.turns) == 0 || s.dialing >= s.options.Dials {
		return
	}
	a := s.turns[0]
	s.turns = s.turns[1:]
	a.permitted(s.Now())
	a.attempt()
	a.settle()
}

// source is the address that an attempt comes from.
func (s *Simulated) source(to Endpoint) Endpoint {
	local := to.Local
	switch {
	case !to.Addr.IsValid():
		return Endpoint{Path: "@"}
	case local.IsValid():
	case to.Addr.Addr().Unmap().Is4():
		local = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	default:
		local = netip.IPv6Loopback()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return Endpoint{Addr: netip.AddrPortFrom(local, s.port())}
}
