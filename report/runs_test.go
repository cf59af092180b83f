package report

import (
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"mailmill/results"
	"mailmill/results/check"
)

const (
	us = time.Microsecond
	ms = time.Millisecond
)

// spread draws a Latency from n values that lie evenly between two durations.
func spread(t testing.TB, n int64, from, to time.Duration, censored int64) *results.Latency {
	t.Helper()
	return drawn(t, censored, band{n, from, to})
}

// A band is so many values evenly between two durations.
type band struct {
	n        int64
	from, to time.Duration
}

func drawn(t testing.TB, censored int64, bands ...band) *results.Latency {
	t.Helper()
	h := hdrhistogram.New(1, int64(time.Hour), 3)
	s := results.Sample{Histogram: h, Censored: censored}
	var sum time.Duration
	for _, b := range bands {
		for i := range b.n {
			v := b.from + (b.to-b.from)*time.Duration(i)/time.Duration(max(1, b.n-1))
			if err := h.RecordValue(int64(v)); err != nil {
				t.Fatal(err)
			}
			if h.TotalCount() == 1 {
				s.Min = v
			}
			s.Min, s.Max, sum = min(s.Min, v), max(s.Max, v), sum+v
		}
	}
	if n := h.TotalCount(); n > 0 {
		s.Mean = sum / time.Duration(n)
	}
	l, err := results.NewLatency("accepted", s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// goodRun is 500 a second for a minute, all of it accepted.
func goodRun(t testing.TB) *results.Document {
	d := results.New()
	d.Run = results.Run{ID: "01JD8Z5K7Q", StartedAt: time.Date(2026, 11, 21, 20, 48, 42, 0, time.UTC), Seed: 7, Tool: "mailmill 0.1.0"}
	d.Target = results.Target{URL: "smtp://mx.example.com:2525", Addresses: []string{"127.0.0.1:2525"}, Greeting: "mx.example.com ESMTP Postfix"}
	d.Host = results.Host{OS: "linux", Arch: "amd64", Kernel: "6.1.0", CPU: "Xeon", CPUs: 8, Quota: 2, Virt: "kvm", RTT: 40 * us}
	d.Load = results.Offered{
		Model: results.Open, Arrivals: "constant", Stages: []results.Stage{{From: 500, To: 500, Duration: time.Minute}},
		Workers: 20, WarmUp: 5 * time.Second, Drain: 30 * time.Second,
	}
	d.Window = results.Window{SteadyStart: 5 * time.Second, SteadyEnd: time.Minute}
	d.Counts = results.Counts{
		Intended: 30000, Begun: 30000, Accepted: 30000, Sessions: 300, RecipientsAccepted: 30000,
		OctetsSent: 42_300_000, OctetsReceived: 5_100_000,
	}
	d.Rates = results.Rates{Offered: 500, Begun: 500, Ended: 500, Accepted: 500}
	d.Latency = results.Latencies{
		Response: spread(t, 30000, 2*ms, 30*ms, 0), Service: spread(t, 30000, 2*ms, 28*ms, 0), Lateness: spread(t, 30000, 900, 2*ms, 0),
		Opening: spread(t, 300, ms, 4*ms, 0), Queue: spread(t, 30000, 0, 2*ms, 0), Pacer: spread(t, 30000, 900, 60*us, 0), Loop: spread(t, 9000, 1, 20*us, 0),
	}
	d.Steps = []results.Step{
		{Name: "connect", Sent: 300, Latency: *spread(t, 300, ms/2, ms, 0)},
		{Name: "greeting", Sent: 300, Latency: *spread(t, 300, 30*us, 45*ms, 0)},
		{Name: "mail", Sent: 30000, Latency: *spread(t, 30000, 90*us, ms, 0)},
		{Name: "rcpt", Sent: 30000, Latency: *spread(t, 30000, 90*us, 3*ms, 0)},
		{Name: "content", Sent: 30000, Latency: *spread(t, 30000, us, 9*us, 0)},
		{Name: "accept", Sent: 30000, Latency: *spread(t, 30000, ms, 25*ms, 0)},
	}
	d.Replies = []results.Reply{
		{Step: "greeting", Code: 220, Severity: "positive completion", Count: 300, Example: "mx.example.com ESMTP Postfix"},
		{Step: "mail", Code: 250, Enhanced: "2.1.0", Severity: "positive completion", Count: 30000, Example: "Ok"},
		{Step: "rcpt", Code: 250, Enhanced: "2.1.5", Severity: "positive completion", Count: 30000, Example: "Ok"},
		{Step: "accept", Code: 250, Enhanced: "2.0.0", Severity: "positive completion", Count: 30000, Example: "Ok: queued as 4XvB2n3Y7Zz1k"},
	}
	d.Generator = results.Generator{
		Transport: "epoll", Loops: []results.Loop{{BusyRatio: 0.31}, {BusyRatio: 0.29}}, BusyRatio: 0.3, GOMAXPROCS: 4, GoVersion: "go1.26",
		GCPauses: 3, GCPauseTotal: 120 * us, GCPauseMax: 60 * us, RSS: 25_300_000,
		CPUUser: 2 * time.Second, CPUSystem: 4 * time.Second, CPUPerMessage: 200 * us,
	}
	return judged(d)
}

func judged(d *results.Document) *results.Document {
	d.Checks = check.All(check.BuiltIn(d.Rates.Offered > 0), d)
	d.Verdict = results.Judge(d)
	return d
}

// mergedRun is the run of three machines, each of which sent a third of the good
// run; the last of them was short of memory.
func mergedRun(t testing.TB) *results.Document {
	var in []results.Source
	for m := range int64(3) {
		d := goodRun(t)
		d.Run.PlanSHA256, d.Load.Share = "5ca1e", &results.Share{M: m, N: 3}
		d.Run.StartedAt = d.Run.StartedAt.Add(time.Duration(m) * 20 * ms)
		d.Latency.Response = spread(t, 30000, 2*ms, 30*ms+time.Duration(m)*10*ms, 0)
		d.Generator.GCPauseTotal *= time.Duration(1 + m*m*m*m*100)
		in = append(in, results.Source{File: "results/machine" + string('a'+rune(m)) + ".json", Document: judged(d)})
	}
	d, err := results.Merge(in)
	if err != nil {
		t.Fatal(err)
	}
	d.Checks = check.All(check.BuiltIn(true), d)
	return d
}

// refusingRun is a server with a limit: a tenth of the run hits it.
func refusingRun(t testing.TB) *results.Document {
	d := goodRun(t)
	d.Counts.Accepted, d.Counts.Deferred, d.Counts.Rejected = 26990, 3007, 3
	d.Counts.RecipientsAccepted, d.Counts.RecipientsDeferred, d.Counts.RecipientsRejected = 26990, 3007, 3
	d.Rates.Accepted = 449.8
	d.Latency.Response, d.Latency.Service = spread(t, 26990, 2*ms, 30*ms, 0), spread(t, 26990, 2*ms, 28*ms, 0)
	d.Latency.Refused = spread(t, 3010, 300*us, ms, 0)
	d.Replies = append(d.Replies[:2],
		results.Reply{Step: "accept", Code: 250, Enhanced: "2.0.0", Severity: "positive completion", Count: 26990, Example: "Ok: queued as 4XvB2n3Y7Zz1k"},
		results.Reply{Step: "rcpt", Code: 450, Enhanced: "4.7.1", Severity: "transient negative", Count: 3007, First: 8 * time.Second, Last: time.Minute,
			Example: "Error: too much mail from 127.0.0.1; see https://mx.example.com/limits?client=127.0.0.1&reason=message-rate for what to do and whom to ask about it, at any time of the day or night"},
		results.Reply{Step: "rcpt", Code: 250, Enhanced: "2.1.5", Severity: "positive completion", Count: 26990, Example: "Ok"},
		results.Reply{Step: "rcpt", Code: 550, Enhanced: "5.1.1", Severity: "permanent negative", Count: 3, Example: "<nobody@example.com>: \x1b[2J\u202eno such user\x07"},
		results.Reply{Step: "mail", Code: 354, Severity: "positive intermediate", Count: 1, Unexpected: true, Example: "go on"},
	)
	return judged(d)
}

// misbehavedRun has bad clients beside it.
func misbehavedRun(t testing.TB) *results.Document {
	d := goodRun(t)
	d.Misbehaved = []results.Misbehaved{
		{Manner: "silent", Clients: 2, Sessions: 2, Open: 2, OctetsReceived: 64, Replies: []results.MisbehavedReply{{Step: "greeting", Code: 220, Count: 2}}},
		{Manner: "drop=rcpt", Clients: 1, Sessions: 280, Left: 239, Refused: 40, Open: 1, OctetsSent: 21_000, OctetsReceived: 33_400,
			Replies: []results.MisbehavedReply{{Step: "greeting", Code: 220, Count: 280}, {Step: "ehlo", Code: 250, Count: 280}, {Step: "mail", Code: 250, Count: 279},
				{Step: "rcpt", Code: 250, Count: 239}, {Step: "rcpt", Code: 450, Count: 40, Ended: 40, Example: "too much mail"}}},
		{Manner: "endless-content=100000", Clients: 1, Sessions: 6, Told: 3, Closed: 2, Open: 1, OctetsSent: 6_100_000, OctetsReceived: 900,
			Replies: []results.MisbehavedReply{{Step: "greeting", Code: 220, Count: 6}, {Step: "content", Code: 421, Count: 3, Ended: 3, Example: "too long"}}},
	}
	return judged(d)
}

// faultyRun loses one slot in ten.
func faultyRun(t testing.TB) *results.Document {
	d := goodRun(t)
	d.Counts.Accepted, d.Counts.Failed, d.Counts.Unknown, d.Counts.Dropped, d.Counts.Unfinished = 27000, 2000, 500, 100, 400
	d.Counts.Begun = 29900
	d.Counts.RecipientsAccepted = 27000
	d.Rates = results.Rates{Offered: 500, Begun: 498.1, Ended: 449, Accepted: 448.7}
	lateness := time.Duration(0)
	d.Load.MaxLateness = &lateness
	d.Latency.Response, d.Latency.Service = spread(t, 27000, 2*ms, 3*time.Second, 3000), spread(t, 27000, 2*ms, 2900*ms, 2900)
	d.Faults = []results.Fault{
		{Step: "rcpt", Kind: "timeout", Side: "server", Count: 100, First: 9 * time.Second, Last: 59 * time.Second},
		{Step: "connect", Kind: "reset", Side: "server", Count: 1900, First: 12 * time.Second, Last: 13 * time.Second, Example: "read: connection reset by peer"},
		{Step: "accept", Kind: "closed", Side: "server", Count: 500, First: 4 * time.Second, Last: 4 * time.Second, Example: "\"421-\\r\\n"},
	}
	d.Steps[5].Latency = *drawn(t, 0, band{20000, ms, 20 * ms}, band{7000, 41 * ms, 44 * ms})
	d.Replies[3].Count = 27000
	return judged(d)
}

// interruptedRun was stopped by hand in its fifth second.
func interruptedRun(t testing.TB) *results.Document {
	d := goodRun(t)
	d.Run.SelfTest = true
	d.Load.Model, d.Load.Stages, d.Load.Arrivals, d.Load.WarmUp = results.Closed, nil, "", 0
	d.Window = results.Window{SteadyEnd: 4200 * ms}
	d.Rates = results.Rates{Begun: 12.1, Ended: 11.9, Accepted: 11.9}
	d.Counts = results.Counts{Intended: 51, Begun: 51, Accepted: 50, Unfinished: 1, Sessions: 1, RecipientsAccepted: 50, OctetsSent: 70_125, OctetsReceived: 900}
	d.Latency = results.Latencies{Response: spread(t, 50, 2*ms, 30*ms, 1), Service: spread(t, 50, 2*ms, 30*ms, 1), Opening: spread(t, 1, ms, ms, 0)}
	d.Steps = []results.Step{{Name: "accept", Sent: 51, Latency: *spread(t, 50, ms, 25*ms, 0)}}
	d.Replies = d.Replies[3:]
	d.Replies[0].Count = 50
	d.Generator = results.Generator{Transport: "goroutines", GCPauses: 1, Spin: true}
	d.Host = results.Host{OS: "linux"}
	d.Verdict.End = results.EndInterrupted
	return judged(d)
}

// invalidRun is mailmill's own fault, in several ways.
func invalidRun(t testing.TB) *results.Document {
	d := goodRun(t)
	d.Load.Stages = []results.Stage{{From: 100, To: 500, Duration: 10 * time.Second}, {From: 500, To: 500, Duration: 50 * time.Second}}
	d.Load.Workers = 4
	d.Counts.Accepted--
	d.Latency.Pacer = spread(t, 30000, us, 9*ms, 0)
	d.Host.StealRatio = 0.07
	d.Rates.Ended = 400
	d.Faults = []results.Fault{{Step: "connect", Kind: "local", Side: "generator", Count: 12, First: time.Second, Last: 2 * time.Second, Example: "socket: too many open files"}}
	p, err := check.Parse("response:p99.99<20ms")
	if err != nil {
		t.Fatal(err)
	}
	judged(d)
	few, _ := check.Parse("opening:p99.9<20ms")
	gone, _ := check.Parse("step{step=tls}:p99<20ms")
	d.Checks = append(d.Checks, check.All([]check.Check{p, few, gone}, d)...)
	return d
}

func emptyRun(testing.TB) *results.Document { return judged(results.New()) }
