package record

import (
	"math"
	"math/big"
	"math/bits"
	"time"
)

// Highest is the longest time that a histogram tells from a longer one. Longer
// times are counted in its place, and in Overflow.
const Highest = time.Hour

// The buckets are HdrHistogram's for three significant digits from 1 ns on:
// values below 2<<magnitude have a bucket each; from there on every doubling of
// the value has 1<<magnitude buckets. Eight of them together make a bucket of two
// digits from 8 ns on.
const (
	magnitude = 10
	coarse    = 3 // 1<<coarse buckets are one

	highestBits = 42 // of Highest
	buckets     = (highestBits - magnitude + 1) << magnitude
)

// A Histogram is a distribution of times. Up to Highest it tells times apart by
// three significant digits; Min, Max, Mean and Stddev are exact. The zero value
// is empty and ready to use; it takes memory for counts, 264 KiB, when the first
// time is recorded. It must not be copied once used, nor used from two goroutines
// at once.
//
// The counts are those of hdrhistogram-go, bucket by bucket, and HDR gives them
// to it. They are kept here because with the geometry in constants, the exact
// extremes and sums cost nothing more than the library's RecordValue alone.
type Histogram struct {
	counts             []int64
	merged             uint8 // as a power of two, how many buckets are one: 0, or coarse
	count              int64
	min, max           int64
	sum                uint64
	squaresHi, squares uint64 // sum of squares; 1 s² alone is 10^18
	overflow           int64
	underflow          int64
}

// Record counts one time. A negative time, which only a clock that went backward
// can make, is counted as 0 and in Underflow.
func (h *Histogram) Record(d time.Duration) {
	if uint64(d) > uint64(Highest) {
		d = h.outside(d)
	}
	v := uint64(d)
	i := index(min(v, uint64(Highest))) >> (h.merged & 63)
	if i >= len(h.counts) {
		h.counts = make([]int64, buckets>>h.merged)
	}
	h.counts[i]++
	if h.count == 0 || int64(v) < h.min {
		h.min = int64(v)
	}
	h.max = max(h.max, int64(v))
	h.count++
	h.sum += v
	h.addSquares(bits.Mul64(v, v))
}

// addSquares adds a number of 128 bits to the sum of squares.
func (h *Histogram) addSquares(hi, lo uint64) {
	var carry uint64
	h.squares, carry = bits.Add64(h.squares, lo, 0)
	h.squaresHi, _ = bits.Add64(h.squaresHi, hi, carry)
}

// outside counts a time that is out of range and returns what to record for it.
func (h *Histogram) outside(d time.Duration) time.Duration {
	if d < 0 {
		h.underflow++
		return 0
	}
	h.overflow++
	return d
}

// index returns the bucket of v.
func index(v uint64) int {
	shift := uint(bits.Len64(v|(2<<magnitude-1))) - (magnitude + 1)
	return int(uint64(shift)<<magnitude + v>>(shift&63))
}

// lowest returns the lowest value of bucket i.
func lowest(i int) int64 {
	shift := max(i>>magnitude, 1) - 1
	return int64(i-shift<<magnitude) << shift
}

// bucket returns the lowest and the highest value of the bucket counts[i].
func (h *Histogram) bucket(i int) (low, high int64) {
	return lowest(i << h.merged), lowest((i+1)<<h.merged) - 1
}

// Merge adds what from holds. The two must have the same number of digits.
func (h *Histogram) Merge(from *Histogram) {
	if from.count == 0 {
		return
	}
	if h.merged != from.merged {
		panic("record: histograms of different precision merged")
	}
	if h.counts == nil {
		h.counts = make([]int64, len(from.counts))
	}
	low, high := from.span()
	for i, n := range from.counts[low:high] {
		h.counts[low+i] += n
	}
	if h.count == 0 || from.min < h.min {
		h.min = from.min
	}
	h.max = max(h.max, from.max)
	h.count += from.count
	h.sum += from.sum
	h.addSquares(from.squaresHi, from.squares)
	h.overflow += from.overflow
	h.underflow += from.underflow
}

// span returns the range of counts outside which all are 0.
func (h *Histogram) span() (low, high int) {
	low = index(min(uint64(h.min), uint64(Highest))) >> h.merged
	high = index(min(uint64(h.max), uint64(Highest)))>>h.merged + 1
	return low, high
}

// reset empties h and keeps its memory.
func (h *Histogram) reset() {
	if h.count > 0 {
		low, high := h.span()
		clear(h.counts[low:high])
	}
	*h = Histogram{counts: h.counts, merged: h.merged}
}

// Count returns how many times were recorded.
func (h *Histogram) Count() int64 { return h.count }

// Min returns the shortest time recorded, exactly; 0 if there is none.
func (h *Histogram) Min() time.Duration { return time.Duration(h.min) }

// Max returns the longest time recorded, exactly, even beyond Highest; 0 if
// there is none.
func (h *Histogram) Max() time.Duration { return time.Duration(h.max) }

// Mean returns the mean of the times as they were recorded, before they were
// put into buckets; 0 if there is none.
func (h *Histogram) Mean() time.Duration {
	if h.count == 0 {
		return 0
	}
	return time.Duration(math.Round(float64(h.sum) / float64(h.count)))
}

// Stddev returns the standard deviation of the population, from the times as
// they were recorded; 0 if there is none.
func (h *Histogram) Stddev() time.Duration {
	if h.count == 0 {
		return 0
	}
	// n·Σx² − (Σx)² cancels almost to nothing when times lie close together, so it
	// is taken before any rounding.
	squares, sum := h.Squares(), new(big.Int).SetUint64(h.sum)
	squares.Mul(squares, big.NewInt(h.count)).Sub(squares, sum.Mul(sum, sum))
	variance, _ := new(big.Float).SetInt(squares).Float64()
	return time.Duration(math.Round(math.Sqrt(variance) / float64(h.count)))
}

// Sum returns the sum of the times as they were recorded, in ns.
func (h *Histogram) Sum() uint64 { return h.sum }

// Squares returns the sum of their squares, in ns².
func (h *Histogram) Squares() *big.Int {
	squares := new(big.Int).SetUint64(h.squaresHi)
	return squares.Lsh(squares, 64).Or(squares, new(big.Int).SetUint64(h.squares))
}

// Overflow returns how many of the times were longer than Highest.
func (h *Histogram) Overflow() int64 { return h.overflow }

// Underflow returns how many of the times were negative.
func (h *Histogram) Underflow() int64 { return h.underflow }
