package loadgen

import (
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
	held    bool       // a worker holds a slot that it has not begun
	over    bool       // there is no slot left to claim
}

// An order is what a worker is to do next: to hold a slot, to rest, or to leave.
type order struct {
	state  workerState // none, holding, resting or leaving
	slot   int64
	timing timing.Slot
	mail   message.Mail
}

// take gives an idle worker the next slot, or lets it rest.
func (p *pool) take(w *worker, now timing.Instant) order {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held && !p.over {
		p.resting = append(p.resting, w)
		return order{state: resting}
	}
	o := p.claim(now)
	p.held = o.state == holding && !p.run.slots.closed
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
	if n := len(p.resting); n > 0 {
		w := p.resting[n-1]
		p.resting = p.resting[:n-1]
		w.order = p.claim(now)
		p.held = w.order.state == holding
		w.waker.Wake()
	}
}

// collect hands over the order that another worker left for w.
func (p *pool) collect(w *worker) order {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := w.order
	w.order = order{}
	return o
}

// claim makes an order of the next slot. Where there is none, every worker may leave.
func (p *pool) claim(now timing.Instant) order {
	n, due, ok := p.run.slots.claim(now)
	if !ok {
		p.dismiss()
		return order{state: leaving}
	}
	o := order{state: holding, slot: n, timing: timing.Slot{Due: due, Claimed: now}}
	p.run.slots.fill(n, due, &o.mail)
	return o
}

// dismiss sends the resting workers home.
func (p *pool) dismiss() {
	p.over = true
	for _, w := range p.resting {
		w.order.state = leaving
		w.waker.Wake()
	}
	p.resting = nil
}
