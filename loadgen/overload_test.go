package loadgen

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

const ms = time.Millisecond

// A judged slot is modelled, unless it was too late to be begun: then it ends when it is dropped.
type judged struct {
	modelled
	dropped bool
}

// impatient is queue with slots that are dropped when they are later than most as a worker comes to them.
func impatient(workers int, due []time.Duration, most time.Duration, serve time.Duration) (slots []judged) {
	free := make([]time.Duration, workers)
	for _, at := range due {
		first := 0
		for w := range free {
			if free[w] < free[first] {
				first = w
			}
		}
		begun := max(at, free[first])
		if begun-at > most {
			slots = append(slots, judged{modelled{at, begun, begun}, true})
			continue
		}
		free[first] = begun + serve
		slots = append(slots, judged{modelled: modelled{at, begun, begun + serve}})
	}
	return slots
}

// Half of the slots find no worker: four of them do 100 a second in 40 ms each, and 200 are due.
func TestLateSlotsAreDroppedAsThePlanSays(t *testing.T) {
	const length, rate, workers, service = 20 * time.Second, 200, 4, 40 * ms
	for _, most := range []time.Duration{0, 1, 17 * ms, 250 * ms, 3 * time.Second, time.Hour} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			d := scenario{
				plan: func(p *profiles.Plan) {
					p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = rate, length, workers, 0
					p.MaxLateness = profiles.Limit{Set: true, Most: most}
				},
				answer: taking(service),
			}.play(t).document
			slots := impatient(workers, evenly(rate, length), most, service)
			begun := slices.DeleteFunc(slices.Clone(slots), func(s judged) bool { return s.dropped })
			n := int64(len(begun))
			if c := d.Counts; c.Intended != int64(len(slots)) || c.Begun != n || c.Accepted != n || c.Dropped != int64(len(slots))-n {
				t.Errorf("the books are %+v, want %d of %d begun", c, n, len(slots))
			}
			if want := make([]time.Duration, 0, n); n > 0 {
				for _, s := range begun {
					want = append(want, s.response())
				}
				known := *d.Latency.Response
				if known.Count != n || known.Censored != d.Counts.Dropped || known.Max != slices.Max(want) || known.Min != slices.Min(want) {
					t.Errorf("response is %+v, want %d from %v to %v", known, n, slices.Min(want), slices.Max(want))
				}
			}
			if l := d.Load.MaxLateness; l == nil || *l != most {
				t.Errorf("the document has a max lateness of %v", l)
			}
		})
	}
}

// Without a limit every slot waits, and the queue is in the response.
func TestWithoutALimitNothingIsDropped(t *testing.T) {
	const length = 5 * time.Second
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession, p.Drain = 200, length, 4, 0, time.Minute
		},
		answer: taking(40 * ms),
	}.play(t).document
	if d.Counts.Accepted != 1000 || d.Load.MaxLateness != nil {
		t.Errorf("the books are %+v, the limit is %v", d.Counts, d.Load.MaxLateness)
	}
	sameLatency(t, "response", d.Latency.Response, each(queue(4, evenly(200, length), func(int, time.Duration) (time.Duration, time.Duration) { return 40 * ms, 0 }), modelled.response))
}

// What is dropped is slower than everything that is known, and the percentiles say so.
func TestDroppedSlotsCensorThePercentiles(t *testing.T) {
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 200, 20*time.Second, 4, 0
			p.MaxLateness = profiles.Limit{Set: true, Most: 100 * ms}
		},
		answer: taking(40 * ms),
	}.play(t).document
	p90, atLeast, ok := d.Latency.Response.Percentile("90")
	if !ok || !atLeast || p90 < 140*ms {
		t.Errorf("p90 of response is %v, at least: %t", p90, atLeast)
	}
	if p99, atLeast, _ := d.Latency.Service.Percentile("99"); atLeast || p99 > 41*ms {
		t.Errorf("p99 of service is %v, at least: %t; what was not begun was not served", p99, atLeast)
	}
	if q := d.Latency.Queue; q.Count != d.Counts.Intended || q.Max < 100*ms {
		t.Errorf("queue counts %d of %d, and its maximum is %v; what was dropped waited too", q.Count, d.Counts.Intended, q.Max)
	}
}

// A server that hangs for a minute leaves six thousand slots behind it. All but the last two are dropped, a few at a time, so
// that other sessions go on between.
func TestManySlotsAreDroppedInTurns(t *testing.T) {
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 100, 2*time.Minute, 1, 0
			p.MaxLateness = profiles.Limit{Set: true, Most: 10 * ms}
			p.Timeouts[timing.Accept] = 2 * time.Minute
		},
		answer: func(m moment) answer {
			if m.step == timing.Accept && m.slot == 1000 {
				return answer{after: time.Minute}
			}
			return answer{}
		},
	}.play(t).document
	if c := d.Counts; c.Intended != 12000 || c.Dropped != 5998 || c.Accepted != 6002 {
		t.Errorf("the books are %+v", c)
	}
}

// A server that never answers again takes the workers with it: what they never came to was dropped by the plan, and what
// they had begun is unfinished.
func TestSlotsThatNobodyCameToAreDropped(t *testing.T) {
	for _, row := range []struct {
		name                string
		most                time.Duration
		dropped, unfinished int64
	}{
		{"at once", 0, 98, 2},
		{"after two seconds", 2 * time.Second, 98, 2},
		{"after longer than the run", time.Hour, 0, 100},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := scenario{
				plan: func(p *profiles.Plan) {
					p.Rate, p.Duration, p.Concurrency, p.Drain = 10, 10*time.Second, 2, 5*time.Second
					p.MaxLateness = profiles.Limit{Set: true, Most: row.most}
				},
				answer: func(m moment) answer {
					if m.step == timing.Accept {
						return answer{deed: mute}
					}
					return answer{}
				},
			}.play(t).document
			if c := d.Counts; c.Intended != 100 || c.Dropped != row.dropped || c.Unfinished != row.unfinished {
				t.Errorf("the books are %+v, want %d dropped and %d unfinished", c, row.dropped, row.unfinished)
			}
		})
	}
}

// Whatever a server does, every slot is in the books once: holds asserts it in every run here.
func TestTheBooksBalanceUnderFaults(t *testing.T) {
	deeds := []deed{say, say, say, leave, drop, reset, mute}
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := scenario{
				plan: func(p *profiles.Plan) {
					p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 300, 10*time.Second, 5, int(seed%4)
					p.Drain, p.Seed = time.Duration(seed%3)*time.Second, seed
					p.WarmUp = time.Duration(seed%2) * 3 * time.Second
					p.OpenRate = float64(seed%5) * 40
					if seed%3 > 0 {
						p.MaxLateness = profiles.Limit{Set: true, Most: time.Duration(seed%4) * 100 * ms}
					}
					if seed%2 > 0 {
						p.Arrivals = "poisson"
					}
					for step := range p.Timeouts {
						p.Timeouts[step] = 700 * ms
					}
				},
				network: transport.SimulatedOptions{Seed: seed, Network: transport.Network{Latency: transport.Constant(ms)}},
				answer: func(m moment) answer {
					h := uint64(m.session*31+int(m.step)*7+int(m.slot)) * 0x9E3779B97F4A7C15 >> 33
					a := answer{after: time.Duration(h%9) * ms}
					if m.session > 0 && h%40 < uint64(len(deeds)) {
						a.deed = deeds[h%40]
						a.reply = []string{"", "451 4.3.0 later\r\n", "550 5.1.1 no\r\n", "999 what\r\n"}[h%4]
					}
					return a
				},
			}.play(t).document
			if d.Verdict.Status == results.Invalid {
				t.Errorf("the verdict is %+v", d.Verdict)
			}
			if d.Counts.Failed+d.Counts.Unknown == 0 || d.Counts.Accepted == 0 {
				t.Errorf("the books are %+v: this run was to have faults, and not only those", d.Counts)
			}
		})
	}
}
