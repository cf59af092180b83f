package record

import "time"

// A Latency is the distribution of a time over a population of slots of which
// some never came to the end that is timed: the censored. They rank as slower
// than every known time.
type Latency struct {
	Known Histogram
	// Censored holds how long each of the others was seen to last, which is the
	// least that its time can be.
	Censored Histogram
}

// Count returns the size of the population, censored slots included.
func (l *Latency) Count() int64 { return l.Known.count + l.Censored.count }

// Quantile returns the time of rank ⌈p·N⌉ over the whole population, as
// Histogram.Quantile does. When that rank falls among the censored slots, atLeast
// is true and the time is a lower bound: the longest known time, or what every
// censored slot was seen to last, if that is longer. An empty population gives 0.
func (l *Latency) Quantile(p float64) (d time.Duration, atLeast bool) {
	r := rank(p, l.Count())
	if r > l.Known.count && l.Censored.count > 0 {
		return max(l.Known.Max(), l.Censored.Min()), true
	}
	return l.Known.atRank(r), false
}

// Merge adds what from holds.
func (l *Latency) Merge(from *Latency) {
	l.Known.Merge(&from.Known)
	l.Censored.Merge(&from.Censored)
}
