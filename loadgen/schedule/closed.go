package schedule

import (
	"math"
	"time"
)

// Closed is the schedule of a closed loop: each slot is due when a worker claims it.
// There is no due time to be late for, so response and service are the same.
type Closed struct{}

var _ Schedule = Closed{}

// At returns 0: a slot is never waited for.
func (Closed) At(int64) time.Duration { return 0 }

// Count returns as many slots as there can be if d > 0.
func (Closed) Count(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return math.MaxInt64
}

// String describes the schedule.
func (Closed) String() string { return "closed loop" }

// IsClosed tells whether s is the schedule of a closed loop.
func IsClosed(s Schedule) bool {
	_, closed := s.(Closed)
	return closed
}
