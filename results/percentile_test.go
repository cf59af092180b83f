package results

import (
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func TestPercentilesAreExact(t *testing.T) {
	for _, row := range []struct {
		p             Percentile
		n, rank, need int64
	}{
		{"50", 1, 1, 5}, {"50", 2, 1, 5}, {"50", 3, 2, 5}, {"90", 10, 9, 29}, {"90", 11, 10, 29},
		{"99", 100, 99, 299}, {"99", 101, 100, 299}, {"99.9", 1000, 999, 2995}, {"99.9", 1001, 1000, 2995},
		{"99.99", 10000, 9999, 29956}, {"99.99", 1 << 60, 1152806212456386292, 29956}, {"95", 0, 0, 59},
	} {
		if got := row.p.Rank(row.n); got != row.rank {
			t.Errorf("p%s of %d samples is rank %d, want %d", row.p, row.n, got, row.rank)
		}
		if got := row.p.Samples(); got != row.need {
			t.Errorf("p%s needs %d samples, want %d", row.p, got, row.need)
		}
		if row.p.Enough(row.need-1) || !row.p.Enough(row.need) {
			t.Errorf("p%s: the border of enough is not at %d", row.p, row.need)
		}
	}
}

func TestParsePercentile(t *testing.T) {
	for in, want := range map[string]Percentile{
		"50": "50", "99.9": "99.9", "09.90": "9.9", "5": "5", "0.1": "0.1", "99.999999": "99.999999", "50.0": "50",
	} {
		if got, err := ParsePercentile(in); err != nil || got != want {
			t.Errorf("ParsePercentile(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "0", "0.0", "00", "100", "-1", "9a", "99.", ".5", "99.9999999", "+5", "1e1"} {
		if got, err := ParsePercentile(in); err == nil {
			t.Errorf("ParsePercentile(%q) = %q, want an error", in, got)
		}
	}
}

func TestCensoredSlotsAreSlowerThanAll(t *testing.T) {
	l := latencies(t, "accepted", 90, 1*ms, 90*ms, 10)
	for _, row := range []struct {
		p       Percentile
		want    time.Duration
		atLeast bool
	}{
		{"50", 50 * ms, false}, {"90", 90 * ms, false}, {"95", 90 * ms, true},
	} {
		v, atLeast, ok := l.Percentile(row.p)
		if !ok || atLeast != row.atLeast || (v-row.want).Abs() > row.want/500 {
			t.Errorf("p%s of 90 accepted and 10 lost is %v (at least: %v, there: %v), want %v (%v)", row.p, v, atLeast, ok, row.want, row.atLeast)
		}
	}
	if _, _, ok := l.Percentile("99"); ok {
		t.Error("p99 of 100 samples is in the document")
	}
	if v, atLeast, err := l.Quantile("99"); err != nil || !atLeast || v != 90*ms {
		t.Errorf("p99 of 100 samples when asked for is %v, at least %v, %v", v, atLeast, err)
	}
	if v, atLeast, err := l.Quantile("75"); err != nil || atLeast || (v-75*ms).Abs() > ms/5 {
		t.Errorf("p75 from the histogram is %v, at least %v, %v", v, atLeast, err)
	}
}

func TestOnlyCensoredSlots(t *testing.T) {
	l, err := NewLatency("accepted", Sample{Censored: 500, Floor: 7 * ms})
	if err != nil {
		t.Fatal(err)
	}
	if v, atLeast, ok := l.Percentile("50"); v != 7*ms || !atLeast || !ok {
		t.Errorf("p50 of nothing but lost slots is %v (at least: %v, there: %v), want at least 7ms", v, atLeast, ok)
	}
}

func TestNoLatency(t *testing.T) {
	var none *Latency
	if _, _, err := none.Quantile("50"); err == nil || none.Size() != 0 {
		t.Errorf("p50 of no latency: error %v, size %d", err, none.Size())
	}
	if _, _, ok := none.Percentile("50"); ok {
		t.Error("a latency that is not there has a percentile")
	}
}

func TestPercentilesStayInsideTheExtremes(t *testing.T) {
	h := hdrhistogram.New(1, int64(time.Hour), 3)
	for range 300 {
		h.RecordValue(123_456_789)
	}
	exact := time.Duration(123_456_789)
	l, err := NewLatency("accepted", Sample{Histogram: h, Min: exact, Max: exact, Mean: exact})
	if err != nil {
		t.Fatal(err)
	}
	if v, _, _ := l.Percentile("99"); v != exact {
		t.Errorf("p99 of one repeated value is %v, want %v", v, exact)
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 µs", 7: "0.01 µs", 950: "0.95 µs", 1500: "1.50 µs", 41_237_000: "41.2 ms", 999_400: "999 µs", 999_600: "1.00 ms",
		9_996 * time.Microsecond: "10.0 ms", 99_960 * time.Microsecond: "100 ms", time.Second: "1.00 s", 75 * time.Second: "75.0 s",
		time.Hour: "3600 s", -time.Second: "-1.00 s",
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("FormatDuration(%d ns) = %q, want %q", d, got, want)
		}
	}
}
