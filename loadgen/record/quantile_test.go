package record

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRank(t *testing.T) {
	for _, c := range []struct {
		name string
		p    float64
		n    int64
		want int64
	}{
		{"the median of one is the first", 0.5, 1, 1},
		{"the median of four is the second", 0.5, 4, 2},
		{"the median of five is the third", 0.5, 5, 3},
		{"no share at all is the first", 0, 10, 1},
		{"the whole is the last", 1, 10, 10},
		{"p99 of 100", 0.99, 100, 99},
		{"p99 of 101", 0.99, 101, 100},
		{"a product that floating point puts above 7", 0.07, 100, 7},
		{"a product that floating point puts above 999", 0.999, 1000, 999},
		{"p99.99 of 29 956", 0.9999, 29_956, 29_954},
		{"a share beyond the whole is the whole", 1.5, 10, 10},
		{"a product that does not fit 64 bits", 0.99, 1 << 60, 1141392289560778507},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rank(c.p, c.n); got != c.want {
				t.Errorf("rank is %d, want %d", got, c.want)
			}
		})
	}
}

func TestQuantileIsTheTimeOfItsRank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := times().Filter(func(d []time.Duration) bool { return len(d) > 0 }).Draw(t, "times")
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		h := recorded(d)
		slices.Sort(d)
		exact := d[rank(p, int64(len(d)))-1]
		if got := h.Quantile(p); got < exact || got > exact+exact/1000+1 || got > d[len(d)-1] {
			t.Fatalf("p%v is %d ns; the time of rank %d of %d is %d ns", 100*p, got, rank(p, h.count), h.count, exact)
		}
		if h.Quantile(1) != d[len(d)-1] {
			t.Fatalf("p100 is %d ns, the longest time is %d ns", h.Quantile(1), d[len(d)-1])
		}
	})
}

func TestQuantileOfNothing(t *testing.T) {
	var h Histogram
	if got := h.Quantile(0.99); got != 0 {
		t.Errorf("p99 of nothing is %v", got)
	}
}

func TestQuantilesWithCensoredSlots(t *testing.T) {
	const ms = time.Millisecond
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i+1) * ms
	}
	for _, c := range []struct {
		name     string
		known    []time.Duration
		censored []time.Duration
		p        float64
		want     time.Duration
		atLeast  bool
	}{
		{"nothing at all", nil, nil, 0.5, 0, false},
		{"none is censored", hundred, nil, 1, 100 * ms, false},
		{"the last known rank", hundred, []time.Duration{ms}, 0.99, 100 * ms, false},
		{"the first censored rank is at least the longest known", hundred, []time.Duration{ms}, 1, 100 * ms, true},
		{"or as long as every censored slot was seen to last", hundred, []time.Duration{30 * time.Second, 31 * time.Second}, 0.99, 30 * time.Second, true},
		{"a slot that failed fast does not make the bound shorter", hundred, []time.Duration{30 * time.Second, 0}, 0.99, 100 * ms, true},
		{"all are censored", nil, []time.Duration{2 * ms, 5 * ms}, 0.5, 2 * ms, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := Latency{Known: *recorded(c.known), Censored: *recorded(c.censored)}
			got, atLeast := l.Quantile(c.p)
			// The buckets of three digits answer with their upper end.
			if got < c.want || got > c.want+c.want/1000 || atLeast != c.atLeast {
				t.Errorf("%v, at least: %v; want %v, %v", got, atLeast, c.want, c.atLeast)
			}
		})
	}
}

func TestSamplesFor(t *testing.T) {
	for p, want := range map[float64]int64{0.5: 5, 0.9: 29, 0.95: 59, 0.99: 299, 0.999: 2995, 0.9999: 29_956} {
		if got := SamplesFor(p); got != want {
			t.Errorf("p%v needs %d samples, want %d", 100*p, got, want)
		}
	}
}
