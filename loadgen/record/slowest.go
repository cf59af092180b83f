package record

import (
	"cmp"
	"slices"
	"time"

	"mailmill/loadgen/timing"
)

// slowestKept is how many of the slowest messages are named.
const slowestKept = 5

// A Slow is an accepted slot of the window whose service was among the longest.
type Slow struct {
	Slot     int64
	Class    uint8
	Due      timing.Instant
	Service  time.Duration
	Response time.Duration
}

// A slowest holds the slots of the longest service, the longest first, and of equals the earlier number: so it is
// the same whatever the order in which they come.
type slowest []Slow

func compareSlow(a, b Slow) int {
	return cmp.Or(cmp.Compare(b.Service, a.Service), cmp.Compare(a.Slot, b.Slot))
}

// add takes a slot in, if it is among the slowest.
func (s *slowest) add(x Slow) {
	if len(*s) == slowestKept {
		if compareSlow(x, (*s)[slowestKept-1]) > 0 {
			return
		}
		*s = (*s)[:slowestKept-1]
	}
	i, _ := slices.BinarySearchFunc(*s, x, compareSlow)
	*s = slices.Insert(*s, i, x)
}
