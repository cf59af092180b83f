package results

import (
	"math"
	"time"
)

func (c *Counts) add(o *Counts) {
	part := o.all()
	for i, at := range c.all() {
		*at += *part[i]
	}
}

// rates adds up rates as what they are: whole numbers of events over the length of
// a window.
func (m *merging) rates(of func(*Document) Rates) Rates {
	var offered, begun, ended, accepted float64
	for _, d := range m.docs {
		r, seconds := of(d), d.Window.Length().Seconds()
		offered += math.Round(r.Offered * seconds)
		begun += math.Round(r.Begun * seconds)
		ended += math.Round(r.Ended * seconds)
		accepted += math.Round(r.Accepted * seconds)
	}
	length := m.sum.Window.Length().Seconds()
	if length <= 0 {
		return Rates{}
	}
	return Rates{Offered: offered / length, Begun: begun / length, Ended: ended / length, Accepted: accepted / length}
}

// intervals adds the seconds of all parts.
func (m *merging) intervals() []Interval {
	length := 0
	for _, d := range m.docs {
		length = max(length, len(d.Intervals))
	}
	var sum []Interval
	for second := range length {
		s := Interval{Start: time.Duration(second) * interval}
		for _, d := range m.docs {
			if second < len(d.Intervals) {
				s.add(&d.Intervals[second])
			} else if n := len(d.Intervals); n > 0 {
				// What a part did not end stays as it was when nothing happened any more.
				s.InFlight += d.Intervals[n-1].InFlight
				s.Backlog += d.Intervals[n-1].Backlog
			}
		}
		sum = append(sum, s)
	}
	return sum
}

func (i *Interval) add(o *Interval) {
	i.Intended += o.Intended
	i.Accepted += o.Accepted
	i.Deferred += o.Deferred
	i.Rejected += o.Rejected
	i.Failed += o.Failed
	i.Unknown += o.Unknown
	i.Dropped += o.Dropped
	i.Unfinished += o.Unfinished
	i.Begun += o.Begun
	i.Ended += o.Ended
	i.AcceptedEnded += o.AcceptedEnded
	i.Response.add(o.Response)
	i.Service.add(o.Service)
	i.InFlight += o.InFlight
	i.Backlog += o.Backlog
}

// add adds what can be added: where both have values, there are no percentiles.
func (s *Spread) add(o Spread) {
	switch {
	case o.Count == 0:
	case s.Count == 0:
		*s = o
	default:
		*s = Spread{Count: s.Count + o.Count, Max: max(s.Max, o.Max)}
	}
}
