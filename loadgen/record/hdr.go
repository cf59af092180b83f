package record

import (
	"fmt"
	"math/bits"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// HDR returns a copy of the counts as an HdrHistogram of nanoseconds, from 1 ns
// to Highest with three significant digits (what OnSecond is given: from 8 ns with
// two). Its Min, Max, Mean and StdDev are those of buckets; the exact ones are h's.
func (h *Histogram) HDR() *hdrhistogram.Histogram {
	digits := int64(3)
	if h.merged == coarse {
		digits = 2
	}
	return hdrhistogram.Import(&hdrhistogram.Snapshot{
		LowestTrackableValue: 1 << h.merged, HighestTrackableValue: int64(Highest),
		SignificantFigures: digits, Counts: h.counts,
	})
}

// EncodeHDR returns the counts as result documents and interval logs hold them:
// base64 of HdrHistogram's compressed V2 encoding.
func (h *Histogram) EncodeHDR() (string, error) {
	b, err := h.HDR().Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return "", fmt.Errorf("histogram of %d times cannot be encoded: %w", h.count, err)
	}
	return string(b), nil
}

// ParseHDR is the inverse of EncodeHDR for a histogram of three digits. What the
// encoding does not hold is taken from the buckets: Min and Max from the ends of
// the outermost ones, Mean and Stddev from the middle of each. Overflow and
// Underflow are 0.
func ParseHDR(encoded []byte) (*Histogram, error) {
	decoded, err := hdrhistogram.Decode(encoded)
	if err != nil {
		return nil, fmt.Errorf("octets are not an HdrHistogram of V2: %w", err)
	}
	s := decoded.Export()
	if s.LowestTrackableValue != 1 || s.HighestTrackableValue != int64(Highest) || s.SignificantFigures != 3 {
		return nil, fmt.Errorf("HdrHistogram has range %d to %d with %d digits, not 1 to %d (nanoseconds of an hour) with 3",
			s.LowestTrackableValue, s.HighestTrackableValue, s.SignificantFigures, int64(Highest))
	}
	h := &Histogram{}
	for i, n := range s.Counts {
		h.addBucket(i, n)
	}
	return h, nil
}

// addBucket counts n times that fell into bucket i.
func (h *Histogram) addBucket(i int, n int64) {
	if n == 0 {
		return
	}
	low, high := h.bucket(i)
	if h.counts == nil {
		h.counts, h.min = make([]int64, buckets), low
	}
	h.counts[i] += n
	h.count += n
	h.min, h.max = min(h.min, low), max(h.max, high)
	middle := uint64(low+high+1) / 2
	h.sum += middle * uint64(n)
	over, square := bits.Mul64(middle, middle)
	hi, lo := bits.Mul64(square, uint64(n))
	h.addSquares(hi+over*uint64(n), lo)
}
