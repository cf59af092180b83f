package loadgen

import (
	"fmt"
	"time"

	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/profiles"
	"mailmill/results"
)

// A sentry looks at a run under way with those checks that may end it.
type sentry struct {
	run    *run
	checks []profiles.Expectation
	// past are earlier looks, the latest last, as far back as the longest window goes.
	past   []*results.Document
	window time.Duration // the longest
	// ended are the checks that ended the run, in their own words.
	ended map[string]results.Check
}

// newSentry returns nil if no check may end the run.
func newSentry(r *run) *sentry {
	s := &sentry{run: r, ended: map[string]results.Check{}}
	for _, e := range r.plan.Expectations() {
		if e.Abort {
			s.checks = append(s.checks, e)
			s.window = max(s.window, e.Window)
		}
	}
	if s.checks == nil {
		return nil
	}
	return s
}

// look ends the run if one of the checks fails on what was measured by now. Before the window there is
// nothing to look at, and after the load nothing to end.
func (s *sentry) look(now timing.Instant) {
	r := s.run
	at := r.since(now)
	if at < r.plan.WarmUp+lookInterval || r.loadEnd.Load() != 0 {
		return
	}
	d, err := r.soFar(now, s.wanted())
	if err != nil {
		return // a histogram that cannot be encoded ends the run with that error, when it is over
	}
	for _, e := range s.checks {
		if at < e.After {
			continue
		}
		c := e.Check.Evaluate(s.seen(d, e.Window))
		if c.Status != results.CheckFailed && (c.Status != results.CheckNoData || e.After == 0) {
			continue
		}
		c.Words += "; it ended the run after " + profiles.FormatDuration(at.Round(time.Millisecond))
		if e.Window > 0 && at-r.plan.WarmUp > e.Window {
			c.Words += fmt.Sprintf(", over the last %s", profiles.FormatDuration(e.Window))
		}
		s.ended[e.String()] = c
		r.stop(results.EndCheck)
	}
	s.keep(d)
}

// seen is the part of the run that a window holds; all of it if it is no longer than that.
func (s *sentry) seen(d *results.Document, window time.Duration) *results.Document {
	if window == 0 {
		return d
	}
	begin := d.Window.SteadyEnd - window
	for _, before := range s.past {
		if before.Window.SteadyEnd < begin-lookInterval/2 {
			continue
		}
		if since, err := d.Since(before); err == nil && before.Window.SteadyEnd < begin+lookInterval/2 {
			return since
		}
		break
	}
	return d
}

// keep keeps a look for the windows to come.
func (s *sentry) keep(d *results.Document) {
	if s.window == 0 {
		return
	}
	s.past = append(s.past, d)
	for s.past[0].Window.SteadyEnd < d.Window.SteadyEnd-s.window-lookInterval {
		s.past = s.past[1:]
	}
}

// wanted tells which latencies the checks are about.
func (s *sentry) wanted() func(string) bool {
	names := map[string]bool{}
	for _, e := range s.checks {
		names[e.Check.Latency()] = true
	}
	return func(name string) bool { return names[name] }
}

// soFar is the document of a run under way, as far as checks look at it: the books are those of the slots that have
// ended, since of the others nobody knows what becomes of them. Only those that were begun are counted all.
func (r *run) soFar(now timing.Instant, wanted func(string) bool) (*results.Document, error) {
	totals := r.recorder.SoFar(now)
	d := results.New()
	d.Window = results.Window{SteadyStart: r.plan.WarmUp, SteadyEnd: r.since(now)}
	d.Counts = countsOf(&totals.Counts, totals.Slots.Intended())
	d.Counts.Begun = 0
	for _, s := range totals.Seconds {
		d.Counts.Begun += s.Begun
	}
	d.Rates = r.rates(totals, d.Window.Length())
	err := r.fill(d, totals, wanted)
	if !r.slots.closed {
		due := r.slots.dueBefore(now) - r.slots.dueBefore(r.slots.origin.Add(r.plan.WarmUp))
		d.Rates.Offered = float64(due) / d.Window.Length().Seconds()
		r.countBacklog(d.Intervals, totals.Seconds)
	}
	return d, err
}

// countBacklog counts what waited at the end of each second of a run under way: the recorder
// knows of the slots that have ended only, the schedule of those too that nobody has come to.
func (r *run) countBacklog(in []results.Interval, seconds []record.Second) {
	var gone int64
	for i, s := range seconds {
		gone += s.Begun + s.Dropped
		end := r.slots.origin.Add(time.Duration(s.Index+1) * time.Second)
		in[i].Backlog = r.slots.dueBefore(end) - gone
	}
}

// meet enters into a document what was expected of the run, and whether it came. What ended the run stays as it was
// seen then: there it is to be found why.
func (r *run) meet(d *results.Document, s *sentry) {
	for _, e := range r.plan.Expectations() {
		c := e.Check.Evaluate(d)
		if s != nil {
			if ended, ok := s.ended[e.String()]; ok {
				c = ended
			}
		}
		d.Checks = append(d.Checks, c)
	}
}
