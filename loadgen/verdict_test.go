package loadgen

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/sink"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// A drowsy worker is woken late: as if the machine were busy with other work.
type drowsy struct {
	*worker
	by    time.Duration
	after time.Duration // since time 0
}

// Handle implements transport.Conversation.
func (d *drowsy) Handle(e *transport.Event) transport.Action {
	a := d.worker.Handle(e)
	if d.worker.state == holding && a.Until > e.Now && d.pool.run.since(a.Until) >= d.after {
		a.Until = a.Until.Add(d.by)
	}
	return a
}

func late(by, after time.Duration) func(*worker) transport.Conversation {
	return func(w *worker) transport.Conversation { return &drowsy{w, by, after} }
}

// Each rule is provoked by a run that breaks it, and not by one that all but does.
func TestRunsAreJudged(t *testing.T) {
	for _, row := range []struct {
		name     string
		scenario scenario
		status   results.Status
		reasons  string
	}{
		{"a server that keeps up", scenario{
			plan: func(p *profiles.Plan) {
				p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 100, 20*time.Second, 2, 0
			},
			answer: taking(19 * ms),
		}, results.Valid, ""},
		{"a server that does half of it: its backlog grows", scenario{
			plan: func(p *profiles.Plan) {
				p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 100, 20*time.Second, 1, 0
			},
			answer: taking(20 * ms),
		}, results.Valid, "server.backlog server.short"},
		{"a server that does half of it, where what is late is dropped", scenario{
			plan: func(p *profiles.Plan) {
				p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 100, 20*time.Second, 1, 0
				p.MaxLateness = profiles.Limit{Set: true, Most: 50 * ms}
			},
			answer: taking(20 * ms),
		}, results.Valid, "server.short"},
		{"a server that hangs for a moment and catches up", scenario{
			plan: func(p *profiles.Plan) {
				p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 100, 20*time.Second, 2, 0
			},
			answer: func(m moment) answer {
				if m.step == timing.Accept && m.slot == 1000 {
					return answer{after: 2 * time.Second}
				}
				return answer{after: ms}
			},
		}, results.Valid, ""},
		{"a ramp that the server follows, with more in flight at its end", scenario{
			plan:   func(p *profiles.Plan) { p.Stages, p.Concurrency, p.MessagesPerSession = staged[1:2], 100, 0 },
			answer: taking(400 * ms),
		}, results.Valid, ""},
		{"a generator that wakes 2 ms late", scenario{
			plan: func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 100, 5*time.Second, 10 },
			hold: late(2*ms, 0),
		}, results.Invalid, "generator.pacer"},
		{"a generator that wakes 2 ms late in a run of two seconds", scenario{
			plan: func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 100, 2*time.Second, 10 },
			hold: late(2*ms, 0),
		}, results.Valid, ""},
		{"a generator that wakes 2 ms late, where a response takes 100 ms", scenario{
			plan:   func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 100, 5*time.Second, 100 },
			answer: taking(100 * ms), hold: late(2*ms, 0),
		}, results.Valid, ""},
		{"a generator that wakes late for one slot of a hundred", scenario{
			plan: func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 100, 10*time.Second, 10 },
			hold: late(20*ms, 9920*ms),
		}, results.Valid, ""},
		{"a generator that is so late that slots are dropped", scenario{
			plan: func(p *profiles.Plan) {
				p.Rate, p.Duration, p.Concurrency = 100, 10*time.Second, 10
				p.MaxLateness = profiles.Limit{Set: true, Most: 50 * ms}
			},
			hold: late(70*ms, 0),
		}, results.Invalid, "generator.pacer server.short"},
		{"a generator that was late in the warm-up", scenario{
			plan: func(p *profiles.Plan) {
				p.Rate, p.Duration, p.WarmUp, p.Concurrency = 100, 10*time.Second, 5*time.Second, 10
			},
			hold: func(w *worker) transport.Conversation { return &waking{drowsy{w, 2 * ms, 0}} },
		}, results.Valid, ""},
		{"a closed loop, for which nobody can be late", scenario{
			plan:   func(p *profiles.Plan) { p.Duration, p.Concurrency = 5*time.Second, 10 },
			answer: taking(ms), hold: late(2*ms, 0),
		}, results.Valid, ""},
		{"ports that have run out once", scenario{
			plan: func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 100, time.Second, 10 },
			network: transport.SimulatedOptions{Shape: func(n int, _ transport.Endpoint, _ *rand.Rand) transport.Network {
				if n == 50 {
					return transport.Network{Connect: timing.Fault{Kind: timing.Local, Text: "cannot assign requested address"}}
				}
				return transport.Network{}
			}},
		}, results.Invalid, "generator.local"},
		{"a server that refuses to be connected to", scenario{
			plan: func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 100, 5*time.Second, 10 },
			network: transport.SimulatedOptions{Shape: func(n int, _ transport.Endpoint, _ *rand.Rand) transport.Network {
				if n > 0 && n%2 == 0 {
					return transport.Network{Connect: timing.Fault{Kind: timing.Refused}}
				}
				return transport.Network{}
			}},
		}, results.Valid, "server.short"},
	} {
		t.Run(row.name, func(t *testing.T) {
			st, err := row.scenario.perform(t)
			if err != nil {
				t.Fatal(err)
			}
			if err := st.document.Check(); err != nil {
				t.Errorf("the document contradicts itself: %v", err)
			}
			var names []string
			for _, r := range st.document.Verdict.Reasons {
				names = append(names, r.Name)
			}
			if v := st.document.Verdict; v.Status != row.status || strings.Join(names, " ") != row.reasons {
				t.Errorf("the verdict is %s because of %+v; want %s, %q", v.Status, v.Reasons, row.status, row.reasons)
			}
		})
	}
}

// A waking worker is drowsy in the warm-up only.
type waking struct{ drowsy }

// Handle implements transport.Conversation.
func (w *waking) Handle(e *transport.Event) transport.Action {
	if w.pool.run.since(e.Now) >= w.pool.run.plan.WarmUp-time.Second {
		return w.worker.Handle(e)
	}
	return w.drowsy.Handle(e)
}

// Of fifty slots no p99 is known, and no check of it can tell.
func TestTooFewSamples(t *testing.T) {
	for _, row := range []struct {
		name     string
		messages int64
		status   results.CheckStatus
	}{
		{"50 messages are too few for a p99", 50, results.CheckInconclusive},
		{"298 are", 298, results.CheckInconclusive},
		{"299 are enough", 299, results.CheckPassed},
		{"none at all are no data", 0, results.CheckNoData},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := scenario{
				plan: func(p *profiles.Plan) {
					p.Messages, p.Checks = row.messages, expected(t, "response:p99<1s")
					if row.messages == 0 {
						p.Duration, p.Rate, p.Arrivals = time.Second, 1e-9, "poisson"
					}
				},
			}.play(t).document
			_, _, known := d.Latency.Response.Percentile("99")
			if last := d.Checks[len(d.Checks)-1]; last.Status != row.status || known != (row.messages == 299) {
				t.Errorf("the check is %s: %s; p99 is known: %t", last.Status, last.Words, known)
			}
		})
	}
}

func expected(t *testing.T, texts ...string) (all []profiles.Expectation) {
	t.Helper()
	for _, text := range texts {
		e, err := profiles.ParseExpectation(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// A hog is a conversation that leaves its loop little time for others.
type hog struct{ until time.Time }

// Handle implements transport.Conversation.
func (h *hog) Handle(e *transport.Event) transport.Action {
	if time.Now().After(h.until) {
		return transport.Action{Do: transport.Done}
	}
	for began := time.Now(); time.Since(began) < 6*ms; {
	}
	return transport.Action{Until: e.Now.Add(10 * ms)}
}

// serve starts a sink over sockets, as a server of its own that is no self-test.
func serve(t *testing.T) (address string) {
	t.Helper()
	k, err := sink.New(sink.Config{Hostname: "sink.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	over := transport.NewGoroutines(transport.Options{})
	l, err := over.Listen(transport.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:0")}, k.Accept)
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- over.Run() }()
	t.Cleanup(func() {
		over.Stop()
		<-stopped
		k.Close()
	})
	return l.Endpoint().String()
}

// On real sockets and by a real clock: a loop that has no time wakes its workers late.
func TestAStarvedGeneratorIsInvalid(t *testing.T) {
	t.Parallel()
	plan := profiles.Default()
	plan.Targets, plan.Rate, plan.Duration, plan.MessagesPerSession = []string{serve(t)}, 200, results.LeastRun+100*ms, 0
	d, err := Run(context.Background(), plan, Options{Transport: func(o transport.Options) (transport.Transport, error) {
		over, err := transport.New("auto", o)
		if err == nil && over.Name() == "epoll" {
			over.Start(0, &hog{time.Now().Add(plan.Duration + time.Second)})
		}
		return over, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	if d.Generator.Transport == "epoll" && (d.Verdict.Status != results.Invalid || d.Verdict.Reasons[0].Name != "generator.pacer") {
		t.Errorf("the verdict is %+v, with a pacer of %+v", d.Verdict, d.Latency.Pacer)
	}
}

// The system has no port left for a source address, or has not that address: both are EADDRNOTAVAIL, and the
// second can be had without taking every port there is (192.0.2.0/24 is nobody's, RFC 5737).
func TestPortsThatRunOutAreInvalid(t *testing.T) {
	t.Parallel()
	plan := profiles.Default()
	plan.Targets, plan.Messages = []string{serve(t)}, 20
	plan.LocalAddrs = []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("127.0.0.1")}
	d, err := Run(context.Background(), plan, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Verdict.Status != results.Invalid || d.Verdict.Reasons[0].Name != "generator.local" {
		t.Errorf("the verdict is %+v, the faults are %+v", d.Verdict, d.Faults)
	}
	if d.Counts.Intended != 20 || d.Counts.Accepted+d.Counts.Failed != 20 {
		t.Errorf("the books are %+v", d.Counts)
	}
}
