package transport

import (
	"math/rand/v2"
	"time"

	"mailmill/loadgen/timing"
)

// A Network says what one simulated connection is like. The zero value is
// perfect. Functions draw from the connection's own r and nothing else.
type Network struct {
	// Latency is how long a segment, or one direction of the connect, is under
	// way. Segments never overtake one another. nil: 0.
	Latency func(r *rand.Rand) time.Duration
	// Bandwidth is octets a second in each direction; 0: no limit.
	Bandwidth int
	// Segment is how many of n octets that were written arrive together, at
	// least 1: the rest is asked for again. nil: all of them.
	Segment func(r *rand.Rand, n int) int
	// Window is how many octets can be under way or unread in one direction;
	// what is more makes a Write unfinished. 0: 256 KiB.
	Window int
	// Connect, if it is a fault, is how the attempt ends.
	Connect timing.Fault
	// Unanswered leaves the attempt without an end.
	Unanswered bool
	// Silent loses what the listening side sends.
	Silent bool
	// ResetAfter breaks the connection for both sides when that many octets have
	// been written, both directions together; 0: never.
	ResetAfter int
	// ResetIn breaks it for both sides that long after it was accepted; 0: never.
	ResetIn time.Duration
}

// Constant is a latency that is always d.
func Constant(d time.Duration) func(*rand.Rand) time.Duration {
	return func(*rand.Rand) time.Duration { return d }
}

// Uniform is a latency between least and most.
func Uniform(least, most time.Duration) func(*rand.Rand) time.Duration {
	return func(r *rand.Rand) time.Duration { return least + time.Duration(r.Int64N(int64(most-least)+1)) }
}

// Exponential is a latency of least and more, least+mean in the mean.
func Exponential(least, mean time.Duration) func(*rand.Rand) time.Duration {
	return func(r *rand.Rand) time.Duration { return least + time.Duration(r.ExpFloat64()*float64(mean)) }
}

// Singly is a Segment of one octet.
func Singly(*rand.Rand, int) int { return 1 }

// AnySplit is a Segment of any length, each as likely as any other.
func AnySplit(r *rand.Rand, n int) int { return 1 + r.IntN(n) }

const defaultWindow = 256 << 10

// delay draws a latency.
func (n *Network) delay(r *rand.Rand) time.Duration {
	if n.Latency == nil {
		return 0
	}
	return max(0, n.Latency(r))
}

// transmission is how long the line is busy with that many octets.
func (n *Network) transmission(octets int) time.Duration {
	if n.Bandwidth <= 0 {
		return 0
	}
	return time.Duration(float64(octets) / float64(n.Bandwidth) * float64(time.Second))
}

// split is the length of the next segment of n octets.
func (n *Network) split(r *rand.Rand, octets int) int {
	if n.Segment == nil {
		return octets
	}
	return min(max(1, n.Segment(r, octets)), octets)
}
