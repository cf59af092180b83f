package loadgen

import (
	"sync/atomic"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/results"
)

// A director is the conversation that takes a run through its stages. It has no connection: it
// lives on the transport's clock and wakers, so that a run in virtual time is the same run.
//
//	preflight ──► wait ──► load ──► drain ──► over
//	    └─ no address usable ──────────────────┘
type director struct {
	run      *run
	wall     func(timing.Instant) time.Time // the wall clock at an instant
	waker    atomic.Pointer[transport.Waker]
	stage    stage
	flights  []*preflight
	current  int
	patience timing.Instant       // the end of the drain
	stopping bool                 // the workers have been told that the run was stopped
	onLoad   func(timing.Instant) // called once, when time 0 is known
	onSecond func(timing.Instant) // called at each second of the load; nil: somebody else watches
	second   timing.Instant       // the next
}

type stage uint8

const (
	preflighting stage = iota
	waiting            // for the instant at which the load is to begin
	loading
	draining
	ending // cut off: waits for the workers to hang up
)

// wake makes the director look at the run, from any goroutine.
func (d *director) wake() {
	if w := d.waker.Load(); w != nil {
		(*w).Wake()
	}
}

// Handle implements transport.Conversation.
func (d *director) Handle(e *transport.Event) transport.Action {
	if e.Kind == transport.Started {
		waker := e.Waker
		d.waker.Store(&waker)
		d.run.transport.Start(0, d.flights[0])
		return d.preflight(e)
	}
	switch d.stage {
	case preflighting:
		return d.preflight(e)
	case waiting:
		return d.wait(e)
	case loading:
		return d.load(e)
	case draining:
		return d.drain(e)
	}
	return d.finish(e)
}

// preflight flies to one address after the other.
func (d *director) preflight(e *transport.Event) transport.Action {
	if d.run.slots.stopped.Load() {
		d.run.transport.Stop() // nothing of the run has begun
		return transport.Action{}
	}
	if !d.flights[d.current].landed {
		return transport.Action{}
	}
	d.current++
	if d.current < len(d.flights) {
		d.run.transport.Start(0, d.flights[d.current])
		return transport.Action{}
	}
	r := d.run
	servers, all := usable(r.servers, d.flights)
	if !all {
		return transport.Action{Do: transport.Done}
	}
	r.servers = servers
	return d.wait(e)
}

// wait lets the load begin: at once, or so that time 0 is when the plan wants it.
func (d *director) wait(e *transport.Event) transport.Action {
	r := d.run
	ready := e.Now.Add(r.lead())
	origin, wall := ready, d.wall(e.Now)
	if !r.startAt.IsZero() {
		origin = e.Now.Add(r.startAt.Sub(wall))
		switch {
		case d.stage == preflighting && origin < ready:
			r.tooLate = true
			return transport.Action{Do: transport.Done}
		case origin > ready && !r.slots.stopped.Load():
			d.stage = waiting
			return transport.Action{Until: e.Now.Add(origin.Sub(ready))}
		}
	}
	r.hire(origin, wall.Add(origin.Sub(e.Now)))
	d.onLoad(e.Now)
	d.stage = loading
	return d.load(e)
}

// load waits until every slot has been claimed and has ended, the time is over, or the run was stopped.
func (d *director) load(e *transport.Event) transport.Action {
	r := d.run
	if r.gone.Load() == r.staff {
		return d.finish(e)
	}
	next := min(d.look(e.Now), r.slots.end)
	if !r.slots.stopped.Load() && e.Now < r.slots.end {
		return transport.Action{Until: until(next)}
	}
	d.stage = draining
	r.crowd.EndLoad()
	r.idlers.dismiss()
	r.endLoad(e.Now)
	r.recorder.EndWindow(timing.Instant(r.loadEnd.Load()))
	d.patience = e.Now.Add(r.plan.Drain)
	if r.slots.closed {
		r.wakeAll() // what pauses has nothing to wait for
	}
	return d.drain(e)
}

// look has the run looked at when a second of it is over. It returns the end of the next.
func (d *director) look(now timing.Instant) timing.Instant {
	switch {
	case d.onSecond == nil:
		return timing.Never
	case d.second == 0:
		d.second = d.run.slots.origin.Add(lookInterval)
	case now >= d.second:
		d.onSecond(now)
		d.second = d.second.Add(lookInterval)
	}
	return d.second
}

// until is an instant as a timer: Never is none.
func until(i timing.Instant) timing.Instant {
	if i == timing.Never {
		return 0
	}
	return i
}

// drain waits for the messages under way. What has not ended when the drain has, is unfinished.
func (d *director) drain(e *transport.Event) transport.Action {
	r := d.run
	if r.gone.Load() == r.staff {
		return d.finish(e)
	}
	if r.slots.stopped.Load() && !d.stopping {
		d.stopping, d.patience = true, min(d.patience, e.Now.Add(grace))
		r.wakeAll()
	}
	if e.Now < d.patience {
		return transport.Action{Until: d.patience}
	}
	r.cut.Store(true)
	r.slots.stopped.Store(true)
	d.stage = ending
	r.drained = e.Now
	r.wakeAll()
	return transport.Action{}
}

// finish ends the run when the last worker has left.
func (d *director) finish(e *transport.Event) transport.Action {
	r := d.run
	if r.gone.Load() < r.staff {
		return transport.Action{}
	}
	r.crowd.Dismiss()
	r.idlers.dismiss()
	if r.drained == 0 {
		r.drained = e.Now
	}
	if last := r.lastEnded(); last > 0 {
		r.endLoad(last) // a load without a time of its own ends with its last slot
	}
	r.endLoad(e.Now)
	r.mu.Lock()
	if r.end == "" {
		r.end = results.EndComplete
	}
	r.mu.Unlock()
	return transport.Action{Do: transport.Done}
}
