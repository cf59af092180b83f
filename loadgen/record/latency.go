package record

import "time"

// A Latency is the distribution of a time over a population of slots of which
// some never came to the end that is timed: the censored. They rank as slower
// than every known time.
type Latency struct {
	Known    Histogram
	Censored int64
	// Floor is the shortest that a censored slot was seen to last.
	Floor time.Duration
}

// Count returns the size of the population, censored slots included.
func (l *Latency) Count() int64 { return l.Known.count + l.Censored }

// Quantile returns the time of rank ⌈p·N⌉ over the whole population, as
// Histogram.Quantile does. When that rank falls among the censored slots, atLeast
// is true and the time is a lower bound: the longer of the longest known time and
// Floor. An empty population gives 0.
func (l *Latency) Quantile(p float64) (d time.Duration, atLeast bool) {
	r := rank(p, l.Count())
	if r > l.Known.count && l.Censored > 0 {
		return max(l.Known.Max(), l.Floor), true
	}
	return l.Known.atRank(r), false
}

// censor counts a slot that was seen to last d and did not come to its end.
func (l *Latency) censor(d time.Duration) {
	if l.Censored == 0 || d < l.Floor {
		l.Floor = d
	}
	l.Censored++
}

func (l *Latency) merge(from *Latency) {
	l.Known.Merge(&from.Known)
	if l.Censored == 0 || from.Censored > 0 && from.Floor < l.Floor {
		l.Floor = from.Floor
	}
	l.Censored += from.Censored
}
