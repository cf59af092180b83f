package record

import (
	"cmp"
	"maps"
	"slices"

	"mailmill/loadgen/timing"
)

// Totals are what was recorded of a whole run.
type Totals struct {
	Traffic           // of all classes
	Classes []Traffic // by class

	Loop    Histogram    // what the loops' other work added to replies, in two digits
	Slowest []Slow       // slots of the longest service, longest first; at most five
	Replies []ReplyCount // by class, step, code, enhanced status code
	Faults  []FaultCount // by class, step, kind
	Seconds []Second     // from Origin to the last in which anything was recorded

	// Late counts slots accepted in a second that was closed when they were
	// reported; their latencies are in a later second.
	Late int64
}

// A ReplyCount says how often a kind of reply was seen.
type ReplyCount struct {
	ReplyKey
	Seen
}

// A FaultCount says how often a kind of fault was seen.
type FaultCount struct {
	FaultKey
	Seen
}

// Class returns the totals of one class of traffic, 0 <= i < Config.Classes: its
// Traffic, its replies and its faults. What is not kept by class is empty. They share
// the histograms of t.
func (t *Totals) Class(i int) *Totals {
	c := &Totals{Traffic: t.Classes[i]}
	for _, r := range t.Replies {
		if int(r.Class) == i {
			c.Replies = append(c.Replies, r)
		}
	}
	for _, f := range t.Faults {
		if int(f.Class) == i {
			c.Faults = append(c.Faults, f)
		}
	}
	return c
}

// Finish closes every second and returns the totals. Nothing may be recorded
// any more. The totals do not depend on which shard recorded what, except that
// of texts seen at the same instant any may be the example.
func (r *Recorder) Finish() *Totals {
	r.flush(0, true)
	return r.total(newTotals(r.config.Classes))
}

// SoFar flushes, and returns the totals at now: of slots, those that have ended. They hold
// until the next call; it is called from one goroutine at a time. It costs a
// copy of every histogram, and keeps each shard waiting for that of its own.
func (r *Recorder) SoFar(now timing.Instant) *Totals {
	r.Flush(now)
	if r.seen == nil {
		r.seen = newTotals(r.config.Classes)
	}
	r.seen.reset()
	return r.total(r.seen)
}

// newTotals returns empty totals, whose histograms are as precise as those of the shards.
func newTotals(classes int) *Totals {
	return &Totals{Classes: make([]Traffic, classes), Loop: Histogram{merged: coarse}}
}

// reset empties the totals, and keeps the memory of their histograms: while that is made anew, shards
// wait.
func (t *Totals) reset() {
	t.Traffic.reset()
	for i := range t.Classes {
		t.Classes[i].reset()
	}
	t.Loop.reset()
	t.Slowest, t.Replies, t.Faults, t.Seconds, t.Late = nil, nil, nil, nil, 0
}

// total fills empty totals.
func (r *Recorder) total(t *Totals) *Totals {
	replies, faults := sights{}, sights{}
	var slow slowest
	for _, s := range r.shards {
		s.mu.Lock()
		for i := range s.classes {
			t.Classes[i].merge(&s.classes[i])
		}
		t.Loop.Merge(&s.loop)
		replies.merge(s.replies)
		faults.merge(s.faults)
		t.addSeconds(s.seconds)
		for _, one := range s.slowest {
			slow.add(one)
		}
		s.mu.Unlock()
	}
	t.Slowest = slow
	for i := range t.Classes {
		t.Traffic.merge(&t.Classes[i])
	}
	for _, s := range replies.sorted() {
		t.Replies = append(t.Replies, ReplyCount{unpack(s.key), s.Seen})
	}
	for _, s := range faults.sorted() {
		t.Faults = append(t.Faults, FaultCount{unpackFault(s.key), s.Seen})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t.finishSeconds(&r.intervals)
	return t
}

// merge adds what from holds; from is left as it was.
func (m sights) merge(from sights) {
	for key, s := range from {
		if known := m[key]; known != nil {
			known.merge(&s.Seen)
		} else {
			copied := *s
			m[key] = &copied
		}
	}
}

// sorted returns the counts in the order of their keys.
func (m sights) sorted() []*sight {
	return slices.SortedFunc(maps.Values(m), func(a, b *sight) int { return cmp.Compare(a.key, b.key) })
}

// addSeconds adds the tallies of a shard.
func (t *Totals) addSeconds(tallies []tally) {
	t.grow(len(tallies))
	for i := range tallies {
		t.Seconds[i].add(&tallies[i])
	}
}

func (t *Totals) grow(seconds int) {
	for len(t.Seconds) < seconds {
		t.Seconds = append(t.Seconds, Second{Index: len(t.Seconds)})
	}
}

// finishSeconds fills in what follows from all shards together.
func (t *Totals) finishSeconds(v *intervals) {
	t.Late = v.late
	for i := range v.closed {
		if v.closed[i].response.Count > 0 {
			t.grow(i + 1) // a late one may lie in a second that has nothing else
		}
	}
	var inFlight, backlog int64
	for i := range t.Seconds {
		s, l := &t.Seconds[i], v.at(i)
		inFlight += s.Begun - s.Ended
		backlog += s.Due.Intended() - s.Begun - s.Dropped
		s.InFlight, s.Backlog = inFlight, backlog
		s.Response, s.Service = l.response, l.service
	}
}
