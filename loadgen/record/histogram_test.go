package record

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// times draws times of every magnitude, the ends of the range among them.
func times() *rapid.Generator[[]time.Duration] {
	return rapid.SliceOf(rapid.Custom(func(t *rapid.T) time.Duration {
		edge := time.Duration(1) << rapid.IntRange(0, 41).Draw(t, "power of two")
		return min(edge+time.Duration(rapid.Int64Range(-1, int64(edge)).Draw(t, "beyond")), Highest)
	}))
}

func recorded(d []time.Duration) *Histogram {
	h := new(Histogram)
	for _, d := range d {
		h.Record(d)
	}
	return h
}

func TestBucketsAreTheLibrarys(t *testing.T) {
	for _, c := range []struct {
		name   string
		merged uint8
		lowest int64
		digits int
	}{
		{"three digits from 1 ns", 0, 1, 3},
		{"two digits from 8 ns", coarse, 8, 2},
	} {
		t.Run(c.name, rapid.MakeCheck(func(t *rapid.T) {
			ours := Histogram{merged: c.merged}
			theirs := hdrhistogram.New(c.lowest, int64(Highest), c.digits)
			for _, d := range times().Draw(t, "times") {
				ours.Record(d)
				if err := theirs.RecordValue(int64(d)); err != nil {
					t.Fatal(err)
				}
			}
			if !ours.HDR().Equals(theirs) {
				t.Fatalf("buckets differ: ours %v, the library's %v", ours.HDR().Distribution(), theirs.Distribution())
			}
		}))
	}
}

func TestBucketsFollowOnEachOther(t *testing.T) {
	for _, merged := range []uint8{0, coarse} {
		h := Histogram{merged: merged}
		var next int64
		for i := range buckets >> merged {
			low, high := h.bucket(i)
			if low != next || high < low || index(uint64(low))>>merged != i || index(uint64(high))>>merged != i {
				t.Fatalf("bucket %d of 1<<%d in one is from %d to %d, want from %d on", i, merged, low, high, next)
			}
			next = high + 1
		}
		if next <= int64(Highest) {
			t.Errorf("the last bucket ends at %d, before Highest", next-1)
		}
	}
}

func TestFigures(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name                   string
		times                  []time.Duration
		min, mean, max, stddev time.Duration
		overflow, underflow    int64
	}{
		{"nothing was recorded", nil, 0, 0, 0, 0, 0, 0},
		{"one time is all of its figures", []time.Duration{3_000_001}, 3_000_001, 3_000_001, 3_000_001, 0, 0, 0},
		{"extremes are exact, not those of buckets", []time.Duration{1_000_001, 999_999_999}, 1_000_001, 500_500_000, 999_999_999, 499_499_999, 0, 0},
		{"no time at all is a time", []time.Duration{0, 4}, 0, 2, 4, 2, 0, 0},
		{"a deviation of 1 ns about an hour", []time.Duration{time.Hour - 2, time.Hour}, time.Hour - 2, time.Hour - 1, time.Hour, 1, 0, 0},
		{"an hour is in the range", []time.Duration{time.Hour}, time.Hour, time.Hour, time.Hour, 0, 0, 0},
		{"more than an hour overflows and is still the maximum", []time.Duration{ms, 3 * time.Hour}, ms, 90*time.Minute + ms/2, 3 * time.Hour, 90*time.Minute - ms/2, 1, 0},
		{"a clock that went backward counts as nothing", []time.Duration{-ms, 2 * ms}, 0, ms, 2 * ms, ms, 0, 1},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			h := recorded(c.times)
			got := []time.Duration{h.Min(), h.Mean(), h.Max(), h.Stddev()}
			if want := []time.Duration{c.min, c.mean, c.max, c.stddev}; !slices.Equal(got, want) {
				t.Errorf("min, mean, max, stddev are %v, want %v", got, want)
			}
			if h.Count() != int64(len(c.times)) || h.Overflow() != c.overflow || h.Underflow() != c.underflow {
				t.Errorf("%d times, %d over, %d under; want %d, %d, %d",
					h.Count(), h.Overflow(), h.Underflow(), len(c.times), c.overflow, c.underflow)
			}
		})
	}
}

func TestSumOfSquaresDoesNotWrap(t *testing.T) {
	h := recorded([]time.Duration{0})
	for range 1000 {
		h.Record(time.Hour) // 1000 · (3.6·10^12)² takes 94 bits
	}
	want := float64(time.Hour) * math.Sqrt(1000) / 1001
	if got := float64(h.Stddev()); math.Abs(got-want) > 1 {
		t.Errorf("standard deviation is %v, want about %v", h.Stddev(), time.Duration(want))
	}
}

func TestMergedHistogramsAreAsIfRecordedInOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := append(times().Draw(t, "times"), rapid.SliceOf(rapid.SampledFrom([]time.Duration{-5, 2 * Highest})).Draw(t, "outside")...)
		parts := make([]Histogram, 3)
		for _, d := range all {
			parts[rapid.IntRange(0, 2).Draw(t, "part")].Record(d)
		}
		var merged Histogram
		for i := range parts {
			merged.Merge(&parts[i])
		}
		if want := recorded(all); !reflect.DeepEqual(&merged, want) {
			t.Fatalf("merged %+v, recorded %+v", merged, want)
		}
	})
}

func TestMergeOfDifferentDigitsPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("counts of different buckets were added")
		}
	}()
	from := Histogram{merged: coarse}
	from.Record(1)
	new(Histogram).Merge(&from)
}

func TestResetLeavesNothing(t *testing.T) {
	h := recorded([]time.Duration{0, 1, time.Second, Highest, 2 * Highest, -1})
	h.reset()
	if want := (&Histogram{counts: make([]int64, buckets)}); !reflect.DeepEqual(h, want) {
		t.Error("a histogram that was reset differs from a new one")
	}
}

func TestParseHDRIsTheInverseOfEncodeHDR(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := recorded(times().Draw(t, "times"))
		encoded, err := h.EncodeHDR()
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := ParseHDR([]byte(encoded))
		if err != nil {
			t.Fatal(err)
		}
		if !parsed.HDR().Equals(h.HDR()) {
			t.Fatalf("parsed %v from %v", parsed.HDR().Distribution(), h.HDR().Distribution())
		}
		near(t, "min", parsed.Min(), h.Min())
		near(t, "max", parsed.Max(), h.Max())
		near(t, "mean", parsed.Mean(), h.Mean())
		again, err := parsed.EncodeHDR()
		if err != nil || again != encoded {
			t.Fatalf("encoded again it is %q, %v; was %q", again, err, encoded)
		}
	})
}

// near holds a figure that was taken from buckets against the exact one.
func near(t *rapid.T, what string, got, want time.Duration) {
	t.Helper()
	if math.Abs(float64(got-want)) > 1+float64(want)/1000 {
		t.Fatalf("%s from buckets is %d ns, exactly it was %d ns", what, got, want)
	}
}

func TestParseHDRRefuses(t *testing.T) {
	wide, err := hdrhistogram.New(1, 2*int64(Highest), 3).Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	interval := Histogram{merged: coarse}
	two, err := interval.EncodeHDR()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, encoded, says string }{
		{"nothing", "", "not an HdrHistogram"},
		{"octets that are not base64", "\x00\xff", "not an HdrHistogram"},
		{"base64 of something else", "SGVsbG8sIHdvcmxkIQ==", "not an HdrHistogram"},
		{"another range", string(wide), "range 1 to 7200000000000"},
		{"another precision", two, "with 2 digits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := ParseHDR([]byte(c.encoded)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error is %v, want one that says %q", err, c.says)
			}
		})
	}
}
