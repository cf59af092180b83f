package loadgen

import (
	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/results"
)

// fillLatencies enters every distribution that has anything in it.
func fillLatencies(d *results.Document, t *record.Totals, p *parts) error {
	l := &d.Latency
	for _, row := range []struct {
		at         **results.Latency
		population string
		known      *record.Histogram
		all        *record.Latency // nil where nothing can be censored
	}{
		{&l.Response, "accepted", &t.Response.Known, &t.Response},
		{&l.Service, "accepted", &t.Service.Known, &t.Service},
		{&l.Lateness, "accepted", &t.Lateness, nil},
		{&l.Refused, "deferred and rejected", &t.Refused, nil},
		{&l.Opening, "sessions opened", &t.Opening, nil},
		{&l.Queue, "begun", &t.Queue, nil},
		{&l.Pacer, "begun", &t.Pacer, nil},
		{&l.Loop, "replies", &t.Loop, nil},
	} {
		latency, err := latencyOf(row.population, row.known, row.all)
		if err != nil {
			return err
		}
		if latency.Size() > 0 {
			*row.at = latency
		}
	}
	return fillSteps(d, t, p.run)
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

// fillSteps enters the steps that were begun: how often is the sum of their replies and faults, since
// each one comes to one or the other.
func fillSteps(d *results.Document, t *record.Totals, r *run) error {
	for step := range timing.NumSteps {
		latency, err := latencyOf("replies", &t.Steps[step], nil)
		if err != nil {
			return err
		}
		s := results.Step{Name: step.String(), Latency: *latency}
		for _, c := range t.Replies {
			if c.Step == step {
				s.Sent += c.Count
			}
		}
		for _, f := range t.Faults {
			if f.Step == step {
				s.Sent += f.Count
				s.Faults = append(s.Faults, r.faultOf(f))
			}
		}
		if step == timing.Connect {
			s.Sent += t.Sessions
		}
		if step == timing.Content {
			s.Sent += t.Steps[step].Count()
		}
		if s.Sent > 0 || s.Latency.Count > 0 {
			d.Steps = append(d.Steps, s)
		}
	}
	return nil
}
