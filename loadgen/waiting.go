package loadgen

import (
	"time"

	"mailmill/loadgen/session"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// rests is until when an idle worker claims nothing: in a closed loop the end of its pause, and then its place
// at the door, so that what it waits for there is in no slot's time. A slot of an open loop is claimed
// ahead of time 0, so that it can begin on it.
func (w *worker) rests(now timing.Instant) timing.Instant {
	run := w.pool.run
	switch {
	case !run.slots.closed || w.state == pausing && w.until > now && run.slots.over(now):
		return now
	case w.until > now:
		return min(w.until, run.slots.end)
	case run.door.every > 0 && w.place == 0 && w.session.Phase() == session.Off:
		w.place, _ = run.door.place(now, timing.Never)
	}
	return min(w.place, run.slots.end)
}

// stale is how old a place at the door may be that was not used when it came: many of them must not
// be used at once.
const stale = time.Second

// knock is what a worker does at the door with a slot that is due. If it is shut, a worker that has a session takes
// the slot, or this one waits for its place; both are as good as no worker being free. If that comes too late for
// the slot, it is dropped.
func (w *worker) knock(e *transport.Event) (a transport.Action, shut bool) {
	if w.place != 0 && e.Now.Sub(w.place) > stale {
		w.place = 0
	}
	latest := w.pool.run.patience.latest(w.timing, e.Now)
	at, ok := w.place, w.place <= latest
	if w.place == 0 {
		at, ok = w.pool.run.door.place(e.Now, latest)
	}
	if at > e.Now {
		w.timing.Claimed = at
	}
	if !ok {
		return w.drop(e), true
	}
	if w.place = at; at <= e.Now {
		return transport.Action{}, false
	}
	if w.pool.run.slots.closed { // it has ended a session of another class for the slot, and nobody waits for the message
		w.timing.Due = at
		return transport.Action{Until: at}, true
	}
	if w.pool.handOver(w, e.Now) {
		w.state = resting
		return transport.Action{}, true
	}
	w.outside = true
	return transport.Action{Until: at}, true
}

// keeps tells whether the slot that was held is still this worker's.
func (w *worker) keeps() bool {
	if !w.outside {
		return true
	}
	w.outside = false
	return w.pool.reclaim(w)
}

// drop gives a slot up that was held and is too late, and claims the next one in a moment: other sessions have
// their turn first.
func (w *worker) drop(e *transport.Event) transport.Action {
	w.timing.Claimed = min(w.timing.Claimed, e.Now)
	w.pool.drop(w.slot, w.number, w.timing, e.Now)
	w.state, w.until = claiming, 0
	if w.passed { // somebody else has come to the next slot by now
		w.state, w.passed = pausing, false
	}
	return transport.Action{Until: e.Now}
}
