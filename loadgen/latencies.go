package loadgen

import (
	"cmp"

	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/results"
)

// fillLatencies enters every distribution that is wanted and has anything in it.
func (r *run) fillLatencies(l *results.Latencies, t *record.Totals, wanted func(string) bool) error {
	for _, row := range []struct {
		name       string
		at         **results.Latency
		population string
		known      *record.Histogram
		all        *record.Latency // nil where nothing can be censored
	}{
		{"response", &l.Response, "accepted", &t.Response.Known, &t.Response},
		{"service", &l.Service, "accepted", &t.Service.Known, &t.Service},
		{"lateness", &l.Lateness, "accepted", &t.Lateness, nil},
		{"refused", &l.Refused, "deferred and rejected", &t.Refused, nil},
		{"opening", &l.Opening, "sessions opened", &t.Opening, nil},
		{"queue", &l.Queue, "begun or dropped", &t.Queue, nil},
		{"pacer", &l.Pacer, "begun or dropped", &t.Pacer, nil},
		{"loop", &l.Loop, "replies", &t.Loop, nil},
	} {
		if !wanted(row.name) {
			continue
		}
		latency, err := latencyOf(row.population, row.known, row.all)
		if err != nil {
			return err
		}
		if latency.Size() > 0 {
			*row.at = latency
		}
	}
	return nil
}

func latencyOf(population string, known *record.Histogram, all *record.Latency) (*results.Latency, error) {
	s := results.Sample{Min: known.Min(), Mean: known.Mean(), Max: known.Max(), StdDev: known.Stddev(), Overflow: known.Overflow()}
	if known.Count() > 0 {
		s.Histogram, s.Sum, s.Squares = known.HDR(), known.Sum(), known.Squares()
	}
	if all != nil {
		s.Censored, s.Floor = all.Censored.Count(), all.Censored.Min()
	}
	return results.NewLatency(population, s)
}

// timed says what is timed of the steps that do not end in one reply.
var timed = map[timing.Step]string{timing.Resolve: "look-ups", timing.Connect: "connections", timing.Proxy: "headers", timing.TLS: "handshakes",
	timing.Auth: "exchanges", timing.Content: "contents"}

// steps are the steps that were begun.
func (r *run) steps(t *record.Totals, wanted func(string) bool) (all []results.Step, err error) {
	for step := range timing.NumSteps {
		known := &t.Steps[step]
		if !wanted(step.String()) {
			known = &record.Histogram{}
		}
		latency, err := latencyOf(cmp.Or(timed[step], "replies"), known, nil)
		if err != nil {
			return nil, err
		}
		s := results.Step{Name: step.String(), Sent: begun(t, step), Latency: *latency}
		for _, f := range t.Faults {
			if f.Step == step {
				s.Faults = append(s.Faults, r.faultOf(f))
			}
		}
		if s.Sent > 0 || s.Latency.Count > 0 {
			all = append(all, s)
		}
	}
	return all, nil
}

// begun is how often a step was begun: each time it comes to its end, or to a fault. A reply that leaves the
// session without a next step, or answers nothing, is both; what is not offered is not begun.
func begun(t *record.Totals, step timing.Step) (n int64) {
	switch step {
	case timing.Connect:
		n = t.Sessions
	case timing.TLS:
		n = t.Handshakes
	case timing.Resolve, timing.Proxy, timing.Auth: // which may be begun and come to many replies, or none
		return t.Commands[step]
	default: // contents that were written, and what was left unanswered with another command
		n = t.Commands[step]
	}
	for _, c := range t.Replies {
		if c.Step == step && !(step == timing.Idle && c.Code != closing) {
			n += c.Count
		}
	}
	for _, f := range t.Faults {
		if f.Step == step && f.Kind != timing.Unexpected && f.Kind != timing.NotOffered {
			n += f.Count
		}
	}
	return n
}

// closing is the one code that a server may send unasked (RFC 5321 section 3.8). Any other in an idle session is
// a fault.
const closing = 421
