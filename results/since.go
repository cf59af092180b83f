package results

import (
	"math/big"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Since returns what lies between two looks at one run: d, the later one, without what
// before holds already. Its window begins where that of before ends. Intervals stay as they
// are, each a second of its own. It fails only if a histogram is damaged.
func (d *Document) Since(before *Document) (*Document, error) {
	s := *d
	s.Window.SteadyStart = before.Window.SteadyEnd
	s.Counts = d.Counts.without(before.Counts)
	s.Rates = ratesSince(d, before)
	s.Replies = repliesSince(d.Replies, before.Replies)
	s.Faults = faultsSince(d.Faults, before.Faults)
	var err error
	old := before.Latency.fields()
	for i, field := range s.Latency.fields() {
		if *field.at, err = (*field.at).since(*old[i].at); err != nil {
			return nil, err
		}
	}
	s.Steps = slices.Clone(d.Steps)
	for i := range s.Steps {
		if err := s.Steps[i].reduce(before.Steps); err != nil {
			return nil, err
		}
	}
	return &s, nil
}

// without returns the counts that are not in before.
func (c Counts) without(before Counts) Counts {
	old := before.all()
	for i, at := range c.all() {
		*at -= *old[i]
	}
	return c
}

// all lists the places of the counts.
func (c *Counts) all() []*int64 {
	return []*int64{&c.Intended, &c.Begun, &c.Accepted, &c.Deferred, &c.Rejected, &c.Failed, &c.Unknown, &c.Dropped, &c.Unfinished,
		&c.Sessions, &c.RecipientsAccepted, &c.RecipientsDeferred, &c.RecipientsRejected, &c.RecipientsFailed,
		&c.OctetsSent, &c.OctetsReceived, &c.OctetsContent}
}

func ratesSince(d, before *Document) Rates {
	now, then := d.Window.Length().Seconds(), before.Window.Length().Seconds()
	if now <= then {
		return Rates{}
	}
	since := func(rate, old float64) float64 { return (rate*now - old*then) / (now - then) }
	return Rates{
		Offered: since(d.Rates.Offered, before.Rates.Offered), Begun: since(d.Rates.Begun, before.Rates.Begun),
		Ended: since(d.Rates.Ended, before.Rates.Ended), Accepted: since(d.Rates.Accepted, before.Rates.Accepted),
	}
}

func repliesSince(now, before []Reply) (since []Reply) {
	for _, r := range now {
		for _, old := range before {
			if r.Class == old.Class && r.Step == old.Step && r.Code == old.Code && r.Enhanced == old.Enhanced && r.Unexpected == old.Unexpected {
				r.Count -= old.Count
			}
		}
		if r.Count > 0 {
			since = append(since, r)
		}
	}
	return since
}

func faultsSince(now, before []Fault) (since []Fault) {
	for _, f := range now {
		for _, old := range before {
			if f.Class == old.Class && f.Step == old.Step && f.Kind == old.Kind {
				f.Count -= old.Count
			}
		}
		if f.Count > 0 {
			since = append(since, f)
		}
	}
	return since
}

// reduce takes away what was in the step of that name before.
func (s *Step) reduce(before []Step) error {
	i := slices.IndexFunc(before, func(old Step) bool { return old.Name == s.Name })
	if i < 0 {
		return nil
	}
	s.Sent -= before[i].Sent
	s.Faults = faultsSince(s.Faults, before[i].Faults)
	l, err := s.Latency.since(&before[i].Latency)
	if err == nil {
		s.Latency = *l
	}
	return err
}

// since returns the distribution of the samples that are not in before. Its extremes are those
// of buckets.
func (l *Latency) since(before *Latency) (*Latency, error) {
	if l.Size() == 0 || before.Size() == 0 {
		return l, nil
	}
	s := Sample{Censored: l.Censored - before.Censored, Overflow: l.Overflow - before.Overflow, Floor: l.Floor}
	now, err := l.Histogram()
	if err != nil {
		return nil, err
	}
	old, err := before.Histogram()
	if err != nil {
		return nil, err
	}
	if s.Histogram = subtract(now, old); s.Histogram != nil {
		sum, squares := l.moments()
		oldSum, oldSquares := before.moments()
		s.Min, s.Max = time.Duration(s.Histogram.Min()), time.Duration(s.Histogram.Max())
		s.Sum, s.Squares = sum-oldSum, new(big.Int).Sub(squares, oldSquares)
	}
	return NewLatency(l.Population, s)
}

// subtract returns the counts of a without those of b; nil if none are left.
func subtract(a, b *hdrhistogram.Histogram) *hdrhistogram.Histogram {
	if a == nil || b == nil || a.TotalCount() == b.TotalCount() {
		if b == nil {
			return a
		}
		return nil
	}
	s := a.Export()
	for i, n := range b.Export().Counts {
		s.Counts[i] -= n
	}
	return hdrhistogram.Import(s)
}
