package schedule

import (
	"math"
	"strconv"
	"time"
)

// A Constant is a constant rate in slots per second: slot n is due at n/λ, the
// first at the start of the run. With a rate that is not positive no slot is ever
// due.
type Constant float64

var _ Curve = Constant(0)

// At implements [Schedule].
func (c Constant) At(n int64) time.Duration { return c.inverse(float64(n)) }

func (c Constant) inverse(u float64) time.Duration {
	if !(c > 0) {
		return Never
	}
	// One rounding each for product and quotient: together less than 1 ns in a
	// month, and nothing where n/λ is a whole number of nanoseconds.
	return round(u * float64(time.Second) / float64(c))
}

// Count implements [Schedule].
func (c Constant) Count(d time.Duration) int64 { return count(c.At, math.MaxInt64, d) }

// String returns the rate as [ParseRate] reads it.
func (c Constant) String() string { return formatRate(float64(c)) + "/s" }

func formatRate(r float64) string { return strconv.FormatFloat(r, 'f', -1, 64) }
