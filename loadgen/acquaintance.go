package loadgen

import (
	"slices"

	"mailmill/loadgen/session"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A session is of one class of traffic, or of several whose sessions are alike: it has their names, their login, their
// security. So a slot goes to an idle worker whose session is of the slot's class, if there is one, else to one without a session. A worker that
// has the session of another class ends that with QUIT before it begins the slot, and opens a session for it.
//
// What the QUIT takes is as good as no worker being free, and is lateness of that kind (queue); it is in no slot's
// service. A worker that claims its slot ahead of time ends the session ahead of time too, and then there is
// none. In a closed loop nobody waits for the message meanwhile: it is due when the worker is free for it.

// mostLooked bounds the resting workers that are looked at for one slot: those that went idle last.
const mostLooked = 256

// rest notes since when a worker is idle, and with the session of which class.
func (w *worker) rest(now timing.Instant) {
	w.idle, w.kept = now, nil
	if w.session.Phase() == session.Ready {
		w.kept = w.session.Config()
	}
}

// better takes the resting worker that is to have an order in place of w, to whom it would go; nil if w is.
func (p *pool) better(w *worker, o *order) *worker {
	if len(p.run.classes) == 1 || o.state != holding || len(p.resting) == 0 {
		return nil
	}
	config := p.run.classes[o.mail.Class()].session
	if w.kept == config {
		return nil
	}
	at, least := -1, max(0, len(p.resting)-mostLooked)
	for i := len(p.resting) - 1; i >= least; i-- {
		if kept := p.resting[i].kept; kept == config {
			at = i
			break
		} else if kept == nil && at < 0 && w.kept != nil {
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	other := p.resting[at]
	p.resting = slices.Delete(p.resting, at, at+1)
	return other
}

// estranged tells whether the worker's session is of another class than the slot that it holds, or cannot take its
// message within the server's limits.
func (w *worker) estranged() bool {
	return w.session.Phase() == session.Ready &&
		(len(w.pool.run.classes) > 1 && w.session.Config() != w.class().session || !w.session.Fits(&w.mail))
}

// part ends the session of another class. The next slot is not held up by that, unless it would come to the door
// before this one: only one slot waits there.
func (w *worker) part(e *transport.Event) transport.Action {
	w.parting = true
	if w.pool.run.door.every == 0 && !w.passed {
		w.passed = true
		w.pool.began(e.Now)
	}
	return w.session.Quit(e.Now, e.Scratch)
}

// parted is called when that session has ended.
func (w *worker) parted(now timing.Instant) {
	if w.session.Phase() == session.Busy {
		return
	}
	w.parting = false
	p := w.pool
	p.mu.Lock()
	w.idle = now // for the next slot too, should this one be too late by now
	if !w.passed {
		p.shut = now // it kept the slots after it from being claimed
	}
	p.mu.Unlock()
	w.timing.Claimed = max(w.timing.Claimed, now)
	if w.pool.run.slots.closed {
		w.timing.Due = w.timing.Claimed
	}
}
