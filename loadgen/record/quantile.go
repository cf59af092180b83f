package record

import (
	"math"
	"math/bits"
	"time"
)

// Quantile returns the time that the share p of the recorded times does not
// exceed: the time of rank ⌈p·N⌉, to the histogram's digits, upward. p is from 0
// to 1; it is taken to nine decimals. An empty histogram gives 0.
func (h *Histogram) Quantile(p float64) time.Duration {
	return h.atRank(rank(p, h.count))
}

// rank returns ⌈p·n⌉, at least 1. It is computed in integers: in floating point
// 0.07·100 is more than 7, and its rank would be 8.
func rank(p float64, n int64) int64 {
	const unit = 1e9
	hi, lo := bits.Mul64(uint64(math.Round(min(max(p, 0), 1)*unit)), uint64(n))
	r, rest := bits.Div64(hi, lo, unit)
	if rest > 0 {
		r++
	}
	return max(int64(r), 1)
}

// atRank returns the r-th shortest time, or as near as its bucket tells.
func (h *Histogram) atRank(r int64) time.Duration {
	switch {
	case h.count == 0:
		return 0
	case r >= h.count:
		return h.Max() // exact, and the only one above Highest
	}
	return time.Duration(min(h.highest(h.bucketOfRank(r)), h.max))
}

// atLeastAtRank returns a time that the r-th shortest time is not below.
func (h *Histogram) atLeastAtRank(r int64) time.Duration {
	return time.Duration(max(h.lowest(h.bucketOfRank(r)), h.min))
}

// bucketOfRank returns the bucket of the r-th shortest time, 1 <= r <= count.
func (h *Histogram) bucketOfRank(r int64) int {
	i, _ := h.span()
	for seen := h.counts[i]; seen < r; seen += h.counts[i] {
		i++
	}
	return i
}

// A Latency is the distribution of a time over a population of slots of which
// some never came to the end that is timed.
type Latency struct {
	// Known holds the slots whose time is known.
	Known Histogram
	// Censored holds the others: how long each was seen to last, which is the least
	// that its time can be. They rank as slower than every known time.
	Censored Histogram
}

// Count returns the size of the population, censored slots included.
func (l *Latency) Count() int64 { return l.Known.count + l.Censored.count }

// Quantile returns the time of rank ⌈p·N⌉ over the whole population. When that
// rank falls among the censored slots, atLeast is true and the time is a lower
// bound: the longest known time, or how long that many of the censored slots
// were seen to last, if that is longer. An empty population gives 0.
func (l *Latency) Quantile(p float64) (d time.Duration, atLeast bool) {
	r := rank(p, l.Count())
	if r <= l.Known.count || l.Count() == 0 {
		return l.Known.atRank(r), false
	}
	// The k-th shortest of some times is at least the k-th shortest of lower bounds
	// to each of them.
	return max(l.Known.Max(), l.Censored.atLeastAtRank(r-l.Known.count)), true
}

// Merge adds what from holds.
func (l *Latency) Merge(from *Latency) {
	l.Known.Merge(&from.Known)
	l.Censored.Merge(&from.Censored)
}

// SamplesFor returns how many samples the percentile p (0 < p < 1) needs before
// it may be printed: as many as make it 95 % sure that at least one of them is
// slower than the percentile of the population, so 1 − pⁿ >= 0.95.
func SamplesFor(p float64) int64 {
	return int64(math.Ceil(math.Log(0.05) / math.Log(p)))
}
