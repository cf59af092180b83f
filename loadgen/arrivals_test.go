package loadgen

import (
	"bytes"
	"testing"
	"time"

	"mailmill/loadgen/schedule"
	"mailmill/profiles"
	"mailmill/results"
)

// staged is 10 s at 20/s, 20 s on which the rate rises to 100/s, and 5 s of silence.
var staged = []schedule.Stage{{Duration: 10 * time.Second, From: 20, To: 20}, {Duration: 20 * time.Second, From: 20, To: 100}, {Duration: 5 * time.Second}}

// dueBy lists when the slots of a schedule are due.
func dueBy(s schedule.Schedule, n int64) (due []time.Duration) {
	for i := range n {
		due = append(due, s.At(i))
	}
	return due
}

func prompt(int, time.Duration) (service, after time.Duration) { return 5 * ms, 0 }

func TestStagesAreCarriedOut(t *testing.T) {
	stages := schedule.NewStages(staged...)
	for _, row := range []struct {
		name     string
		messages int64
		want     int64
		length   time.Duration
	}{
		{"to their end", 0, 200 + 1200, 35 * time.Second},
		{"until there are messages enough", 300, 300, stages.At(300)},
		{"of more messages than there is time for", 5000, 1400, 35 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := scenario{
				plan: func(p *profiles.Plan) {
					p.Stages, p.Messages, p.Concurrency, p.MessagesPerSession = staged, row.messages, 3, 0
				},
				answer: taking(5 * ms),
			}.play(t).document
			slots := queue(3, dueBy(stages, row.want), prompt)
			if d.Counts.Intended != row.want || d.Counts.Accepted != row.want {
				t.Errorf("the books are %+v, want %d", d.Counts, row.want)
			}
			sameLatency(t, "response", d.Latency.Response, each(slots, modelled.response))
			sameIntervals(t, d.Intervals, slots)
			if d.Window.SteadyStart != 0 || d.Window.SteadyEnd != row.length {
				t.Errorf("the window is %+v, want %v", d.Window, row.length)
			}
			if got := d.Rates.Offered * row.length.Seconds(); int64(got+0.5) != row.want {
				t.Errorf("%v were offered a second, %v in all", d.Rates.Offered, got)
			}
			if l := d.Load; l.Model != results.Open || l.Arrivals != "constant" || len(l.Stages) != 3 || l.Stages[1] != (results.Stage{From: 20, To: 100, Duration: 20 * time.Second}) {
				t.Errorf("the load is %+v", l)
			}
		})
	}
}

// Clients that know nothing of each other come as the seed has it, and each time alike.
func TestArrivalsByChance(t *testing.T) {
	for _, row := range []struct {
		name string
		plan func(*profiles.Plan)
		over schedule.Curve
	}{
		{"at a rate", func(p *profiles.Plan) { p.Rate, p.Duration = 50, 30*time.Second }, schedule.Constant(50)},
		{"in stages", func(p *profiles.Plan) { p.Stages = staged }, schedule.NewStages(staged...)},
	} {
		t.Run(row.name, func(t *testing.T) {
			by := schedule.NewPoisson(7, row.over)
			n := by.Count(35 * time.Second)
			if row.over.String() == "50/s" {
				n = by.Count(30 * time.Second)
			}
			runs := playTwice(t, func() scenario {
				return scenario{
					plan: func(p *profiles.Plan) {
						row.plan(p)
						p.Arrivals, p.Seed, p.Concurrency, p.MessagesPerSession = "poisson", 7, 2, 0
					},
					answer: taking(5 * ms),
				}
			})
			d := runs[0].document
			slots := queue(2, dueBy(by, n), prompt)
			if d.Counts.Accepted != n || d.Load.Arrivals != "poisson" {
				t.Errorf("the books are %+v, want %d; arrivals are %q", d.Counts, n, d.Load.Arrivals)
			}
			sameLatency(t, "response", d.Latency.Response, each(slots, modelled.response))
			sameLatency(t, "lateness", d.Latency.Lateness, each(slots, modelled.lateness))
			sameIntervals(t, d.Intervals, slots)
			if !bytes.Equal(encoded(t, d), encoded(t, runs[1].document)) {
				t.Error("the same run gave two documents")
			}
		})
	}
}

// The window begins with the slots that are due after the warm-up. What is due before it is in the books, and nowhere else.
func TestTheWarmUpIsInTheBooksAlone(t *testing.T) {
	const length, warm = 20 * time.Second, 8*time.Second + 500*ms
	slow := func(at time.Duration) time.Duration {
		if at < warm {
			return 100 * ms
		}
		return 5 * ms
	}
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.WarmUp, p.Concurrency, p.MessagesPerSession = 50, length, warm, 50, 0
		},
		answer: func(m moment) answer {
			if m.step.String() == "accept" {
				return answer{after: slow(m.at)}
			}
			return answer{}
		},
	}.play(t).document
	if d.Counts.Accepted != 1000 || d.Window.SteadyStart != warm || d.Window.SteadyEnd != length || d.Load.WarmUp != warm {
		t.Errorf("%d were accepted, the window is %+v, the warm-up %v", d.Counts.Accepted, d.Window, d.Load.WarmUp)
	}
	if r := d.Latency.Response; r.Count != 575 || r.Max != 5*ms {
		t.Errorf("response counts %d up to %v, want the 575 after the warm-up, of 5 ms each", r.Count, r.Max)
	}
	for _, s := range d.Steps {
		if s.Name == "accept" && (s.Latency.Count != 575 || s.Sent != 1000) {
			t.Errorf("step accept counts %d of %d", s.Latency.Count, s.Sent)
		}
	}
	if r := d.Rates; r.Offered != 50 || r.Begun != 50 {
		t.Errorf("the rates are %+v", r)
	}
	// What was due in the last 100 ms of the warm-up ended in the window, and that of its last 5 ms after it.
	if want := (575.0 + 5) / 11.5; r(d.Rates.Ended) != r(want) {
		t.Errorf("%v ended a second, want %v", d.Rates.Ended, want)
	}
	if len(d.Steady()) != 11 {
		t.Errorf("the window has %d whole seconds", len(d.Steady()))
	}
}

func r(v float64) float64 { return float64(int64(v*1000+0.5)) / 1000 }

// In a closed loop a slot belongs to the window when it is claimed in it.
func TestTheWarmUpOfAClosedLoop(t *testing.T) {
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Duration, p.WarmUp, p.Concurrency, p.MessagesPerSession = 10*time.Second, 4*time.Second, 1, 0
		},
		answer: taking(30 * ms),
	}.play(t).document
	// Slots begin at 0, 30 ms, 60 ms …: the 134th and those after it at 4.02 s and later.
	if d.Counts.Accepted != 334 || d.Latency.Response.Count != 200 {
		t.Errorf("%d were accepted, %d of them in the window; want 334 and 200", d.Counts.Accepted, d.Latency.Response.Count)
	}
	if d.Window.SteadyStart != 4*time.Second || d.Window.SteadyEnd != 10*time.Second || d.Rates.Begun != 200.0/6 {
		t.Errorf("the window is %+v, the rates are %+v", d.Window, d.Rates)
	}
}

// A run that is over before its warm-up has no window, and says so.
func TestARunThatWasAllWarmUp(t *testing.T) {
	d := scenario{
		plan: func(p *profiles.Plan) { p.Messages, p.WarmUp, p.Concurrency = 5, time.Minute, 1 },
	}.play(t).document
	if d.Window.Length() != 0 || d.Counts.Accepted != 5 || d.Latency.Response != nil || d.Rates != (results.Rates{}) {
		t.Errorf("window %+v, books %+v, rates %+v, response %+v", d.Window, d.Counts, d.Rates, d.Latency.Response)
	}
}
