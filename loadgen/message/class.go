package message

import (
	"cmp"
	"math"
)

// share divides the sequence that decides the classes among them by their weights.
//
// It is that of the multiples of the golden ratio (Weyl's sequence). Their fractions lie as
// evenly as those of any number can: of every stretch of slots, and of every share
// of a run, a class has its part but for a few.
func (s *Source) share(classes []ClassConfig) {
	var sum, upTo float64
	for _, c := range classes {
		sum += cmp.Or(c.Weight, 1)
	}
	for i, c := range classes {
		upTo += cmp.Or(c.Weight, 1)
		s.classes[i].below = fraction(upTo / sum)
	}
	s.classes[len(classes)-1].below = math.MaxUint64
}

// classOf is the class of slot n: a function of the number and the seed.
func (s *Source) classOf(n int64) *class {
	at := uint64(n)*golden + s.offset
	i := 0
	for at > s.classes[i].below {
		i++
	}
	return &s.classes[i]
}
