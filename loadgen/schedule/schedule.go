package schedule

import (
	"math"
	"time"
)

// A Schedule says when the slots of a run are due. Its methods may be called from
// any number of goroutines.
type Schedule interface {
	// At returns the time from the start of the run to the moment in which slot
	// n >= 0 is due, to the nanosecond, or Never if the schedule ends before it. It
	// never decreases with n.
	At(n int64) time.Duration
	// Count returns the number of slots that are due in [0, d): of the n for which
	// At(n) < d.
	Count(d time.Duration) int64
	// String describes the schedule in a few words, such as "500/s".
	String() string
}

// Never is the due time of a slot that the schedule does not reach.
const Never time.Duration = math.MaxInt64

// A Curve is an offered rate over time, λ(t), which fixes a schedule: slot n is due
// when the integral Λ(t) of the rate exceeds n.
//
//	slots ^                           ,-'
//	      |                        ,-'   Λ(t)
//	    3 |- - - - - - - - - - _,-'
//	    2 |- - - - - - - _,--''|
//	    1 |- - - - _,--''|     |
//	      |   _,-''|     |     |
//	    0 +-''-----+-----+-----+--------> t
//	      T₀       T₁    T₂    T₃
//
// [Constant] and [Stages] are curves. [Poisson] reads any curve at points of its
// own in place of 0, 1, 2 …
type Curve interface {
	Schedule
	// inverse returns the first time at which Λ exceeds u >= 0, or Never.
	inverse(u float64) time.Duration
}

// count counts the n below limit for which at(n) < d, by bisection.
func count(at func(int64) time.Duration, limit int64, d time.Duration) int64 {
	low, high := int64(0), min(limit, 1)
	for high < limit && at(high) < d {
		low, high = high, high+min(high, limit-high)
	}
	for low < high {
		if middle := low + (high-low)/2; at(middle) < d {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// round makes a duration of a number of nanoseconds >= 0.
func round(ns float64) time.Duration {
	if ns += 0.5; ns < math.MaxInt64 {
		return time.Duration(ns)
	}
	return Never
}
