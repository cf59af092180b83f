package loadgen

import (
	"sync/atomic"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/profiles"
)

// A door is what every session of the run opens through: one at a time, at most so many a second.
// Whoever comes takes the next place, so that places are as evenly spread as the rate wants
// and nobody is overtaken.
type door struct {
	every time.Duration // between two sessions; 0: it stands open
	next  atomic.Int64  // the instant of the first place that is free
}

// setRate lets so many sessions through in a second; 0 opens the door.
func (d *door) setRate(perSecond float64) {
	d.every = 0
	if perSecond > 0 {
		d.every = max(1, time.Duration(float64(time.Second)/perSecond))
	}
}

// place takes a place for whoever comes now, and returns its instant. Where that lies after the latest that is
// of use, no place is taken.
func (d *door) place(now, latest timing.Instant) (at timing.Instant, ok bool) {
	if d.every == 0 {
		return now, true
	}
	for {
		next := d.next.Load()
		at = max(now, timing.Instant(next))
		if at > latest {
			return at, false
		}
		if d.next.CompareAndSwap(next, int64(at.Add(d.every))) {
			return at, true
		}
	}
}

// A patience is how late a slot may be before it is dropped.
type patience profiles.Limit

// over tells whether a slot that could be begun at an instant is then too late. With no patience at all it is if
// no worker was free when it was due: that mailmill itself woke late is no reason.
func (p patience) over(t timing.Slot, at timing.Instant) bool {
	switch {
	case !p.Set:
		return false
	case p.Most == 0:
		return t.Queue() > 0
	}
	return at.Sub(t.Due) > p.Most
}

// latest is the last instant at which a slot may still be begun.
func (p patience) latest(t timing.Slot, now timing.Instant) timing.Instant {
	switch {
	case !p.Set:
		return timing.Never
	case p.Most == 0:
		return now
	}
	return t.Due.Add(p.Most)
}
