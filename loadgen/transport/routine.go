package transport

import (
	"io"
	"net"
	"sync"
	"time"

	"mailmill/loadgen/timing"
)

// A routine is a conversation on its goroutine.
//
// The goroutine blocks in Read while there is a connection to hear, else on its
// bell. Other goroutines (of a dial, a handshake, an unfinished write, or those
// that wake it) leave word in the inbox and ring: a Read is interrupted by a
// deadline that has passed.
type routine struct {
	dialogue
	g    *goroutines
	loop int
	over func()

	conn    net.Conn  // nil while there is none
	in      io.Reader // conn, or TLS over it
	out     outlet
	number  int            // of the attempt or connection; word of an earlier one is stale
	abandon func()         // ends the attempt or handshake under way
	armed   timing.Instant // conn's read deadline; Never: none, 0: to be set anew
	more    bool           // the last read filled its buffer
	writer  *writer        // the unfinished write; nil if there is none

	lingerEnd timing.Instant
	lingered  int
	timer     *time.Timer
	bell      chan struct{}

	mu      sync.Mutex
	inbox   []func()
	woken   bool
	reading bool
	halted  bool // by Stop
	gone    bool // nothing reads the inbox any more
}

func (g *goroutines) newRoutine(loop int, c Conversation) *routine {
	r := &routine{g: g, loop: loop, bell: make(chan struct{}, 1)}
	events := &g.books[loop].events
	r.dialogue = dialogue{c: c, wire: r, waker: r, allow: g.options.Allow, tally: func() { events.Add(1) }}
	return r
}

// Now implements carrier.
func (r *routine) Now() timing.Instant { return r.g.Now() }

// Wake implements Waker.
func (r *routine) Wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.woken && !r.gone {
		r.woken = true
		r.ring()
	}
}

// stop makes the goroutine end without further event.
func (r *routine) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.halted = true
	r.ring()
}

// tell has f run by the routine's goroutine, and reports whether it will be.
func (r *routine) tell(f func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone {
		return false
	}
	r.inbox = append(r.inbox, f)
	r.ring()
	return true
}

// ring ends the goroutine's wait. The lock is held.
func (r *routine) ring() {
	if r.reading {
		r.conn.SetReadDeadline(past)
		return
	}
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

// past is a deadline that interrupts.
var past = time.Unix(1, 0)

// live drives the conversation from its first step to its last.
func (r *routine) live(first func()) error {
	if r.enter() {
		first()
		for r.phase != phaseOver && r.attend() {
			r.await()
		}
	}
	r.leave()
	return nil
}

// enter makes the routine known to Stop, unless that was called.
func (r *routine) enter() bool {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	if r.g.context.Err() == nil {
		r.g.routines[r] = struct{}{}
		return true
	}
	return false
}

// leave closes what is open and hears the last word of other goroutines, which
// may bring a connection that is too late.
func (r *routine) leave() {
	if r.phase != phaseOver {
		r.doDone()
	}
	r.mu.Lock()
	r.gone = true
	late := r.inbox
	r.inbox = nil
	r.mu.Unlock()
	for _, f := range late {
		f()
	}
	r.g.mu.Lock()
	delete(r.g.routines, r)
	r.g.mu.Unlock()
	if r.over != nil {
		r.over()
	}
	r.g.ended()
}

// attend delivers what is due without a wait. It reports whether to go on.
func (r *routine) attend() bool {
	for r.heed() && r.phase != phaseOver {
		now := r.Now()
		switch {
		case r.takeWake():
			r.wake(now)
		case r.until != 0 && now >= r.until:
			r.expire(now)
		default:
			return true
		}
	}
	return false
}

// heed does what the inbox says. It reports false after Stop.
func (r *routine) heed() bool {
	r.mu.Lock()
	if r.halted {
		r.mu.Unlock()
		return false
	}
	inbox := r.inbox
	r.inbox = nil
	r.mu.Unlock()
	for _, f := range inbox {
		f()
	}
	return true
}

// takeWake reports whether Woken is to be delivered. It waits for the end of a Close.
func (r *routine) takeWake() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	woken := r.woken && r.phase != phaseClosing
	r.woken = r.woken && !woken
	return woken
}

// await waits for something to happen.
func (r *routine) await() {
	r.g.books[r.loop].waits.Add(1)
	switch {
	case r.phase == phaseClosing:
		r.linger()
	case r.listening():
		r.read()
	default:
		r.rest()
	}
}

// rest waits for the bell or the timer.
func (r *routine) rest() {
	if r.until == 0 {
		<-r.bell
		return
	}
	wait := r.until.Sub(r.Now())
	if r.timer == nil {
		r.timer = time.NewTimer(wait)
	} else {
		r.timer.Reset(wait)
	}
	select {
	case <-r.bell:
	case <-r.timer.C:
	}
	r.timer.Stop()
}
