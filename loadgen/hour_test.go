package loadgen

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// An hour is a scenario in which everything is known beforehand: each slot has a session of its own, on a
// network that takes way in each direction, with a server that takes hold(step, n) for each reply to slot n.
const way = 100 * time.Microsecond

// hourRate keeps the hour short under the race detector.
func hourRate() float64 {
	if raced {
		return 4
	}
	return 100
}

func hold(step timing.Step, n int) time.Duration {
	const us = time.Microsecond
	switch step {
	case timing.Greeting:
		return 200*us + time.Duration(n%5)*100*us
	case timing.Mail:
		return time.Duration(n%3) * 100 * us
	case timing.Rcpt:
		return time.Millisecond
	case timing.Data:
		return time.Duration(n%11) * 10 * us
	case timing.Accept:
		switch {
		case n%1000 == 500:
			return 80 * time.Millisecond
		case n%100 == 7:
			return 20 * time.Millisecond
		}
		return time.Duration(n*7919%1000) * 3 * us
	case timing.Quit:
		return time.Duration(n%50) * time.Millisecond
	}
	return 0
}

func hour() scenario {
	return scenario{
		plan:    func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = hourRate(), time.Hour, 50 },
		network: transport.SimulatedOptions{Network: transport.Network{Latency: transport.Constant(way)}},
		answer: func(m moment) answer {
			n := int(m.slot)
			if n < 0 {
				n = m.session - 1 // the first session is the preflight's
			}
			return answer{after: hold(m.step, max(n, 0))}
		},
	}
}

// hourSteps are the steps of a slot, in their order.
var hourSteps = []timing.Step{timing.Connect, timing.Greeting, timing.EHLO, timing.Mail, timing.Rcpt, timing.Data,
	timing.Content, timing.Accept, timing.Quit}

// oneWay are the steps without a way there and back: the server greets as soon as it accepts, which is when its
// acceptance leaves too, and the content is with the system at once.
var oneWay = map[timing.Step]bool{timing.Greeting: true, timing.Content: true}

// hourOf returns how long each step of each slot takes, and the slots.
func hourOf(due []time.Duration) (steps map[timing.Step][]time.Duration, slots []modelled) {
	steps = map[timing.Step][]time.Duration{}
	slots = queue(50, due, func(n int, _ time.Duration) (service, after time.Duration) {
		for _, step := range hourSteps {
			d := hold(step, n)
			if !oneWay[step] {
				d += 2 * way
			}
			steps[step] = append(steps[step], d)
			service += d
		}
		after = 2*way + hold(timing.Quit, n)
		return service - after, after
	})
	return steps, slots
}

func TestAnHourGivesWhatWasComputedBefore(t *testing.T) {
	due := evenly(hourRate(), time.Hour)
	n := int64(len(due))
	steps, slots := hourOf(due)
	runs := playTwice(t, hour)
	d := runs[0].document

	if got, want := slotsAndSessions(d.Counts), (results.Counts{Intended: n, Begun: n, Accepted: n, Sessions: n}); got != want {
		t.Errorf("the books are %+v, want %+v", got, want)
	}
	sent, received := runs[0].server.heard-int64(len("EHLO client.example.com\r\nQUIT\r\n")), n*welcomeOctets() // but for the preflight
	if c := d.Counts; c.RecipientsAccepted != n || c.OctetsSent != sent || c.OctetsReceived != received {
		t.Errorf("%d recipients, %d octets sent and %d received; want %d, %d and %d",
			c.RecipientsAccepted, c.OctetsSent, c.OctetsReceived, n, sent, received)
	}
	if want := (results.Rates{Offered: hourRate(), Begun: hourRate(), Ended: hourRate(), Accepted: hourRate()}); d.Rates != want {
		t.Errorf("the rates are %+v, want %+v", d.Rates, want)
	}
	if d.Verdict.Status != results.Valid || d.Verdict.End != results.EndComplete || len(d.Verdict.Reasons) != 0 {
		t.Errorf("the verdict is %+v", d.Verdict)
	}
	sameLatency(t, "response", d.Latency.Response, each(slots, modelled.response))
	sameLatency(t, "service", d.Latency.Service, each(slots, modelled.service))
	sameLatency(t, "lateness", d.Latency.Lateness, make([]time.Duration, n))
	sameLatency(t, "queue", d.Latency.Queue, make([]time.Duration, n))
	sameLatency(t, "opening", d.Latency.Opening, sums(steps[timing.Connect], steps[timing.Greeting], steps[timing.EHLO]))
	sameSteps(t, d, steps)
	if len(d.Intervals) != 3600 {
		t.Errorf("there are %d seconds, want 3600", len(d.Intervals))
	}
	sameIntervals(t, d.Intervals, slots)

	if one, other := encoded(t, d), encoded(t, runs[1].document); !bytes.Equal(one, other) {
		t.Errorf("the same run gave two documents: %d octets and %d", len(one), len(other))
	}
}

// playTwice plays a scenario in two simulations at once.
func playTwice(t *testing.T, s func() scenario) [2]*simulation {
	var runs [2]*simulation
	var group errgroup.Group
	for i := range runs {
		group.Go(func() error {
			sim, err := s().perform(t)
			runs[i] = sim
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, sim := range runs {
		sim.holds()
	}
	return runs
}

func encoded(t *testing.T, d *results.Document) []byte {
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sums adds durations up, one by one.
func sums(columns ...[]time.Duration) []time.Duration {
	sum := slices.Clone(columns[0])
	for _, c := range columns[1:] {
		for i := range c {
			sum[i] += c[i]
		}
	}
	return sum
}

// sameSteps holds the steps of a document against how long each took, one by one.
func sameSteps(t *testing.T, d *results.Document, want map[timing.Step][]time.Duration) {
	t.Helper()
	if len(d.Steps) != len(want) {
		t.Errorf("there are %d steps, want %d", len(d.Steps), len(want))
	}
	for _, s := range d.Steps {
		step, _ := timing.ParseStep(s.Name)
		sameLatency(t, "step "+s.Name, &s.Latency, want[step])
		if s.Sent != int64(len(want[step])) || len(s.Faults) != 0 {
			t.Errorf("step %s was begun %d times with %d faults, want %d and none", s.Name, s.Sent, len(s.Faults), len(want[step]))
		}
	}
	for _, r := range d.Replies {
		step, _ := timing.ParseStep(r.Step)
		if r.Count != int64(len(want[step])) || r.Unexpected {
			t.Errorf("%d to %s came %d times, want %d", r.Code, r.Step, r.Count, len(want[step]))
		}
	}
}

// welcomeOctets is how much a server says in a session with one message that it takes.
func welcomeOctets() (octets int64) {
	for step := range maps.Keys(welcome) {
		if slices.Contains(hourSteps, step) {
			octets += int64(len(welcome[step]))
		}
	}
	return octets
}
