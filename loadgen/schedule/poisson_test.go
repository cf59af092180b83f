package schedule

import (
	"math"
	"sync"
	"testing"
	"time"
)

// chiSquare returns the statistic of counts against what is expected of each.
func chiSquare(counts []int, expected func(i int) float64) float64 {
	sum := 0.0
	for i, n := range counts {
		e := expected(i)
		sum += (float64(n) - e) * (float64(n) - e) / e
	}
	return sum
}

// criticalChiSquare is the value which the statistic of a true model exceeds once in
// a thousand times (the Wilson-Hilferty approximation).
func criticalChiSquare(degrees int) float64 {
	const z = 3.0902
	k := float64(degrees)
	c := 1 - 2/(9*k) + z*math.Sqrt(2/(9*k))
	return k * c * c * c
}

// curves are read by the goodness-of-fit tests, each for a time in which it has about
// 100 000 slots.
var curves = []struct {
	curve  Curve
	length time.Duration
}{
	{Constant(1000), 100 * second},
	{Constant(0.5), 200_000 * second},
	{NewStages(Stage{50 * second, 0, 1000}, Stage{50 * second, 1000, 1000}, Stage{50 * second, 1000, 0}), 150 * second},
}

// TestGapsAreExponential compares the gaps between slots with ten classes of equal
// probability, on the scale of the integral: there every curve has rate 1.
func TestGapsAreExponential(t *testing.T) {
	const classes = 10
	for seed := range uint64(5) {
		p := NewPoisson(seed, Constant(1))
		counts := make([]int, classes)
		const slots = 100_000
		last := time.Duration(0)
		for n := range int64(slots) {
			gap := (p.At(n) - last).Seconds()
			last = p.At(n)
			counts[min(classes-1, int(classes*(1-math.Exp(-gap))))]++
		}
		x := chiSquare(counts, func(int) float64 { return slots / classes })
		if x > criticalChiSquare(classes-1) {
			t.Errorf("seed %d: chi-square of the gaps is %.1f with %d degrees of freedom: %v", seed, x, classes-1, counts)
		}
	}
}

// TestGapsDoNotDependOnEachOther counts how often a gap above the median follows one
// above the median. Blocks end every 1024 gaps, so that pairs over their borders
// are among them.
func TestGapsDoNotDependOnEachOther(t *testing.T) {
	p := NewPoisson(3, Constant(1))
	counts := make([]int, 4)
	was := 0
	const slots = 200_000
	for n := int64(1); n <= slots; n++ {
		is := 0
		if (p.At(n) - p.At(n-1)).Seconds() > math.Ln2 {
			is = 1
		}
		counts[2*was+is]++
		was = is
	}
	if x := chiSquare(counts, func(int) float64 { return slots / 4 }); x > criticalChiSquare(3) {
		t.Errorf("chi-square of pairs of gaps is %.1f: %v", x, counts)
	}
}

// TestCountsArePoisson compares the numbers of slots in intervals of equal integral
// with the Poisson distribution of mean 10.
func TestCountsArePoisson(t *testing.T) {
	const mean, lowest, highest = 10, 4, 17 // the tails are one class each
	for _, c := range curves {
		p := NewPoisson(11, c.curve)
		total := c.curve.Count(c.length)
		intervals := int(total / mean)
		counts := make([]int, highest-lowest+1)
		before := int64(0)
		for i := 1; i <= intervals; i++ {
			n := p.Count(c.curve.At(int64(i * mean)))
			counts[min(highest, max(lowest, int(n-before)))-lowest]++
			before = n
		}
		probability := func(k int) float64 {
			lgamma, _ := math.Lgamma(float64(k + 1))
			return math.Exp(float64(k)*math.Log(mean) - mean - lgamma)
		}
		x := chiSquare(counts, func(i int) float64 {
			sum, first, last := 0.0, lowest+i, lowest+i
			if i == 0 {
				first = 0
			}
			if last == highest {
				last = 10 * mean
			}
			for k := first; k <= last; k++ {
				sum += probability(k)
			}
			return sum * float64(intervals)
		})
		if x > criticalChiSquare(len(counts)-1) {
			t.Errorf("%s: chi-square of the counts is %.1f with %d degrees of freedom: %v", p, x, len(counts)-1, counts)
		}
	}
}

func TestPoissonCountIsTheIntegralInTheMean(t *testing.T) {
	for _, c := range curves {
		sum, want := 0.0, float64(c.curve.Count(c.length))
		const seeds = 20
		for seed := range uint64(seeds) {
			sum += float64(NewPoisson(seed, c.curve).Count(c.length))
		}
		if off := math.Abs(sum/seeds - want); off > 4*math.Sqrt(want/seeds) {
			t.Errorf("%s: %.0f slots in the mean of %d seeds, want %.0f", c.curve, sum/seeds, seeds, want)
		}
	}
}

func TestPoissonIsAFunctionOfSlotAndSeed(t *testing.T) {
	forwards, backwards := NewPoisson(5, Constant(100)), NewPoisson(5, Constant(100))
	const slots = 10 * blockLength
	want := make([]time.Duration, slots)
	for n := range want {
		want[n] = forwards.At(int64(n))
	}
	for n := slots - 1; n >= 0; n-- {
		if got := backwards.At(int64(n)); got != want[n] {
			t.Fatalf("slot %d asked for from the end is due at %d, from the start at %d", n, got, want[n])
		}
	}
	if other := NewPoisson(6, Constant(100)); other.At(0) == want[0] {
		t.Error("two seeds give the same first slot")
	}
}

func TestPoissonIsSafeForConcurrentUse(t *testing.T) {
	shared, alone := NewPoisson(5, Constant(100)), NewPoisson(5, Constant(100))
	const workers, slots = 4, 20 * blockLength
	var wg sync.WaitGroup
	for m := range int64(workers) {
		wg.Go(func() {
			own := NewPoisson(5, Constant(100))
			for k := range int64(slots / workers) {
				n := Share{m, workers}.Slot(k)
				if got, want := shared.At(n), own.At(n); got != want {
					t.Errorf("slot %d is due at %d for all and at %d for one", n, got, want)
					return
				}
			}
		})
	}
	wg.Wait()
	if got, want := shared.Count(hour), alone.Count(hour); got != want {
		t.Errorf("%d slots in an hour after use by %d workers, %d before", got, workers, want)
	}
}

func TestPoissonReachesTheBillionthSlot(t *testing.T) {
	p := NewPoisson(1, Constant(1000))
	const n, mean = 1_000_000_000, 1e6 // seconds; the standard deviation is 32
	if got := p.At(n).Seconds(); math.Abs(got-mean) > 150 {
		t.Errorf("slot %d is due after %.0f s, want about %.0f", n, got, mean)
	}
}

func TestPoissonEndsWithItsStages(t *testing.T) {
	p := NewPoisson(1, NewStages(Stage{10 * second, 100, 100}))
	n := p.Count(Never)
	if n != p.Count(10*second) || p.At(n-1) >= 10*second || p.At(n) != Never {
		t.Errorf("%d slots in all, %d in the stages, the last at %s, then %s", n, p.Count(10*second), p.At(n-1), p.At(n))
	}
	if silent := NewPoisson(1, Constant(0)); silent.Count(hour) != 0 || silent.At(0) != Never {
		t.Error("a rate of nothing has slots")
	}
}
