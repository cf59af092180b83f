package loadgen

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// taking is a server that takes every message, each after a while.
func taking(d time.Duration) func(moment) answer {
	return func(m moment) answer {
		if m.step == timing.Accept {
			return answer{after: d}
		}
		return answer{}
	}
}

// stalling is a server that takes each message after 5 ms, but answers nothing in the last two seconds of every minute.
func stalling(at time.Duration) time.Duration {
	const quick = 5 * time.Millisecond
	if into := at % time.Minute; into >= 58*time.Second {
		return time.Minute - into + quick
	}
	return quick
}

// Coordinated omission: the slots that were due while the server stalled were late because of it.
func TestAStallIsInTheResponseOfAllThatWereDueInIt(t *testing.T) {
	const length = 10 * time.Minute
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 50, length, 2, 0
		},
		answer: func(m moment) answer {
			if m.step == timing.Accept {
				return answer{after: stalling(m.at)}
			}
			return answer{}
		},
	}.play(t).document
	slots := queue(2, evenly(50, length), func(_ int, begun time.Duration) (time.Duration, time.Duration) {
		return stalling(begun), 0
	})
	sameLatency(t, "response", d.Latency.Response, each(slots, modelled.response))
	sameLatency(t, "service", d.Latency.Service, each(slots, modelled.service))
	sameLatency(t, "lateness", d.Latency.Lateness, each(slots, modelled.lateness))
	sameLatency(t, "queue", d.Latency.Queue, each(slots, modelled.lateness))
	sameIntervals(t, d.Intervals, slots)
	response, service := d.Latency.Response.Percentiles["99"], d.Latency.Service.Percentiles["99"]
	if response < time.Second || service > 6*time.Millisecond {
		t.Errorf("p99 is %v of response and %v of service; want the stalls in the first and not in the second", response, service)
	}
	if l := d.Latency; (l.Response.Mean - l.Lateness.Mean - l.Service.Mean).Abs() > 1 {
		t.Errorf("mean response %v is not lateness %v plus service %v", l.Response.Mean, l.Lateness.Mean, l.Service.Mean)
	}
}

func TestAClosedLoopIsPacedByItsWorkers(t *testing.T) {
	const length = 6 * time.Second
	for _, row := range []struct {
		name       string
		workers    int
		perSession int
		think      time.Duration
		service    time.Duration
		quit       time.Duration
		want       int64
	}{
		{"workers over service", 10, 0, 0, 30 * time.Millisecond, 0, 10 * 200},
		{"workers over service and think time", 10, 0, 70 * time.Millisecond, 30 * time.Millisecond, 0, 10 * 60},
		{"a pause comes after QUIT", 3, 1, 50 * time.Millisecond, 30 * time.Millisecond, 20 * time.Millisecond, 3 * 60},
		{"one that is under way at the end is ended", 1, 0, 0, 700 * time.Millisecond, 0, 9},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := scenario{
				plan: func(p *profiles.Plan) {
					p.Duration, p.Concurrency, p.MessagesPerSession = length, row.workers, row.perSession
					p.Think = profiles.Span{Min: row.think, Max: row.think}
				},
				answer: func(m moment) answer {
					switch m.step {
					case timing.Accept:
						return answer{after: row.service}
					case timing.Quit:
						return answer{after: row.quit}
					}
					return answer{}
				},
			}.play(t).document
			if d.Counts.Accepted != row.want || d.Counts.Intended != row.want || d.Load.Model != results.Closed {
				t.Errorf("%d of %d slots accepted in a %s loop, want %d", d.Counts.Accepted, d.Counts.Intended, d.Load.Model, row.want)
			}
			all := make([]time.Duration, row.want)
			for i := range all {
				all[i] = row.service
			}
			sameLatency(t, "response", d.Latency.Response, all)
			sameLatency(t, "service", d.Latency.Service, all)
			if begun := float64(row.want) / length.Seconds(); d.Rates.Begun != begun || d.Rates.Offered != 0 {
				t.Errorf("%v begun a second of %v offered, want %v and 0", d.Rates.Begun, d.Rates.Offered, begun)
			}
		})
	}
}

func TestAThinkTimeIsDrawnEvenlyFromItsRange(t *testing.T) {
	sim := scenario{
		plan: func(p *profiles.Plan) {
			p.Duration, p.Concurrency, p.MessagesPerSession = 2*time.Minute, 10, 0
			p.Think = profiles.Span{Min: 40 * time.Millisecond, Max: 100 * time.Millisecond}
		},
		answer: taking(30 * time.Millisecond),
	}.play(t)
	if n := sim.document.Counts.Accepted; n < 11_880 || n > 12_120 { // 10 × 120 s ÷ 100 ms, within 1 %
		t.Errorf("%d messages, want about 12000", n)
	}
}

// A delay in whole milliseconds would be none.
func TestRatesAboveAThousandAreKept(t *testing.T) {
	for _, rate := range []float64{1_500, 5_000, 40_000} {
		t.Run(profiles.FormatRate(rate), func(t *testing.T) {
			const length = 200 * time.Millisecond
			busy := time.Duration(0.9e9 / rate)
			d := scenario{
				plan: func(p *profiles.Plan) {
					p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = rate, length, 1, 0
				},
				answer: taking(busy),
			}.play(t).document
			slots := queue(1, evenly(rate, length), func(int, time.Duration) (time.Duration, time.Duration) { return busy, 0 })
			sameLatency(t, "response", d.Latency.Response, each(slots, modelled.response))
			sameLatency(t, "lateness", d.Latency.Lateness, make([]time.Duration, len(slots)))
			sameIntervals(t, d.Intervals, slots)
		})
	}
}

func TestAWaitForThePermitToDialIsQueueing(t *testing.T) {
	const connect = 10 * time.Millisecond
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Messages, p.Concurrency, p.Dials = 1000, 4, 4, 1
		},
		network: transport.SimulatedOptions{Network: transport.Network{Latency: transport.Constant(connect / 2)}},
		answer:  func(moment) answer { return answer{} },
	}.play(t).document
	var slots []modelled
	for n := range 4 {
		due, begun := time.Duration(n)*time.Millisecond, time.Duration(n)*connect
		slots = append(slots, modelled{due, begun, begun + 6*connect}) // connect, ehlo, mail, rcpt, data, accept
	}
	sameLatency(t, "queue", d.Latency.Queue, each(slots, modelled.lateness))
	sameLatency(t, "service", d.Latency.Service, each(slots, modelled.service))
	sameLatency(t, "response", d.Latency.Response, each(slots, modelled.response))
	sameLatency(t, "step connect", &d.Steps[0].Latency, []time.Duration{connect, connect, connect, connect})
}

// refusing refuses every attempt to connect but the preflight's and those of which it is told.
func refusing(accept func(attempt int) bool) transport.SimulatedOptions {
	return transport.SimulatedOptions{Shape: func(attempt int, _ transport.Endpoint, _ *rand.Rand) (n transport.Network) {
		if attempt > 0 && !accept(attempt) {
			n.Connect = timing.Fault{Kind: timing.Refused, Text: "connect: connection refused"}
		}
		return n
	}}
}

// backoffs counts the dials of a worker that is refused refusals times for each time that it is not.
func backoffs(seed uint64, worker, refusals int, length time.Duration) (dials int) {
	random := rand.New(rand.NewPCG(seed, uint64(worker)))
	most, in := 10*time.Millisecond, 0
	for at := time.Duration(0); at < length; dials++ {
		if in == refusals {
			most, in = 10*time.Millisecond, 0
			continue
		}
		at += most/2 + time.Duration(random.Int64N(int64(most/2)+1))
		most, in = min(time.Second, 2*most), in+1
	}
	return dials
}

func TestAClosedLoopBacksOffWhereItIsRefused(t *testing.T) {
	const workers, length = 3, time.Minute
	d := scenario{
		plan:    func(p *profiles.Plan) { p.Duration, p.Concurrency = length, workers },
		network: refusing(func(int) bool { return false }),
	}.play(t).document
	want := 0
	for w := range workers {
		want += backoffs(1, w, 1<<30, length)
	}
	if want < workers*60 || want > workers*127 { // at most a second each, and half of that on the short side
		t.Errorf("the model dials %d times", want)
	}
	if n := int(d.Counts.Failed); n != want || n != int(d.Counts.Intended) || faultsOf(d) != fmt.Sprintf("connect refused %d", want) {
		t.Errorf("%d slots failed (%s), want %d", n, faultsOf(d), want)
	}
}

func TestAGreetingEndsTheBackoff(t *testing.T) {
	d := scenario{
		plan:    func(p *profiles.Plan) { p.Duration, p.Concurrency = time.Minute, 1 },
		network: refusing(func(attempt int) bool { return attempt%4 == 0 }),
	}.play(t).document
	want := backoffs(1, 0, 3, time.Minute)
	if n := int(d.Counts.Intended); n != want || d.Counts.Accepted != int64((n-1)/4) {
		t.Errorf("%d slots with %d accepted, want %d and a quarter of them", n, d.Counts.Accepted, want)
	}
}

func TestAnOpenLoopDoesNotBackOff(t *testing.T) {
	d := scenario{
		plan:    func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 100, time.Minute, 2 },
		network: refusing(func(int) bool { return false }),
	}.play(t).document
	if d.Counts.Failed != 6000 || d.Latency.Queue.Max != 0 || d.Rates.Begun != 100 {
		t.Errorf("%d slots failed with a queue of up to %v at %v/s, want 6000 on time at 100/s",
			d.Counts.Failed, d.Latency.Queue.Max, d.Rates.Begun)
	}
}

func TestEveryMessageHasADateAndAnIdentifierOfItsOwn(t *testing.T) {
	identifiers := map[string]bool{}
	scenario{
		plan: func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 2, 100*time.Second, 3 },
		content: func(slot int64, octets []byte) {
			date := opening.Add(lead + 3*leadPerWorker + time.Duration(slot)*time.Second/2)
			if got, want := field(octets, "Date"), date.Format(time.RFC1123Z); got != want {
				t.Errorf("slot %d has Date %q, want %q: when it was due", slot, got, want)
			}
			id := field(octets, "Message-ID")
			if identifiers[id] || id[0] != '<' || id[len(id)-1] != '>' {
				t.Errorf("slot %d has Message-ID %q, which another has too, or has no angle brackets", slot, id)
			}
			identifiers[id] = true
		},
	}.play(t)
	if len(identifiers) != 200 {
		t.Errorf("%d messages arrived, want 200", len(identifiers))
	}
}

// field returns the value of a header field.
func field(content []byte, name string) string {
	_, after, _ := bytes.Cut(content, []byte("\r\n"+name+": "))
	if bytes.HasPrefix(content, []byte(name+": ")) {
		after = content[len(name)+2:]
	}
	value, _, _ := bytes.Cut(after, []byte("\r\n"))
	return string(value)
}

// faultsOf lists the faults of a document as "mail reset 5, accept timeout 2".
func faultsOf(d *results.Document) (list string) {
	for i, f := range d.Faults {
		if i > 0 {
			list += ", "
		}
		list += fmt.Sprintf("%s %s %d", f.Step, f.Kind, f.Count)
	}
	return list
}
