package record

import "mailmill/loadgen/timing"

// A SlotEnd is how one slot of the run ended.
type SlotEnd struct {
	Slot  int64 // its number
	Class uint8
	// Timing holds the instants of the slot. Ended is, for a slot that came to no
	// final reply, the instant at which it was given up: its censored latency.
	// Claimed and Begun are 0 for a slot that was not claimed, not begun.
	Timing  timing.Slot
	Outcome timing.Outcome
	Begun   bool // Timing.Begun holds; Begin was called

	// Recipients by their replies; Failed had none.
	RecipientsAccepted, RecipientsDeferred, RecipientsRejected, RecipientsFailed int

	Octets int64 // of content, handed to the system
}

// Begin counts a slot that a worker begins.
func (s *Shard) Begin(at timing.Instant) {
	second := s.r.second(at)
	s.mu.Lock()
	s.tally(second).begun++
	s.begun++
	s.mu.Unlock()
}

// End records the end of a slot, once for each slot of the run.
func (s *Shard) End(e SlotEnd) {
	due, end := s.r.second(e.Timing.Due), s.r.second(e.Timing.Ended)
	s.mu.Lock()
	t := &s.classes[e.Class]
	s.count(t, &e)
	s.countSeconds(&e, due, end)
	if s.r.InWindow(e.Timing.Due) {
		t.SlotsInWindow[e.Outcome]++
		t.time(&e)
		if e.Outcome == timing.Accepted {
			s.slowest.add(Slow{Slot: e.Slot, Class: e.Class, Due: e.Timing.Due, Service: e.Timing.Service(), Response: e.Timing.Response()})
		}
	}
	var full *interval
	if e.Outcome == timing.Accepted {
		var i *interval
		i, full = s.interval(end)
		i.response.Record(e.Timing.Response())
		i.service.Record(e.Timing.Service())
	}
	s.mu.Unlock()
	if full != nil && s.handIn(full) {
		s.r.flush(end, false)
	}
}

// count puts a slot into the books.
func (s *Shard) count(t *Traffic, e *SlotEnd) {
	t.Slots[e.Outcome]++
	if e.Begun {
		t.Begun++
		if s.r.InWindow(e.Timing.Begun) {
			t.BegunInWindow++
		}
	}
	if e.Outcome != timing.Unfinished && s.r.InWindow(e.Timing.Ended) {
		t.EndsInWindow[e.Outcome]++
	}
	t.RecipientsAccepted += int64(e.RecipientsAccepted)
	t.RecipientsDeferred += int64(e.RecipientsDeferred)
	t.RecipientsRejected += int64(e.RecipientsRejected)
	t.RecipientsFailed += int64(e.RecipientsFailed)
	t.ContentOctets += e.Octets
}

// time puts the latencies of a slot into the histograms.
func (t *Traffic) time(e *SlotEnd) {
	switch e.Outcome {
	case timing.Accepted:
		t.Response.Known.Record(e.Timing.Response())
		t.Service.Known.Record(e.Timing.Service())
		t.Lateness.Record(e.Timing.Lateness())
	case timing.Deferred, timing.Rejected:
		t.Refused.Record(e.Timing.Response())
	default:
		t.Response.Censored.Record(e.Timing.Response())
		if e.Begun {
			t.Service.Censored.Record(e.Timing.Service())
		}
	}
	switch {
	case e.Begun:
		t.Queue.Record(e.Timing.Queue())
		t.Pacer.Record(e.Timing.Pacer())
	case e.Outcome == timing.Dropped && e.Timing.Claimed > 0:
		// It waited too, for want of a worker or because mailmill woke late: without
		// it, a generator that is late itself would seem to be on time.
		given := timing.Slot{Due: e.Timing.Due, Claimed: e.Timing.Claimed, Begun: e.Timing.Ended}
		t.Queue.Record(given.Queue())
		t.Pacer.Record(given.Pacer())
	}
}

// countSeconds puts a slot into the second in which it was due and the one in
// which it ended. An unfinished slot ended in none.
func (s *Shard) countSeconds(e *SlotEnd, due, end int) {
	s.tally(due).due[e.Outcome]++
	if e.Outcome == timing.Unfinished {
		return
	}
	t := s.tally(end)
	if !e.Begun {
		t.dropped++
		return
	}
	s.ended++
	t.ended++
	if e.Outcome == timing.Accepted {
		t.accepted++
	}
}
