package results

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A Latency is a distribution of durations. Its size is Count + Censored: the
// censored are slots that did not end as the population asks and are taken as
// slower than all that did.
type Latency struct {
	// Population says in words what is counted, as "accepted".
	Population string        `json:"population"`
	Count      int64         `json:"count"`
	Min        time.Duration `json:"min_ns"`
	Mean       time.Duration `json:"mean_ns"`
	Max        time.Duration `json:"max_ns"`
	StdDev     time.Duration `json:"stddev_ns"`
	// Sum is the sum of the samples, Squares the sum of their squares as a decimal
	// number of ns². Mean and StdDev are drawn from them, in a merged document too.
	Sum     uint64 `json:"sum_ns,omitempty"`
	Squares string `json:"squares_ns2,omitempty"`
	// Percentiles holds those that the number of samples supports.
	Percentiles map[Percentile]time.Duration `json:"p_ns,omitempty"`
	// AtLeast lists the percentiles whose rank falls among the censored: the value
	// in Percentiles is then a lower bound.
	AtLeast  []Percentile `json:"at_least,omitempty"`
	Censored int64        `json:"censored,omitempty"`
	// Floor is a duration that every censored slot is known to have reached.
	Floor time.Duration `json:"floor_ns,omitempty"`
	// HDR is the histogram, in HdrHistogram's V2 compressed format, base64.
	HDR string `json:"hdr_v2,omitempty"`
	// Overflow counts values that were clamped to the range of the histogram.
	Overflow int64 `json:"overflow,omitempty"`
}

// A Sample is what a Latency is drawn from: a histogram and what it cannot hold
// exactly.
type Sample struct {
	Histogram              *hdrhistogram.Histogram // in nanoseconds; nil when nothing was recorded
	Min, Mean, Max, StdDev time.Duration
	// Sum and Squares are the sum of the samples and of their squares, in ns and ns².
	// If Squares is not nil, Mean and StdDev are drawn from them.
	Sum                uint64
	Squares            *big.Int
	Censored, Overflow int64
	// Floor is a duration that every censored slot is known to have reached; 0 when
	// none is known. A censored percentile is at least Floor and at least Max.
	Floor time.Duration
}

// NewLatency draws a Latency from a sample. It fails only if the histogram
// cannot be encoded.
func NewLatency(population string, s Sample) (*Latency, error) {
	l := &Latency{
		Population: population, Min: s.Min, Mean: s.Mean, Max: s.Max, StdDev: s.StdDev,
		Censored: s.Censored, Overflow: s.Overflow, Floor: s.Floor,
	}
	if s.Histogram != nil && s.Histogram.TotalCount() > 0 {
		l.Count = s.Histogram.TotalCount()
		encoded, err := s.Histogram.EncodeV2()
		if err != nil {
			return nil, fmt.Errorf("latency of %s: %w", population, err)
		}
		l.HDR = string(encoded)
		l.setMoments(s.Sum, s.Squares)
	}
	bars := distribution(s.Histogram)
	for _, p := range Percentiles {
		if !p.Enough(l.Size()) {
			continue
		}
		v, atLeast := l.quantile(bars, p)
		if l.Percentiles == nil {
			l.Percentiles = make(map[Percentile]time.Duration, len(Percentiles))
		}
		l.Percentiles[p] = v
		if atLeast {
			l.AtLeast = append(l.AtLeast, p)
		}
	}
	return l, nil
}

// Size returns the number of samples, the censored included.
func (l *Latency) Size() int64 {
	if l == nil {
		return 0
	}
	return l.Count + l.Censored
}

// Percentile returns a percentile that is in the document. With atLeast the
// value is a lower bound. It is not ok when there are too few samples for it.
func (l *Latency) Percentile(p Percentile) (v time.Duration, atLeast, ok bool) {
	if l == nil {
		return 0, false, false
	}
	v, ok = l.Percentiles[p]
	return v, slices.Contains(l.AtLeast, p), ok
}

// Quantile returns any percentile, from the document if it is there, else from
// the histogram in it. It is given even when the samples do not support it; see
// Percentile.Enough. It fails when there is no sample or the histogram is damaged.
func (l *Latency) Quantile(p Percentile) (v time.Duration, atLeast bool, err error) {
	if v, atLeast, ok := l.Percentile(p); ok {
		return v, atLeast, nil
	}
	if l.Size() == 0 {
		return 0, false, fmt.Errorf("p%s of nothing: no sample", p)
	}
	h, err := l.Histogram()
	if err != nil {
		return 0, false, err
	}
	v, atLeast = l.quantile(distribution(h), p)
	return v, atLeast, nil
}

// Histogram decodes the histogram of the document; nil when it has none.
func (l *Latency) Histogram() (*hdrhistogram.Histogram, error) {
	if l == nil || l.HDR == "" {
		return nil, nil
	}
	h, err := hdrhistogram.Decode([]byte(l.HDR))
	if err != nil {
		return nil, fmt.Errorf("hdr_v2 of %s latency: %w", l.Population, err)
	}
	return h, nil
}

// quantile finds the value at rank p.Rank(size). Buckets answer with their
// highest value, held to the exact extremes.
func (l *Latency) quantile(bars []hdrhistogram.Bar, p Percentile) (v time.Duration, atLeast bool) {
	rank := p.Rank(l.Size())
	if rank > l.Count {
		return max(l.Max, l.Floor), true
	}
	for _, bar := range bars {
		if rank -= bar.Count; rank <= 0 {
			return min(max(time.Duration(bar.To), l.Min), l.Max), false
		}
	}
	return l.Max, false
}

func distribution(h *hdrhistogram.Histogram) []hdrhistogram.Bar {
	if h == nil {
		return nil
	}
	return h.Distribution()
}
