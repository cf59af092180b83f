package loadgen

import (
	"slices"
	"sync"

	"mailmill/loadgen/message"
	"mailmill/loadgen/record"
	"mailmill/loadgen/session"
	"mailmill/loadgen/timing"
)

// A pool is the workers of one event loop.
//
// In an open loop one future slot at a time is held, by the worker that went idle
// last; the others rest. When it begins, the next one takes the next slot. So sessions are
// reused while they are warm, a low rate keeps few of them open, and a slot
// is late only when every worker is busy.
type pool struct {
	run     *run
	loop    int
	shard   *record.Shard
	rows    *rowBatch // nil: none are written
	session session.Loop

	mu      sync.Mutex // the workers of a loop may run at the same time on goroutines
	resting []*worker  // the most recently idle last
	held    bool       // a worker holds a slot that it has not begun, or is about to claim one
	outside *worker    // that worker, if it waits at the door; its slot is in waiting
	waiting order
	shut    timing.Instant // until when a slot that waited at the door kept those after it from being claimed
	over    bool           // there is no slot left to claim
	last    timing.Instant // at which a slot ended, of those whose workers are idle since
}

// An order is what a worker is to do next: to hold a slot, to rest, or to leave.
type order struct {
	state  workerState // none, holding, claiming, resting or leaving
	slot   int64
	timing timing.Slot
	mail   message.Mail
}

// take gives an idle worker the next slot, or lets it rest.
func (p *pool) take(w *worker, now timing.Instant) order {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = max(p.last, w.timing.Ended)
	if w.state != claiming {
		w.rest(now)
		if p.outside != nil && w.kept == p.run.classes[p.waiting.mail.Class()].session {
			return p.relieve(now)
		}
		if p.held && !p.over && !p.run.slots.stopped.Load() {
			p.resting = append(p.resting, w)
			return order{state: resting}
		}
	}
	o := p.claim(w, now)
	p.held = o.state != leaving && !p.run.slots.closed
	if other := p.better(w, &o); other != nil {
		other.order = o
		other.waker.Wake()
		p.resting = append(p.resting, w)
		return order{state: resting}
	}
	return o
}

// began passes the next slot on when a worker begins the one it held.
func (p *pool) began(now timing.Instant) {
	if p.run.slots.closed {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = false
	n := len(p.resting)
	if n == 0 {
		return
	}
	w := p.resting[n-1]
	o := p.claim(w, now)
	p.held = o.state != leaving
	p.resting = p.resting[:max(0, len(p.resting)-1)]
	if other := p.better(w, &o); other != nil {
		p.resting = append(p.resting, w)
		w = other
	}
	w.order = o
	w.waker.Wake()
}

// relieve gives the slot of a worker that waits at the door to one that needs no door.
func (p *pool) relieve(now timing.Instant) order {
	o := p.waiting
	p.resting = append(p.resting, p.outside)
	p.outside, p.shut = nil, now
	o.timing.Claimed = now
	return o
}

// handOver gives the slot of w, which has come to a door that is shut, to a resting worker that needs no door. If
// there is none, w waits with it, until one comes.
func (p *pool) handOver(w *worker, now timing.Instant) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := order{state: holding, slot: w.slot, timing: w.timing, mail: w.mail}
	config := w.class().session
	for i, other := range slices.Backward(p.resting) {
		if other.kept != config {
			continue
		}
		o.timing.Claimed = now
		other.order, other.kept = o, nil
		w.kept = nil
		p.resting = append(slices.Delete(p.resting, i, i+1), w)
		other.waker.Wake()
		return true
	}
	p.outside, p.waiting = w, o
	return false
}

// reclaim tells whether a worker that waited at the door still has its slot.
func (p *pool) reclaim(w *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.outside != w {
		return false
	}
	p.outside, p.shut = nil, w.place
	return true
}

// collect hands over the order that another worker left for w.
func (p *pool) collect(w *worker) order {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := w.order
	w.order = order{}
	return o
}

// mostDrops is how many slots are dropped in one go: beyond that, other sessions have their turn first.
const mostDrops = 64

// claim makes an order of the next slot for w, and drops those before it that are too late. Where there
// is none, every worker may leave.
func (p *pool) claim(w *worker, now timing.Instant) order {
	free := w.idle
	if len(p.resting) > 0 {
		free = min(free, p.resting[0].idle)
	}
	free = max(free, min(p.shut, now))
	for range mostDrops {
		n, due, ok := p.run.slots.claim(now)
		if !ok {
			p.dismiss()
			return order{state: leaving}
		}
		// What a slot waits while a worker is free is not for want of one, but because mailmill woke late.
		t := timing.Slot{Due: due, Claimed: min(now, max(due, free))}
		if p.run.patience.Set && p.run.patience.over(t, now) {
			p.drop(n, w.number, t, now)
			continue
		}
		o := order{state: holding, slot: n, timing: t}
		p.run.slots.fill(n, w.number, due, &o.mail)
		return o
	}
	return order{state: claiming}
}

// drop enters a slot in the books that is too late to be begun.
func (p *pool) drop(slot int64, worker int, t timing.Slot, now timing.Instant) {
	t.Ended = now
	p.end(slot, worker, record.SlotEnd{Timing: t, Outcome: timing.Dropped})
}

// dismiss sends the resting workers home, and lets those of a closed loop that pause see that there is
// nothing to wait for.
func (p *pool) dismiss() {
	if !p.over && p.run.slots.closed {
		p.run.wakeAll()
	}
	p.over = true
	for _, w := range p.resting {
		w.order.state = leaving
		w.waker.Wake()
	}
	p.resting = nil
}
