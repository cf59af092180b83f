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

// begin fixes time 0.
func (s *slots) begin(origin timing.Instant, duration time.Duration, wall time.Time) {
	s.origin, s.wall = origin, wall
	if duration > 0 {
		s.end = origin.Add(duration)
	}
}

// claim takes the next slot. There is none when all have been claimed, when a closed loop's time is over,
// and when the run was stopped.
func (s *slots) claim(now timing.Instant) (n int64, due timing.Instant, ok bool) {
	if s.stopped.Load() || s.closed && now >= s.end {
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

// fill makes m the message of slot n. Its Date is the time at which the slot is due.
func (s *slots) fill(n int64, due timing.Instant, m *message.Mail) {
	s.source.Fill(n, s.wall.Add(due.Sub(s.origin)), m)
}

// total is how many slots the share has.
func (s *slots) total() int64 { return s.share.Count(s.limit) }

// claimed is how many slots were claimed.
func (s *slots) claimed() int64 { return min(s.next.Load(), s.total()) }

// dueBy is how many slots of the share were due before an instant: those that it was to send by then.
func (s *slots) dueBy(at timing.Instant) int64 {
	if s.closed {
		return s.claimed()
	}
	return s.share.Count(min(s.limit, s.schedule.Count(at.Sub(s.origin))))
}
