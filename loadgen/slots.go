package loadgen

import (
	"math"
	"sync/atomic"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/schedule"
	"mailmill/loadgen/timing"
)

// slots is the numbered sequence that a run is. Workers claim the next number; when it is due and
// what it sends follow from the number alone. Of a run in several processes, each claims the numbers of
// its share.
type slots struct {
	schedule schedule.Schedule
	share    schedule.Share
	closed   bool // a closed loop: a slot is due when it is claimed
	source   *message.Source
	limit    int64          // how many slots the whole run has; math.MaxInt64 without end
	origin   timing.Instant // time 0 of the run
	end      timing.Instant // of the offered load; Never without end
	wall     time.Time      // wall clock at origin, for the Date of messages

	next    atomic.Int64 // how often a slot was asked for
	stopped atomic.Bool
}

// newSlots makes the sequence for a schedule that ends after so many slots, or that time, whichever
// is first; 0 stands for no such end.
func newSlots(s schedule.Schedule, share schedule.Share, source *message.Source, messages int64, duration time.Duration) *slots {
	sl := &slots{schedule: s, share: share, closed: schedule.IsClosed(s), source: source, limit: math.MaxInt64, end: timing.Never}
	if messages > 0 {
		sl.limit = messages
	}
	if duration > 0 && !sl.closed {
		sl.limit = min(sl.limit, s.Count(duration))
	}
	return sl
}

// length is how long the load is as planned, by its duration and, in an open loop, by its messages; 0 is not known.
func (s *slots) length(duration time.Duration) time.Duration {
	if s.closed || s.limit == math.MaxInt64 {
		return duration
	}
	by := s.schedule.At(s.limit) // that of the first slot which is no more
	if duration == 0 {
		return by
	}
	return min(duration, by)
}

// begin fixes time 0, and with it the end of a load of that length.
func (s *slots) begin(origin timing.Instant, length time.Duration, wall time.Time) {
	s.origin, s.wall = origin, wall
	if length > 0 {
		s.end = origin.Add(length)
	}
}

// claim takes the next slot. There is none when all have been claimed, when a closed loop's time is over,
// and when the run was stopped.
func (s *slots) claim(now timing.Instant) (n int64, due timing.Instant, ok bool) {
	if s.over(now) {
		return 0, 0, false
	}
	n = s.share.Slot(s.next.Add(1) - 1)
	if n >= s.limit {
		return 0, 0, false
	}
	if s.closed {
		return n, now, true
	}
	return n, s.origin.Add(s.schedule.At(n)), true
}

// over tells that no slot will be claimed any more. Those of an open loop are all sent, however late.
func (s *slots) over(now timing.Instant) bool {
	return s.stopped.Load() || s.closed && now >= s.end || s.next.Load() >= s.total()
}

// dueBefore is how many slots of an open loop's share are due before an instant.
func (s *slots) dueBefore(at timing.Instant) int64 { return s.dueBy(at - 1) }

// limited tells whether it is known how many slots there are.
func (s *slots) limited() bool { return s.limit < math.MaxInt64 }

// due is when the k-th slot of an open loop's share is due.
func (s *slots) due(k int64) timing.Instant { return s.origin.Add(s.schedule.At(s.share.Slot(k))) }

// fill makes m the message of slot n for the worker that claimed it. Its Date is the time at which the slot is due.
func (s *slots) fill(n int64, worker int, due timing.Instant, m *message.Mail) {
	s.source.FillFor(n, worker, s.wall.Add(due.Sub(s.origin)), m)
}

// classOf is the class of slot n, by its index.
func (s *slots) classOf(n int64) uint8 {
	return uint8(s.source.ClassOf(n))
}

// total is how many slots the share has.
func (s *slots) total() int64 { return s.share.Count(s.limit) }

// claimed is how many slots were claimed.
func (s *slots) claimed() int64 { return min(s.next.Load(), s.total()) }

// dueBy is how many slots of the share were due by an instant, and at it: those that it was to begin by then.
func (s *slots) dueBy(at timing.Instant) int64 {
	if s.closed {
		return s.claimed()
	}
	return s.share.Count(min(s.limit, s.schedule.Count(at.Sub(s.origin)+1)))
}
