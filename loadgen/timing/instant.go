package timing

import (
	"math"
	"time"
)

// An Instant is a point on the monotonic clock of one transport, in
// nanoseconds. Its origin is arbitrary and always in the past, so every instant
// that a clock returns is greater than 0, and 0 can mean "none".
type Instant int64

// Never is later than every instant.
const Never Instant = math.MaxInt64

// Add returns the instant d after i. It saturates at Never.
func (i Instant) Add(d time.Duration) Instant {
	if sum := i + Instant(d); d <= 0 || sum > i {
		return sum
	}
	return Never
}

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// Earliest returns the earlier of i and j, where 0 stands for no instant.
func Earliest(i, j Instant) Instant {
	switch {
	case i == 0:
		return j
	case j == 0 || i < j:
		return i
	}
	return j
}
