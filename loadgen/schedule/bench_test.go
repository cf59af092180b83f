package schedule

import (
	"testing"
	"time"
)

var sink time.Duration

var benchmarks = []struct {
	name     string
	schedule Schedule
}{
	{"constant", Constant(500)},
	{"stages", NewStages(steps...)},
	{"poisson", NewPoisson(1, Constant(500))},
	{"poisson over stages", NewPoisson(1, NewStages(Stage{1e6 * second, 100, 1000}))},
}

// BenchmarkAt asks for slots in their order, as workers do.
func BenchmarkAt(b *testing.B) {
	for _, bench := range benchmarks {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			n := int64(0)
			for b.Loop() {
				sink = bench.schedule.At(n % 5_000_000)
				n++
			}
		})
	}
}

func TestAtDoesNotAllocate(t *testing.T) {
	for _, bench := range benchmarks {
		n := int64(0)
		// A Poisson schedule makes one block for each 1024 slots: less than one
		// allocation a hundred slots, which AllocsPerRun rounds down to none.
		allocs := testing.AllocsPerRun(10_000, func() {
			sink = bench.schedule.At(n)
			n++
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations for each slot, want 0", bench.name, allocs)
		}
	}
}
