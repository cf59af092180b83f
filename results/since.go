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
	rates := ratesBetween(before.Window, d.Window)
	s.Rates = rates(before.Rates, d.Rates)
	s.Replies = repliesSince(d.Replies, before.Replies)
	s.Faults = faultsSince(d.Faults, before.Faults)
	err := s.Latency.reduce(before.Latency)
	if err != nil {
		return nil, err
	}
	if s.Steps, err = stepsSince(d.Steps, before.Steps); err != nil {
		return nil, err
	}
	s.Classes = slices.Clone(d.Classes)
	for i := range s.Classes {
		if err := s.Classes[i].reduce(before.Classes, rates); err != nil {
			return nil, err
		}
	}
	return &s, nil
}

// reduce takes away what was of the class of that name before.
func (c *Class) reduce(before []Class, rates func(then, now Rates) Rates) (err error) {
	i := slices.IndexFunc(before, func(old Class) bool { return old.Name == c.Name })
	if i < 0 {
		return nil
	}
	old := &before[i]
	c.Counts, c.Rates = c.Counts.without(old.Counts), rates(old.Rates, c.Rates)
	if c.Steps, err = stepsSince(c.Steps, old.Steps); err != nil {
		return err
	}
	return c.Latency.reduce(old.Latency)
}

// reduce takes away the samples that were there before.
func (l *Latencies) reduce(before Latencies) (err error) {
	old := before.fields()
	for i, field := range l.fields() {
		if *field.at, err = (*field.at).since(*old[i].at); err != nil {
			return err
		}
	}
	return nil
}

func stepsSince(now, before []Step) ([]Step, error) {
	now = slices.Clone(now)
	for i := range now {
		if err := now[i].reduce(before); err != nil {
			return nil, err
		}
	}
	return now, nil
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
		&c.Sessions, &c.SessionsUnpipelined, &c.SessionsSpent, &c.RecipientsAccepted, &c.RecipientsDeferred, &c.RecipientsRejected, &c.RecipientsFailed,
		&c.OctetsSent, &c.OctetsReceived, &c.OctetsContent}
}

// ratesBetween tells the rates from the end of one window to that of the other, which began with it.
func ratesBetween(before, after Window) func(then, now Rates) Rates {
	long, short := after.Length().Seconds(), before.Length().Seconds()
	if long <= short {
		return func(_, _ Rates) Rates { return Rates{} }
	}
	between := func(then, now float64) float64 { return (now*long - then*short) / (long - short) }
	return func(then, now Rates) Rates {
		return Rates{
			Offered: between(then.Offered, now.Offered), Begun: between(then.Begun, now.Begun),
			Ended: between(then.Ended, now.Ended), Accepted: between(then.Accepted, now.Accepted),
		}
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
