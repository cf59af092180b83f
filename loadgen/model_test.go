package loadgen

import (
	"math"
	"slices"
	"time"

	"pgregory.net/rapid"

	"mailmill/results"
)

// A modelled slot is what the model says of it, in times of the run.
type modelled struct{ due, begun, ended time.Duration }

func (m modelled) lateness() time.Duration { return m.begun - m.due }
func (m modelled) service() time.Duration  { return m.ended - m.begun }
func (m modelled) response() time.Duration { return m.ended - m.due }

// queue is the pool as queueing theory has it: slots are begun in their order, each when it is due and one
// of the workers is free. serve tells how long slot n takes that begins then, and the worker afterwards.
func queue(workers int, due []time.Duration, serve func(n int, begun time.Duration) (service, after time.Duration)) []modelled {
	free := make([]time.Duration, workers)
	slots := make([]modelled, len(due))
	for n, at := range due {
		first := 0
		for w := range free {
			if free[w] < free[first] {
				first = w
			}
		}
		begun := max(at, free[first])
		service, after := serve(n, begun)
		slots[n] = modelled{at, begun, begun + service}
		free[first] = begun + service + after
	}
	return slots
}

// evenly returns the due times of a constant rate, up to an end.
func evenly(rate float64, length time.Duration) []time.Duration {
	var due []time.Duration
	for n := 0; ; n++ {
		at := time.Duration(math.Round(float64(n) * 1e9 / rate))
		if at >= length {
			return due
		}
		due = append(due, at)
	}
}

// each returns one figure of all slots.
func each(slots []modelled, figure func(modelled) time.Duration) []time.Duration {
	all := make([]time.Duration, len(slots))
	for i, s := range slots {
		all[i] = figure(s)
	}
	return all
}

// sameLatency holds a latency of a document against the durations that it was made of, of which none is
// censored: counts, extremes and mean are exact, and percentiles within the histogram's three digits.
func sameLatency(t rapid.TB, name string, got *results.Latency, want []time.Duration) {
	t.Helper()
	if got == nil {
		t.Errorf("%s: not in the document", name)
		return
	}
	sorted := slices.Sorted(slices.Values(want))
	n := len(sorted)
	mean, stddev := moments(sorted)
	if got.Count != int64(n) || got.Censored != 0 || got.Min != sorted[0] || got.Max != sorted[n-1] {
		t.Errorf("%s: %d samples and %d censored from %v to %v; want %d from %v to %v",
			name, got.Count, got.Censored, got.Min, got.Max, n, sorted[0], sorted[n-1])
	}
	if (got.Mean-mean).Abs() > 1 || (got.StdDev-stddev).Abs() > 1+stddev/1e6 {
		t.Errorf("%s: mean %v and standard deviation %v; want %v and %v", name, got.Mean, got.StdDev, mean, stddev)
	}
	for _, p := range results.Percentiles {
		v, atLeast, ok := got.Percentile(p)
		if ok != (int64(n) >= p.Samples()) {
			t.Errorf("%s: p%s is given for %d samples: %t", name, p, n, ok)
		}
		if exact := sorted[rank(p, n)-1]; ok && (atLeast || v < exact || v > exact+exact/1000) {
			t.Errorf("%s: p%s is %v (at least: %t); want %v", name, p, v, atLeast, exact)
		}
	}
}

// rank is ⌈p·n⌉, the place of a percentile among n sorted durations.
func rank(p results.Percentile, n int) int {
	parts := map[results.Percentile]int{"50": 5000, "90": 9000, "95": 9500, "99": 9900, "99.9": 9990, "99.99": 9999}
	return (parts[p]*n + 9999) / 10000
}

func moments(durations []time.Duration) (mean, stddev time.Duration) {
	var sum, squares float64
	for _, d := range durations {
		sum += float64(d)
	}
	m := sum / float64(len(durations))
	for _, d := range durations {
		squares += (float64(d) - m) * (float64(d) - m)
	}
	return time.Duration(math.Round(m)), time.Duration(math.Round(math.Sqrt(squares / float64(len(durations)))))
}

// sameSpread does for a second what sameLatency does for a run; its percentiles have two digits.
func sameSpread(t rapid.TB, name string, got results.Spread, want []time.Duration) {
	t.Helper()
	if got.Count != int64(len(want)) {
		t.Errorf("%s: %d samples, want %d", name, got.Count, len(want))
	}
	if len(want) == 0 {
		return
	}
	slices.Sort(want)
	for _, row := range []struct {
		p   results.Percentile
		got time.Duration
	}{{"50", got.P50}, {"90", got.P90}, {"99", got.P99}} {
		if exact := want[rank(row.p, len(want))-1]; row.got < exact || row.got > exact+exact/100 {
			t.Errorf("%s: p%s is %v, want %v", name, row.p, row.got, exact)
		}
	}
	if got.Max != want[len(want)-1] {
		t.Errorf("%s: max is %v, want %v", name, got.Max, want[len(want)-1])
	}
}

// sameIntervals holds the seconds of a document against slots that were all accepted.
func sameIntervals(t rapid.TB, got []results.Interval, slots []modelled) {
	t.Helper()
	want := make([]results.Interval, len(got))
	response, service := make([][]time.Duration, len(got)), make([][]time.Duration, len(got))
	second := func(d time.Duration) int { return min(int(d/time.Second), len(got)-1) }
	for _, s := range slots {
		due, begun, ended := second(s.due), second(s.begun), second(s.ended)
		want[due].Intended++
		want[due].Accepted++
		want[begun].Begun++
		want[ended].Ended++
		want[ended].AcceptedEnded++
		response[ended] = append(response[ended], s.response())
		service[ended] = append(service[ended], s.service())
	}
	var flying, waiting int64
	for i, g := range got {
		w := &want[i]
		flying += w.Begun - w.Ended
		waiting += w.Intended - w.Begun
		w.Start, w.InFlight, w.Backlog = time.Duration(i)*time.Second, flying, waiting
		sameSpread(t, "response in second "+w.Start.String(), g.Response, response[i])
		sameSpread(t, "service in second "+w.Start.String(), g.Service, service[i])
		g.Response, g.Service = results.Spread{}, results.Spread{}
		if g != *w {
			t.Errorf("second %d is %+v, want %+v", i, g, *w)
		}
		if t.Failed() {
			return
		}
	}
}
