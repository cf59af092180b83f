package loadgen

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mailmill/loadgen/message"
	"mailmill/loadgen/sink"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// Real time: counts, order and lower bounds only. The machine is shared, and noisy.

// overSockets runs a plan against the built-in sink.
func overSockets(t *testing.T, ctx context.Context, name string, change func(*profiles.Plan)) *results.Document {
	t.Helper()
	plan := profiles.Default()
	plan.Transport, plan.Size = name, message.Fixed(2000)
	change(&plan)
	d, err := Run(ctx, plan, Options{Tool: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Check(); err != nil {
		t.Errorf("the document contradicts itself: %v", err)
	}
	if !d.Run.SelfTest {
		t.Error("a run against the built-in sink is not marked as a self-test")
	}
	return d
}

var overAll = []string{"auto", "goroutines"}

func TestARunOverSockets(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, name := range overAll {
		for _, row := range []struct {
			perSession int
			least      int64 // sessions at least
			most       int64
		}{{1, 300, 300}, {7, 43, 47}, {0, 1, 5}} {
			t.Run(fmt.Sprint(name, row.perSession), func(t *testing.T) {
				d := overSockets(t, t.Context(), name, func(p *profiles.Plan) {
					p.Messages, p.Concurrency, p.MessagesPerSession, p.Recipients = 300, 5, row.perSession, message.Fixed(2)
				})
				c := d.Counts
				if c.Intended != 300 || c.Accepted != 300 || c.RecipientsAccepted != 600 || len(d.Faults) > 0 {
					t.Errorf("the books are %+v, with faults %s", c, faultsOf(d))
				}
				if c.Sessions < row.least || c.Sessions > row.most {
					t.Errorf("%d sessions, want %d to %d", c.Sessions, row.least, row.most)
				}
				if d.Verdict.End != results.EndComplete || d.Latency.Response.Count != 300 || d.Latency.Response.Min <= 0 {
					t.Errorf("ended %q with %d samples from %v", d.Verdict.End, d.Latency.Response.Count, d.Latency.Response.Min)
				}
			})
		}
	}
}

func TestAnOpenLoopOverSockets(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, name := range overAll {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			d := overSockets(t, t.Context(), name, func(p *profiles.Plan) {
				p.Rate, p.Duration, p.Concurrency = 400, 500*time.Millisecond, 20
			})
			if c := d.Counts; c.Intended != 200 || c.Accepted != 200 || d.Rates.Offered != 400 {
				t.Errorf("the books are %+v at %v/s", c, d.Rates.Offered)
			}
			if took := time.Since(began); took < 497500*time.Microsecond { // the last slot is due then
				t.Errorf("it took %v: slots were begun before they were due", took)
			}
			if l := d.Latency.Lateness; l.Min < 0 {
				t.Errorf("a slot was begun %v before it was due", -l.Min)
			}
		})
	}
}

func TestAnInterruptedRunOverSockets(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, name := range overAll {
		for _, rate := range []float64{0, 1000} {
			t.Run(fmt.Sprint(name, rate), func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
				defer cancel()
				d := overSockets(t, ctx, name, func(p *profiles.Plan) {
					p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = rate, time.Hour, 8, 3
				})
				if d.Verdict.End != results.EndInterrupted || d.Counts.Accepted == 0 || d.Counts.Intended != d.Counts.Sum() {
					t.Errorf("ended %q with the books %+v", d.Verdict.End, d.Counts)
				}
			})
		}
	}
}

// The sink and the load generator count the same, each on its own side.
func TestTheSinkSawWhatTheBooksSay(t *testing.T) {
	config := sink.Config{Hostname: "sink.example.com", Seed: 7}
	for _, text := range []string{"mail: 451 4.3.0 5%", "rcpt: 550 5.1.1 10%", "data: drop 2%", "accept: delay 1ms..20ms", "accept: 452 4.3.1 5%", "accept: reset 2%"} {
		b, err := sink.ParseBehaviour(text)
		if err != nil {
			t.Fatal(err)
		}
		config.Behaviours = append(config.Behaviours, b)
	}
	k, err := sink.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Messages, p.Concurrency, p.MessagesPerSession, p.Recipients = 100, 2000, 10, 5, message.Fixed(2)
		},
		network: transport.SimulatedOptions{Network: transport.Network{Latency: transport.Constant(time.Millisecond)}},
		guests:  guestList{home: k.Accept},
	}.play(t).document
	c, seen := d.Counts, k.Counters()
	if int64(seen.Messages) != c.Accepted || int64(seen.Recipients) != c.RecipientsAccepted || int64(seen.Sessions) != c.Sessions+1 {
		t.Errorf("the sink took %d messages for %d recipients in %d sessions; the books have %d, %d and %d, and a preflight",
			seen.Messages, seen.Recipients, seen.Sessions, c.Accepted, c.RecipientsAccepted, c.Sessions)
	}
	if c.Deferred == 0 || c.Rejected == 0 || c.Failed == 0 || c.Unknown == 0 || c.Intended != 2000 {
		t.Errorf("the books are %+v: a behaviour did nothing", c)
	}
	said := map[string]int64{}
	for _, r := range d.Replies {
		said[fmt.Sprint(r.Code)] += r.Count
	}
	preflight := map[string]int64{"220": 1, "250": 1, "221": 1}
	for code, n := range seen.Replies {
		if said[code]+preflight[code] != int64(n) {
			t.Errorf("the sink said %s %d times; the books have %d", code, n, said[code])
		}
	}
}
