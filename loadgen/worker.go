package loadgen

import (
	"math/rand/v2"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/record"
	"mailmill/loadgen/session"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// After a session that could not be opened, and after a message that the server's offer does not allow, a worker of a
// closed loop waits this long, doubling up to the second value, so that a server which refuses connections is not
// hammered. An open loop does not: its slots are due.
const (
	firstBackoff = 10 * time.Millisecond
	lastBackoff  = time.Second
)

type workerState uint8

const (
	none     workerState = iota
	starting             // waits for time 0
	resting              // idle, without a slot
	holding              // has a slot that is not begun
	claiming             // has dropped slots that were too late, and claims the next at once
	working              // has begun its slot
	pausing              // thinks, or backs off, before it is idle again
	leaving              // ends its session, and itself
)

// A worker is one client of the pool: it holds a slot, begins it when it is due, in a session that it opens
// if it has none, and is idle again when the slot has ended.
type worker struct {
	pool      *pool
	waker     transport.Waker
	session   session.Session
	mail      message.Mail
	slot      int64 // that it holds, or has begun
	timing    timing.Slot
	until     timing.Instant // of a pause
	place     timing.Instant // at the door; 0: none
	outside   bool           // waits at the door with its slot, unless another worker has taken that
	parting   bool           // ends a session of another class, before it begins its slot
	passed    bool           // has passed the next slot on already
	unsettled bool           // a mail transaction has ended that no RSET has followed
	state     workerState
	sent      int // mail transactions in this session
	quota     int // of them; 0: without end
	sessions  int // that were begun
	refused   int // sessions in a row that could not be opened, or messages that were withheld
	number    int
	random    *rand.Rand
	// lastOutcome is of the slot that ended last; a tape takes it.
	lastOutcome timing.Outcome
	// The pool's lock guards these: what another worker left, since when this one was idle, and of which class the
	// session is that it has while it rests; nil: it has none.
	order order
	idle  timing.Instant
	kept  *session.Config
}

// Handle implements transport.Conversation.
func (w *worker) Handle(e *transport.Event) transport.Action {
	switch e.Kind {
	case transport.Started:
		w.waker = e.Waker
		w.state, w.until = starting, w.pool.run.slots.origin
		w.pool.run.hired(w)
		return w.proceed(e, transport.Action{})
	case transport.Woken:
		return w.woken(e)
	case transport.Expired:
		if w.session.Phase() != session.Busy {
			return w.proceed(e, transport.Action{})
		}
	}
	return w.hear(e)
}

// hear gives an event to the session, and does what follows where nothing is outstanding.
func (w *worker) hear(e *transport.Event) transport.Action {
	a := w.session.Handle(e)
	if r, ok := w.session.Result(); ok {
		w.finish(r)
	}
	if w.session.Phase() == session.Busy {
		return a
	}
	return w.proceed(e, a)
}

// proceed is what a worker does whose session has nothing outstanding. done is the session's last action:
// the octets that it took are taken.
func (w *worker) proceed(e *transport.Event, done transport.Action) transport.Action {
	a := w.next(e)
	a.Taken = done.Taken
	return a
}

func (w *worker) next(e *transport.Event) transport.Action {
	switch w.state {
	case starting, pausing, claiming:
		if at := w.rests(e.Now); at > e.Now {
			return transport.Action{Until: at}
		}
		w.obey(w.pool.take(w, e.Now))
		if w.state == claiming {
			return transport.Action{Until: e.Now}
		}
		return w.next(e)
	case working: // and the slot has ended
		return w.ended(e)
	case holding:
		if w.parting {
			w.parted(e.Now)
		} else if w.estranged() {
			return w.part(e)
		}
		if w.timing.Due > e.Now {
			return transport.Action{Until: w.timing.Due}
		}
		return w.begin(e)
	case leaving:
		return w.leave(e)
	}
	return transport.Action{}
}

// begin sends the slot's message, unless it is too late for that by now.
func (w *worker) begin(e *transport.Event) transport.Action {
	run := w.pool.run
	if run.slots.stopped.Load() {
		return transport.Action{} // the director's wake follows
	}
	if w.outside && !w.keeps() {
		w.state = resting
		return transport.Action{}
	}
	if run.patience.Set && run.patience.over(w.timing, e.Now) {
		return w.drop(e)
	}
	ready := w.session.Phase() == session.Ready
	if !ready && run.door.every > 0 {
		if a, shut := w.knock(e); shut {
			return a
		}
	}
	w.state, w.timing.Begun, w.place = working, e.Now, 0
	w.pool.shard.Begin(e.Now)
	if !w.passed {
		w.pool.began(e.Now)
	}
	w.passed = false
	counts := run.recorder.InWindow(w.timing.Due)
	if ready {
		return w.session.Send(e.Now, e.Scratch, &w.mail, counts)
	}
	opening := w.opening()
	w.sent, w.quota = 0, w.class().quota(w)
	w.sessions++
	return w.session.Open(e.Now, opening, &w.mail, counts)
}

// class is that of the slot.
func (w *worker) class() *class { return &w.pool.run.classes[w.mail.Class()] }

// opening is the worker's next session. Servers and source addresses are used in turn.
//
// Each round of sessions has numbers of its own, one for each worker, and the workers change places in it from round to
// round: else one of ten workers would have every fifth of them, and so the same server, name or user for ever.
func (w *worker) opening() session.Opening {
	r := w.pool.run
	round := int64(w.sessions)
	n := round*r.crew + (int64(w.number)+round)%r.crew
	server := int(n % int64(len(r.servers)))
	firsts := r.firsts[server]
	return session.Opening{Config: w.class().session, Server: server, Endpoint: firsts[w.number%len(firsts)], Number: n, Worker: w.number, Waker: w.waker}
}

// woken takes orders: of the pool, or of the run that ends.
func (w *worker) woken(e *transport.Event) transport.Action {
	w.obey(w.pool.collect(w))
	switch run := w.pool.run; {
	case run.cut.Load():
		return w.cutOff(e)
	case run.slots.stopped.Load() && w.state != working:
		w.giveUp()
	}
	if w.session.Phase() == session.Busy {
		return w.hear(e)
	}
	return w.proceed(e, transport.Action{})
}

// giveUp lets go of a slot that is not begun. If it was due when the load ended, the run owes it; in a closed loop it
// was due when it was claimed, whatever the worker has waited for since.
func (w *worker) giveUp() {
	run := w.pool.run
	owed := run.slots.closed || int64(w.timing.Due) <= run.loadEnd.Load()
	if w.state == holding && owed && w.keeps() {
		run.unfinished(w.pool, w.slot, w.number, w.timing)
	}
	w.state = leaving
}

func (w *worker) obey(o order) {
	switch o.state {
	case holding:
		w.slot, w.timing, w.mail = o.slot, o.timing, o.mail
		w.state, w.outside = holding, false
	case resting, claiming, leaving:
		w.state = o.state
	}
}

// finish enters the slot in the books.
func (w *worker) finish(r session.Result) {
	w.timing.Begun = max(w.timing.Begun, r.Began)
	if r.Waited { // for a permit to dial: as good as no worker being free
		w.timing.Claimed = max(w.timing.Claimed, r.Began)
		if w.pool.run.slots.closed { // nobody was waiting for the message meanwhile
			w.timing.Due = w.timing.Claimed
		}
	}
	w.timing.Ended, w.lastOutcome, w.unsettled = r.Ended, r.Outcome, true
	w.sent++
	w.pool.end(w.slot, w.number, record.SlotEnd{
		Class: uint8(w.mail.Class()), Timing: w.timing, Outcome: r.Outcome, Begun: true,
		RecipientsAccepted: r.Accepted, RecipientsDeferred: r.Deferred, RecipientsRejected: r.Rejected, RecipientsFailed: r.Failed,
		Octets: r.Octets,
	})
	if w.session.Offer() != nil && !r.Withheld {
		w.refused = 0
	} else {
		w.refused++
	}
	if r.Outcome == timing.Failed || r.Outcome == timing.Unknown {
		w.pool.run.faulted()
	}
}

// ended decides what follows a slot: the end of the session, a pause, or the next slot at once.
func (w *worker) ended(e *transport.Event) transport.Action {
	if w.session.Phase() == session.Ready && (w.quota > 0 && w.sent >= w.quota || w.session.Spent()) {
		return w.session.Quit(e.Now, e.Scratch)
	}
	if w.resets() {
		return w.session.Reset(e.Now, e.Scratch)
	}
	think := w.class().plan.Think
	pause := w.draw(think.Min, think.Max)
	if w.refused > 0 && w.pool.run.slots.closed {
		backoff := min(lastBackoff, firstBackoff<<min(w.refused-1, 10))
		pause = max(pause, w.draw(backoff/2, backoff))
	}
	w.state, w.until = pausing, e.Now.Add(pause)
	return w.next(e)
}

// draw returns a length of time between least and most, drawn from the run's seed and the worker's number.
func (w *worker) draw(least, most time.Duration) time.Duration {
	if most <= least {
		return least
	}
	if w.random == nil {
		w.random = rand.New(rand.NewPCG(w.pool.run.plan.Seed, uint64(w.number)))
	}
	return least + time.Duration(w.random.Int64N(int64(most-least)+1))
}

// leave ends the session, then the worker.
func (w *worker) leave(e *transport.Event) transport.Action {
	if w.session.Phase() == session.Ready {
		return w.session.Quit(e.Now, e.Scratch)
	}
	w.pool.run.left()
	return transport.Action{Do: transport.Done}
}

// cutOff ends everything at once: the drain is over.
func (w *worker) cutOff(e *transport.Event) transport.Action {
	begun := w.state == working
	if !begun {
		w.giveUp()
	}
	w.state = leaving
	if w.session.Phase() == session.Off {
		return w.leave(e)
	}
	a := w.session.Abort(e.Now, timing.Unfinished)
	if r, ok := w.session.Result(); ok && begun {
		w.finish(r)
	}
	return a
}
