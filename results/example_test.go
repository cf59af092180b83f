package results

import (
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const ms = time.Millisecond

// latencies draws a Latency from values that are spread evenly over [from, to].
func latencies(t testing.TB, population string, n int64, from, to time.Duration, censored int64) *Latency {
	t.Helper()
	h := hdrhistogram.New(1, int64(time.Hour), 3)
	var sum time.Duration
	for i := range n {
		v := from + (to-from)*time.Duration(i)/time.Duration(max(1, n-1))
		if err := h.RecordValue(int64(v)); err != nil {
			t.Fatal(err)
		}
		sum += v
	}
	s := Sample{Histogram: h, Censored: censored}
	if n > 0 {
		s.Min, s.Max, s.Mean = from, to, sum/time.Duration(n)
	}
	l, err := NewLatency(population, s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// sound returns the document of a run about which nothing is to be doubted:
// 500 a second for ten seconds, with a few refusals and faults.
func sound(t testing.TB) *Document {
	d := New()
	d.Run = Run{
		ID: "01JD8Z5K7Q", StartedAt: time.Date(2026, 11, 21, 20, 48, 42, 0, time.UTC), Seed: 7,
		Labels: map[string]string{"build": "nightly"}, Tool: "mailmill 0.1.0", Argv: []string{"mailmill", "run", "smtp://127.0.0.1:2525"},
		Plan: map[string]string{"rate": "500/s", "duration": "10s"},
	}
	d.Target = Target{URL: "smtp://127.0.0.1:2525", Addresses: []string{"127.0.0.1:2525"}, Greeting: "mx.example.com ESMTP", EHLO: []string{"PIPELINING", "SIZE 10485760"}}
	d.Host = Host{OS: "linux", Arch: "amd64", CPUs: 8, RTT: 40 * time.Microsecond}
	d.Load = Offered{Model: Open, Arrivals: "constant", Stages: []Stage{{500, 500, 10 * time.Second}}, Workers: 10, Drain: 30 * time.Second}
	d.Window = Window{SteadyEnd: 10 * time.Second}
	d.Counts = Counts{
		Intended: 5000, Begun: 4999, Accepted: 4980, Deferred: 12, Rejected: 3, Failed: 2, Unknown: 1, Dropped: 1, Unfinished: 1,
		Sessions: 60, RecipientsAccepted: 4980, RecipientsDeferred: 12, RecipientsRejected: 3, OctetsSent: 7_000_000, OctetsReceived: 900_000,
	}
	d.Rates = Rates{Offered: 500, Begun: 499.9, Ended: 499.5, Accepted: 498}
	d.Latency = Latencies{
		Response: latencies(t, "accepted", 4980, 2*ms, 22*ms, 5),
		Service:  latencies(t, "accepted", 4980, 2*ms, 20*ms, 5),
		Lateness: latencies(t, "accepted", 4980, 0, 2*ms, 0),
		Refused:  latencies(t, "deferred and rejected", 15, 1*ms, 3*ms, 0),
		Opening:  latencies(t, "sessions", 60, 1*ms, 4*ms, 0),
		Queue:    latencies(t, "accepted", 4980, 0, 2*ms, 0),
		Pacer:    latencies(t, "accepted", 4980, 1, 50*time.Microsecond, 0),
		Loop:     latencies(t, "replies", 20000, 1, 20*time.Microsecond, 0),
	}
	d.Steps = []Step{
		{Name: "connect", Sent: 60, Latency: *latencies(t, "sessions", 60, ms/2, ms, 0)},
		{Name: "rcpt", Sent: 4999, Latency: *latencies(t, "replies", 4998, ms/2, 3*ms, 0), Faults: []Fault{{Step: "rcpt", Kind: "timeout", Side: SideServer, Count: 1, First: 2 * time.Second, Last: 2 * time.Second}}},
		{Name: "accept", Sent: 4984, Latency: *latencies(t, "replies", 4980, ms, 16*ms, 0)},
	}
	d.Replies = []Reply{
		{Step: "rcpt", Code: 250, Enhanced: "2.1.5", Severity: "positive completion", Count: 4983, Last: 10 * time.Second, Example: "Ok"},
		{Step: "rcpt", Code: 451, Enhanced: "4.7.1", Severity: "transient negative", Count: 12, First: time.Second, Last: 9 * time.Second, Example: "Greylisted"},
		{Step: "rcpt", Code: 550, Enhanced: "5.1.1", Severity: "permanent negative", Count: 3, First: time.Second, Last: 2 * time.Second, Example: "No such user"},
		{Step: "accept", Code: 250, Enhanced: "2.0.0", Severity: "positive completion", Count: 4980, Last: 10 * time.Second, Example: "Ok: queued as 1A2B"},
	}
	d.Faults = []Fault{
		{Step: "rcpt", Kind: "timeout", Side: SideServer, Count: 1, First: 2 * time.Second, Last: 2 * time.Second},
		{Step: "connect", Kind: "reset", Side: SideServer, Count: 1, First: 3 * time.Second, Last: 3 * time.Second, Example: "connection reset by peer"},
		{Step: "accept", Kind: "closed", Side: SideServer, Count: 1, First: 4 * time.Second, Last: 4 * time.Second},
	}
	d.Intervals = seconds(d.Counts, 10)
	d.Generator = Generator{Transport: "epoll", Loops: []Loop{{BusyRatio: 0.3}}, BusyRatio: 0.3, GOMAXPROCS: 8, GoVersion: "go1.26", CPUUser: time.Second, CPUSystem: time.Second, CPUPerMessage: 400 * time.Microsecond}
	d.Verdict = Judge(d)
	return d
}

// seconds spreads the books over n seconds; what does not divide falls in the first.
func seconds(c Counts, n int64) []Interval {
	part := func(i, total int64) int64 {
		if i == 0 {
			return total - (n-1)*(total/n)
		}
		return total / n
	}
	intervals := make([]Interval, n)
	for i := range n {
		intervals[i] = Interval{
			Start:    time.Duration(i) * time.Second,
			Accepted: part(i, c.Accepted), Deferred: part(i, c.Deferred), Rejected: part(i, c.Rejected), Failed: part(i, c.Failed),
			Unknown: part(i, c.Unknown), Dropped: part(i, c.Dropped), Unfinished: part(i, c.Unfinished),
			Begun: part(i, c.Begun), Ended: part(i, c.Begun), AcceptedEnded: part(i, c.Accepted), InFlight: 2,
			Response: Spread{Count: part(i, c.Accepted), P50: 12 * ms, P90: 20 * ms, P99: 21 * ms, Max: 22 * ms},
			Service:  Spread{Count: part(i, c.Accepted), P50: 11 * ms, P90: 18 * ms, P99: 19 * ms, Max: 20 * ms},
		}
		intervals[i].Intended = intervals[i].counts().Sum()
	}
	return intervals
}
