package schedule

import (
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The highest rate of a property. Poisson schedules are tested up to a lower one, as
// counting the slots of an hour takes draws in proportion to them.
const (
	highest        = 1e7
	highestPoisson = 1e4
)

func constants(highest float64) *rapid.Generator[Constant] {
	return rapid.Custom(func(t *rapid.T) Constant {
		return Constant(rapid.Float64Range(1e-3, highest).Draw(t, "rate"))
	})
}

// stageLists are longer than eight stages at times, where the search for a stage
// changes. Rates are zero often enough to make pauses.
func stageLists(highest float64) *rapid.Generator[[]Stage] {
	rates := rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 10), rapid.Float64Range(0, highest))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Stage {
		s := Stage{Duration: time.Duration(rapid.Int64Range(1, int64(hour)).Draw(t, "length")), From: rates.Draw(t, "from")}
		s.To = s.From
		if rapid.Bool().Draw(t, "ramp") {
			s.To = rates.Draw(t, "to")
		}
		return s
	}), 1, 12)
}

// schedules draws one of each kind that has due times.
func schedules(t *rapid.T) Schedule {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return constants(highest).Draw(t, "constant")
	case 1:
		return NewStages(stageLists(highest).Draw(t, "stages")...)
	case 2:
		return NewPoisson(rapid.Uint64().Draw(t, "seed"), constants(highestPoisson).Draw(t, "constant"))
	}
	return NewPoisson(rapid.Uint64().Draw(t, "seed"), NewStages(stageLists(highestPoisson).Draw(t, "stages")...))
}

func TestDueTimesNeverDecrease(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := schedules(t)
		n := rapid.Int64Range(0, 1e6).Draw(t, "n")
		last := s.At(n)
		for i := n + 1; i < n+200; i++ {
			due := s.At(i)
			if due < last {
				t.Fatalf("%s: slot %d is due at %d, before slot %d at %d", s, i, due, i-1, last)
			}
			last = due
		}
	})
}

func TestCountIsTheInverseOfAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := schedules(t)
		d := time.Duration(rapid.Int64Range(0, int64(hour)).Draw(t, "d"))
		n := s.Count(d)
		if due := s.At(n); due < d {
			t.Fatalf("%s: Count(%d) = %d, but that slot is due before, at %d", s, d, n, due)
		}
		if n == 0 {
			return
		}
		if due := s.At(n - 1); due >= d {
			t.Fatalf("%s: Count(%d) = %d, but slot %d is due only at %d", s, d, n, n-1, due)
		}
		if due := s.At(n - 1); s.Count(due) > n-1 || s.Count(due+1) < n {
			t.Fatalf("%s: slot %d is due at %d, but %d are due before that and %d by then", s, n-1, due, s.Count(due), s.Count(due+1))
		}
	})
}

// area is Λ(d), computed as the sum of trapezoids up to d.
func area(stages []Stage, d time.Duration) float64 {
	sum := 0.0
	for _, s := range stages {
		part := min(d, s.Duration)
		end := s.From + (s.To-s.From)*part.Seconds()/s.Duration.Seconds()
		sum += (s.From + end) / 2 * part.Seconds()
		d -= part
	}
	return sum
}

func TestCountIsTheIntegralOfTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(12*hour)).Draw(t, "d"))
		var s Schedule
		var want float64
		if rapid.Bool().Draw(t, "constant") {
			c := constants(highest).Draw(t, "constant")
			s, want = c, float64(c)*d.Seconds()
		} else {
			stages := stageLists(highest).Draw(t, "stages")
			s, want = NewStages(stages...), area(stages, d)
		}
		// A slot is due when the integral exceeds its number: Count = ⌈Λ(d)⌉, but for the
		// slots of a nanosecond, to which due times are rounded: 0.01 of the highest rate.
		const rounding = 0.02
		if got := float64(s.Count(d)); got < want-rounding || got > want+1+rounding {
			t.Fatalf("%s: %v slots in %s, and the integral is %v", s, got, d, want)
		}
	})
}

// TestConstantDoesNotDrift compares due times with n/λ in rational numbers, at rates
// and lengths at which an accumulated interval would be off by minutes.
func TestConstantDoesNotDrift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Int64Range(1, 5e6).Draw(t, "rate")
		n := rapid.Int64Range(0, rate*30*86400).Draw(t, "n")
		exact := new(big.Rat).Mul(big.NewRat(n, rate), big.NewRat(int64(second), 1))
		off := new(big.Rat).Sub(big.NewRat(int64(Constant(rate).At(n)), 1), exact)
		if off.Abs(off).Cmp(big.NewRat(3, 2)) > 0 {
			t.Fatalf("slot %d of %d/s is off by %s ns", n, rate, off.FloatString(2))
		}
	})
}

func TestStagesOfOneRateAreTheConstantRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Constant(rapid.IntRange(1, 1e6).Draw(t, "rate"))
		parts := rapid.SliceOfN(rapid.IntRange(1, 3600), 1, 12).Draw(t, "seconds")
		var stages []Stage
		for _, p := range parts {
			stages = append(stages, Stage{time.Duration(p) * second, float64(c), float64(c)})
		}
		s := NewStages(stages...)
		n := rapid.Int64Range(0, s.Slots()-1).Draw(t, "n")
		if got, want := s.At(n), c.At(n); got-want < -1 || got-want > 1 {
			t.Fatalf("slot %d of %s is due at %d, and of %s at %d", n, s, got, c, want)
		}
		if got, want := s.Slots(), c.Count(s.Duration()); got != want {
			t.Fatalf("%s has %d slots, and %s has %d in that time", s, got, c, want)
		}
	})
}

func TestAFallingRampIsTheRisingOneBackwards(t *testing.T) {
	up := NewStages(Stage{100 * second, 0, 200})
	down := NewStages(Stage{100 * second, 200, 0})
	for n := int64(1); n < 10_000; n++ {
		if a, b := up.At(n), 100*second-down.At(10_000-n); a-b < -2 || a-b > 2 {
			t.Fatalf("slot %d: rising at %d, falling read backwards at %d", n, a, b)
		}
	}
}

func TestSharesPartitionTheRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 9).Draw(t, "machines")
		total := rapid.Int64Range(0, 500).Draw(t, "slots")
		taken := make([]int, total)
		sum := int64(0)
		for m := range n {
			share := Share{m, n}
			count := share.Count(total)
			for k := range count {
				slot := share.Slot(k)
				taken[slot]++
				if !share.Holds(slot) {
					t.Fatalf("%s does not hold its slot %d", share, slot)
				}
			}
			if share.Slot(count) < total {
				t.Fatalf("%s leaves slot %d out of %d", share, share.Slot(count), total)
			}
			sum += count
		}
		for slot, times := range taken {
			if times != 1 {
				t.Fatalf("slot %d is taken %d times by %d shares", slot, times, n)
			}
		}
		if sum != total {
			t.Fatalf("%d shares have %d slots of %d", n, sum, total)
		}
	})
}

func TestTheZeroShareIsTheWholeRun(t *testing.T) {
	var whole Share
	if whole.Slot(7) != 7 || !whole.Holds(7) || whole.Count(7) != 7 || whole.String() != "" {
		t.Errorf("slot 7 is %d, holds it: %v, %d of 7, %q", whole.Slot(7), whole.Holds(7), whole.Count(7), whole)
	}
}

func TestCountStopsAtItsLimit(t *testing.T) {
	at := func(n int64) time.Duration { return 0 }
	for _, limit := range []int64{0, 1, 2, 3, 1000, math.MaxInt64} {
		if got := count(at, limit, 1); got != limit {
			t.Errorf("all of %d are due, and %d are counted", limit, got)
		}
	}
}
