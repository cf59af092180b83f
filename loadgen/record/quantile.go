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
	i, _ := h.span()
	for seen := h.counts[i]; seen < r; seen += h.counts[i] {
		i++
	}
	_, high := h.bucket(i)
	return time.Duration(min(high, h.max))
}

// SamplesFor returns how many samples the percentile p (0 < p < 1) needs before
// it may be printed: as many as make it 95 % sure that at least one of them is
// slower than the percentile of the population, so 1 − pⁿ >= 0.95.
func SamplesFor(p float64) int64 {
	return int64(math.Ceil(math.Log(0.05) / math.Log(p)))
}
