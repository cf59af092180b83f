package results

import (
	"errors"
	"fmt"
	"slices"

	"mailmill/loadgen/timing"
)

// Check reports everything in the document that contradicts itself; nil when
// nothing does. A document that fails it shows a fault of mailmill, not of a
// server.
func (d *Document) Check() error {
	found := []error{d.contradictions()}
	if !slices.Contains([]Status{Valid, Degraded, Invalid}, d.Verdict.Status) {
		found = append(found, fmt.Errorf("verdict %q is none of VALID, DEGRADED, INVALID", d.Verdict.Status))
	}
	return errors.Join(found...)
}

// contradictions are those in everything that a verdict is drawn from.
func (d *Document) contradictions() error {
	found := []error{d.Books()}
	for _, c := range d.Classes {
		found = append(found, c.Latency.check("class "+c.Name+": ", c.Counts))
	}
	found = append(found, d.Latency.check("", d.Counts), d.checkSteps(), d.checkLists(), d.checkMisbehaved())
	if d.Window.SteadyEnd < d.Window.SteadyStart {
		found = append(found, fmt.Errorf("window ends at %v, before it starts at %v", d.Window.SteadyEnd, d.Window.SteadyStart))
	}
	return errors.Join(found...)
}

// Books checks that every slot has exactly one outcome: in the whole run, in
// each class, in each second, and that the parts add up to the whole.
func (d *Document) Books() error {
	found := []error{d.Counts.check("")}
	if len(d.Classes) > 0 {
		var intended int64
		for _, c := range d.Classes {
			found = append(found, c.Counts.check("class "+c.Name+": "))
			intended += c.Counts.Intended
		}
		found = append(found, equal("slots intended in all classes", intended, "intended", d.Counts.Intended))
	}
	if len(d.Parts) > 0 {
		var intended int64
		for _, p := range d.Parts {
			intended += p.Counts.Intended
		}
		found = append(found, equal("slots intended in all parts", intended, "intended", d.Counts.Intended))
	}
	if len(d.Intervals) > 0 {
		var intended int64
		for _, i := range d.Intervals {
			found = append(found, i.counts().check(fmt.Sprintf("second %d: ", i.Start/1e9)))
			intended += i.Intended
		}
		found = append(found, equal("slots intended in all seconds", intended, "intended", d.Counts.Intended))
	}
	return errors.Join(found...)
}

// counts returns the outcomes of the slots that were due in the second. What
// was begun in it is no part of those books.
func (i Interval) counts() Counts {
	return Counts{
		Intended: i.Intended, Begun: i.Intended - i.Dropped,
		Accepted: i.Accepted, Deferred: i.Deferred, Rejected: i.Rejected, Failed: i.Failed,
		Unknown: i.Unknown, Dropped: i.Dropped, Unfinished: i.Unfinished,
	}
}

func (c Counts) check(where string) error {
	smallest := min(c.Intended, c.Begun, c.Accepted, c.Deferred, c.Rejected, c.Failed, c.Unknown, c.Dropped, c.Unfinished)
	replied := c.Accepted + c.Deferred + c.Rejected
	switch {
	case smallest < 0:
		return fmt.Errorf("%sa count is negative (%d)", where, smallest)
	case c.Intended != c.Sum():
		return fmt.Errorf("%sintended is %d, but accepted %d + deferred %d + rejected %d + failed %d + unknown %d + dropped %d + unfinished %d is %d",
			where, c.Intended, c.Accepted, c.Deferred, c.Rejected, c.Failed, c.Unknown, c.Dropped, c.Unfinished, c.Sum())
	case c.Begun > c.Intended-c.Dropped:
		return fmt.Errorf("%sbegun is %d, but only %d of the slots intended were not dropped", where, c.Begun, c.Intended-c.Dropped)
	case replied > c.Begun:
		return fmt.Errorf("%s%d slots ended with a reply, but only %d were begun", where, replied, c.Begun)
	}
	return nil
}

func equal(what string, n int64, other string, m int64) error {
	if n == m {
		return nil
	}
	return fmt.Errorf("%s: %d, but %s is %d", what, n, other, m)
}

// check holds each latency against itself and against the books.
func (l Latencies) check(where string, c Counts) error {
	lost := c.Failed + c.Unknown + c.Dropped + c.Unfinished
	rows := []struct {
		name          string
		l             *Latency
		most, mostOut int64 // at most so many samples, and censored
	}{
		{"response", l.Response, c.Accepted, lost},
		{"service", l.Service, c.Accepted, lost},
		{"lateness", l.Lateness, c.Intended, lost},
		{"refused", l.Refused, c.Deferred + c.Rejected, 0},
		{"queue", l.Queue, c.Intended, lost},
		{"pacer", l.Pacer, c.Intended, lost},
		{"opening", l.Opening, -1, -1},
		{"loop", l.Loop, -1, -1},
	}
	var found []error
	for _, row := range rows {
		found = append(found, row.l.check(where+row.name))
		if row.l != nil && row.most >= 0 && (row.l.Count > row.most || row.l.Censored > row.mostOut) {
			found = append(found, fmt.Errorf("%s%s counts %d and %d censored, but the books allow %d and %d",
				where, row.name, row.l.Count, row.l.Censored, row.most, row.mostOut))
		}
	}
	return errors.Join(found...)
}

func (l *Latency) check(where string) error {
	if l == nil {
		return nil
	}
	if l.Count > 0 && (l.Min > l.Mean || l.Mean > l.Max) {
		return fmt.Errorf("%s: min %v, mean %v, max %v are not in order", where, l.Min, l.Mean, l.Max)
	}
	last, lastName := l.Min, Percentile("min")
	for _, p := range Percentiles {
		v, atLeast, ok := l.Percentile(p)
		if !ok {
			continue
		}
		if v < last || !atLeast && v > l.Max {
			return fmt.Errorf("%s: p%s is %v, after %s %v and with max %v", where, p, v, lastName, last, l.Max)
		}
		last, lastName = v, "p"+p
	}
	h, err := l.Histogram()
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if h != nil {
		return equal(where+": samples in the histogram", h.TotalCount(), "count", l.Count)
	}
	return nil
}

func (d *Document) checkSteps() error {
	var found []error
	for _, s := range d.Steps {
		if _, ok := timing.ParseStep(s.Name); !ok {
			found = append(found, fmt.Errorf("step %q is no step of a session", s.Name))
		}
		found = append(found, s.Latency.check("step "+s.Name))
	}
	return errors.Join(found...)
}

// checkLists checks that a row of the lists stands for something that happened.
func (d *Document) checkLists() error {
	var found []error
	for _, r := range d.Replies {
		if _, ok := timing.ParseStep(r.Step); !ok || r.Count < 1 || r.Last < r.First {
			found = append(found, fmt.Errorf("replies: %d to %q, %d times from %v to %v, cannot be", r.Code, r.Step, r.Count, r.First, r.Last))
		}
	}
	for _, f := range d.Faults {
		if _, ok := timing.ParseStep(f.Step); !ok || f.Count < 1 || f.Last < f.First {
			found = append(found, fmt.Errorf("faults: %s at %q, %d times from %v to %v, cannot be", f.Kind, f.Step, f.Count, f.First, f.Last))
		}
	}
	return errors.Join(found...)
}
