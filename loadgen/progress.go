package loadgen

import (
	"time"

	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/results"
)

// A Progress is the state of a run that is under way.
type Progress struct {
	// Elapsed is since time 0 of the run; Planned is the length of the load, 0 if it has none.
	Elapsed, Planned time.Duration
	// Slots so far, by how they ended. Intended counts those that were due.
	Intended, Begun, Ended, Accepted, Deferred, Rejected, Failed, Unknown, Dropped int64
	// Total is the number of slots of the run; 0 if it is not known.
	Total int64
	// InFlight counts slots begun and not ended; Backlog those due and not begun.
	InFlight, Backlog int64
	// Late is how late a slot is that a worker would claim now; 0 in a closed loop.
	Late time.Duration
	// Rate counts slots accepted per second, Offered those due: in the last whole second, and in the first one so
	// far. P50 and P99 are the response in the last whole second; 0 is none yet. Offered is 0 in a closed loop.
	Rate, Offered float64
	P50, P99      time.Duration
	Faults        int64
	// WarmingUp: the window has not begun. Draining: the load is over. Stopped: it was ended early.
	WarmingUp, Draining, Stopped bool
}

// progressOf says how far the run has come.
func (r *run) progressOf(s record.Snapshot, now timing.Instant) Progress {
	p := Progress{
		Elapsed: max(0, r.since(now)), Planned: r.length,
		Begun: s.Begun, Ended: s.Begun - s.InFlight,
		Accepted: s.Slots[timing.Accepted], Deferred: s.Slots[timing.Deferred],
		Rejected: s.Slots[timing.Rejected], Failed: s.Slots[timing.Failed], Unknown: s.Slots[timing.Unknown],
		Dropped: s.Slots[timing.Dropped], InFlight: s.InFlight, Faults: s.Faults,
		P50: s.Last.Response.P50, P99: s.Last.Response.P99,
		WarmingUp: r.since(now) < r.plan.WarmUp, Draining: r.loadEnd.Load() != 0, Stopped: r.stoppedEarly(),
	}
	if r.slots.limited() {
		p.Total = r.slots.total()
	}
	p.Intended = r.slots.dueBy(r.loadOver(now))
	p.Backlog = max(0, p.Intended-p.Begun-p.Dropped)
	if p.Backlog > 0 && !r.slots.closed {
		p.Late = max(0, now.Sub(r.slots.due(r.slots.claimed())))
	}
	p.Rate, p.Offered = r.lastSecond(s, now)
	return p
}

// lastSecond returns the rates accepted and offered in the last whole second, or in the first one so far.
func (r *run) lastSecond(s record.Snapshot, now timing.Instant) (accepted, offered float64) {
	begin := r.slots.origin.Add(time.Duration(s.Last.Index) * time.Second)
	end, slots := begin.Add(time.Second), s.Last.Accepted
	if s.Last.Index < 0 {
		begin, end, slots = r.slots.origin, now, s.Slots[timing.Accepted]
	}
	length := end.Sub(begin).Seconds()
	if length <= 0 {
		return 0, 0
	}
	if !r.slots.closed {
		offered = float64(r.slots.dueBefore(r.loadOver(end))-r.slots.dueBefore(r.loadOver(begin))) / length
	}
	return float64(slots) / length, offered
}

// loadOver is an instant, or the end of the load if that was before it.
func (r *run) loadOver(at timing.Instant) timing.Instant {
	if end := r.loadEnd.Load(); end != 0 {
		return min(at, timing.Instant(end))
	}
	return at
}

// stoppedEarly tells that something has ended the load before its time.
func (r *run) stoppedEarly() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.end != "" && r.end != results.EndComplete
}
