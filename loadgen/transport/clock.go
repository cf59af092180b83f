package transport

import (
	"time"

	"mailmill/loadgen/timing"
)

// A clock turns the machine's monotonic clock into instants.
type clock struct{ origin time.Time }

// newClock returns a clock whose origin lies a second in the past, so that
// every instant it returns is greater than 0.
func newClock() clock { return clock{time.Now().Add(-time.Second)} }

// Now reads the clock.
func (c clock) Now() timing.Instant { return timing.Instant(time.Since(c.origin)) }

// time is i as the net package wants it; the zero time for no instant.
func (c clock) time(i timing.Instant) time.Time {
	if i == 0 {
		return time.Time{}
	}
	return c.origin.Add(time.Duration(i))
}
