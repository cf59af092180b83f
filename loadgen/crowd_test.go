package loadgen

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mailmill/loadgen/manners"
	"mailmill/loadgen/session"
	"mailmill/loadgen/sink"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// everyManner is one of each kind.
var everyManner = []string{
	"early-talker", "slow-writer=50", "slow-reader", "half-open", "silent", "drop=data", "reset=content", "no-quit", "long-line", "bare-lf",
	"pipeline", "endless-content=2000", "bad-syntax",
}

// groups reads groups of bad clients.
func groups(t testing.TB, texts ...string) (all []manners.Group) {
	t.Helper()
	for _, text := range texts {
		g, err := manners.ParseGroup(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}

// simulatedSink plays a run against the sink, in virtual time.
func simulatedSink(t *testing.T, alarms map[time.Duration]func(*simulation), plan func(*profiles.Plan)) (*results.Document, *sink.Sink) {
	t.Helper()
	return simulatedAgainst(t, "accept: delay 20ms", alarms, plan)
}

// simulatedAgainst plays a run against a sink with a behaviour.
func simulatedAgainst(t *testing.T, behave string, alarms map[time.Duration]func(*simulation), plan func(*profiles.Plan)) (*results.Document, *sink.Sink) {
	t.Helper()
	slow, err := sink.ParseBehaviour(behave)
	if err != nil {
		t.Fatal(err)
	}
	k, err := sink.New(sink.Config{Seed: 1, Behaviours: []sink.Behaviour{slow}, CommandTimeout: 2 * time.Second, DataTimeout: 2 * time.Second, DataRate: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	d, err := scenario{plan: plan, alarms: alarms, guests: map[string]func(int, *transport.Peer) transport.Conversation{home: k.Accept}}.perform(t)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.document.Check(); err != nil {
		t.Error(err)
	}
	return d.document, k
}

// One bad client of each kind beside the workers changes nothing of what is measured: in virtual time the server
// is as fast as before, and then the document is the same, but for their own part of it.
func TestBadClientsAreBesideWhatIsMeasured(t *testing.T) {
	plan := func(misbehave ...string) func(*profiles.Plan) {
		return func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.Misbehave = 50, 10*time.Second, 10, groups(t, misbehave...)
		}
	}
	without, _ := simulatedSink(t, nil, plan())
	with, k := simulatedSink(t, nil, plan(everyManner...))
	if with.Counts.Accepted != 500 || with.Counts.Intended != 500 {
		t.Errorf("the books are %+v, want 500 accepted", with.Counts)
	}
	crowd := with.Misbehaved
	if len(crowd) != len(everyManner) {
		t.Fatalf("there are %d manners in the document, want %d", len(crowd), len(everyManner))
	}
	var sessions, accepted int64
	for _, m := range crowd {
		sessions, accepted = sessions+m.Sessions, accepted+m.Accepted
		if m.Clients != 1 || m.Sessions == 0 || m.Local+m.Unreached > 0 {
			t.Errorf("of bad clients there are %+v", m)
		}
		if m.Sessions > 50 {
			t.Errorf("%s began %d sessions in 10 s, which is a flood", m.Manner, m.Sessions)
		}
	}
	if saw := k.Counters(); int64(saw.Sessions) != with.Counts.Sessions+sessions+1 || int64(saw.Messages) < 500+accepted || saw.Active != 0 {
		t.Errorf("the server saw %d sessions and %d messages, want %d, %d and the preflight, and 500 and %d; %d are open", saw.Sessions, saw.Messages,
			with.Counts.Sessions, sessions, accepted, saw.Active)
	}
	with.Misbehaved, with.Run, with.Generator = nil, without.Run, without.Generator
	a, _ := json.Marshal(without)
	b, _ := json.Marshal(with)
	if string(a) != string(b) {
		t.Errorf("with bad clients the document is %s\nand without %s", b, a)
	}
}

// What bad clients meet shows in their part of the document.
func TestWhatBecameOfBadClients(t *testing.T) {
	d, _ := simulatedSink(t, nil, func(p *profiles.Plan) {
		p.Rate, p.Duration, p.Concurrency, p.Misbehave = 10, 10*time.Second, 10, groups(t, everyManner...)
	})
	for i, holds := range []func(m results.Misbehaved) bool{
		func(m results.Misbehaved) bool { return m.Accepted+m.Open == m.Sessions && m.Accepted > 30 },    // early-talker
		func(m results.Misbehaved) bool { return m.Accepted >= 0 && m.OctetsSent > 400 },                 // slow-writer
		func(m results.Misbehaved) bool { return m.OctetsSent > 10_000 && m.OctetsReceived < 1000 },      // slow-reader
		func(m results.Misbehaved) bool { return m.Closed+m.Told+m.Open == m.Sessions && m.Closed > 30 }, // half-open
		func(m results.Misbehaved) bool { return m.Told == 4 && m.Open == 1 },                            // silent: each 2 s and a pause
		func(m results.Misbehaved) bool { return m.Left+m.Open == m.Sessions && m.Left > 30 },            // drop
		func(m results.Misbehaved) bool { return m.Left+m.Open == m.Sessions && m.Left > 30 },            // reset
		func(m results.Misbehaved) bool { return m.Accepted+m.Open == m.Sessions },                       // no-quit
		func(m results.Misbehaved) bool { return m.Accepted+m.Open == m.Sessions },                       // long-line
		func(m results.Misbehaved) bool { return m.TimedOut == 0 && m.Told > 0 },                         // bare-lf: is no line
		func(m results.Misbehaved) bool { return m.Accepted+m.Open == m.Sessions },                       // pipeline
		func(m results.Misbehaved) bool { return m.OctetsSent > 15_000 && m.OctetsSent < 25_000 },        // endless-content
		func(m results.Misbehaved) bool { return m.Sessions == 1 && m.Open == 1 && len(m.Replies) > 5 },  // bad-syntax
	} {
		if m := d.Misbehaved[i]; !holds(m) {
			t.Errorf("%s came to %+v", everyManner[i], m)
		}
	}
}

// The same seed gives the same bad clients.
func TestBadClientsAreTheSameEachTime(t *testing.T) {
	var first []byte
	for range 2 {
		d, _ := simulatedSink(t, nil, func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.Misbehave = 100, 3*time.Second, 20, groups(t, "drop=rcpt@10%", "no-quit@10%", "slow-writer=100@10%", "silent@10%")
		})
		text, _ := json.Marshal(d)
		if first != nil && string(first) != string(text) {
			t.Errorf("the second run was\n%s\nthe first\n%s", text, first)
		}
		first = text
	}
}

// The end of the load, of the drain, and Ctrl-C, find bad clients who would go on for ever.
func TestBadClientsDoNotDelayTheEnd(t *testing.T) {
	const quick = "accept: delay 20ms"
	stubborn := []string{"silent@2", "slow-writer=1@2", "slow-reader@2", "half-open@2", "endless-content@2", "bad-syntax@2", "drop=connect@2"}
	for name, row := range map[string]struct {
		behave string
		alarms map[time.Duration]func(*simulation)
		plan   func(*profiles.Plan)
		last   time.Duration // the load ends by then
		end    string
	}{
		"of a load with a length":   {quick, nil, func(p *profiles.Plan) { p.Rate, p.Duration = 10, time.Second }, 1100 * time.Millisecond, results.EndComplete},
		"of so many messages":       {quick, nil, func(p *profiles.Plan) { p.Messages = 20 }, time.Second, results.EndComplete},
		"by Ctrl-C":                 {quick, map[time.Duration]func(*simulation){time.Second: interrupt}, func(*profiles.Plan) {}, 1100 * time.Millisecond, results.EndInterrupted},
		"of messages that never do": {"accept: silence", nil, func(p *profiles.Plan) { p.Duration, p.Drain = time.Second, time.Millisecond }, 1100 * time.Millisecond, results.EndComplete},
	} {
		t.Run(name, func(t *testing.T) {
			d, k := simulatedAgainst(t, row.behave, row.alarms, func(p *profiles.Plan) {
				row.plan(p)
				p.Misbehave = groups(t, stubborn...)
			})
			if d.Verdict.End != row.end || d.Window.SteadyEnd > row.last {
				t.Errorf("the run ended %q after %v", d.Verdict.End, d.Window.SteadyEnd)
			}
			var open int64
			for _, m := range d.Misbehaved {
				open += m.Open
			}
			if saw := k.Counters(); saw.Active != 0 || open < 5 {
				t.Errorf("%d sessions are open at the server; %d were as the run ended", saw.Active, open)
			}
		})
	}
}

func TestBadClientsAreSharedAsWorkersAre(t *testing.T) {
	clients := 0
	for m := range int64(3) {
		d, _ := simulatedSink(t, nil, func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.Misbehave = 10, time.Second, 10, groups(t, "silent@4", "drop=mail@50%")
			p.Shard.M, p.Shard.N = m, 3
		})
		if len(d.Misbehaved) != 2 {
			t.Fatalf("share %d has %+v", m, d.Misbehaved)
		}
		clients += d.Misbehaved[0].Clients + d.Misbehaved[1].Clients
	}
	if clients != 9 {
		t.Errorf("together the shares have %d bad clients, want 4 and 5", clients)
	}
}

func TestBadClientsNeedAPlainServer(t *testing.T) {
	plan := profiles.Default()
	plan.Misbehave = groups(t, "silent")
	endpoint := transport.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:465")}
	servers := []session.Server{{Name: "smtps://127.0.0.1", Security: session.ImplicitTLS, Endpoints: []transport.Endpoint{endpoint}}}
	err := enough(plan, servers, false)
	var refused *PlanError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "smtps://127.0.0.1 wants TLS") {
		t.Errorf("the plan is %v", err)
	}
	servers[0].Security, plan.Proxy = session.Plain, "v2"
	if err := enough(plan, servers, false); !errors.As(err, &refused) || !strings.Contains(err.Error(), "no PROXY header") {
		t.Errorf("behind a PROXY header the plan is %v", err)
	}
	plan.Proxy = "none"
	plan.Misbehave = groups(t, "silent@900000")
	if err := enough(plan, servers, false); err == nil || !strings.Contains(err.Error(), "--concurrency 10 and 900000 bad clients") {
		t.Errorf("that many bad clients are %v", err)
	}
}

// Over sockets, against the built-in sink: the messages are all accepted, and nothing is left of the bad clients.
func TestBadClientsOverSockets(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, name := range overAll {
		t.Run(name, func(t *testing.T) {
			d := overSockets(t, t.Context(), name, func(p *profiles.Plan) {
				p.Rate, p.Duration, p.Concurrency, p.Misbehave = 200, 600*time.Millisecond, 10, groups(t, everyManner...)
			})
			if c := d.Counts; c.Intended != 120 || c.Accepted != 120 || len(d.Faults) > 0 {
				t.Errorf("the books are %+v, with faults %s", c, faultsOf(d))
			}
			for _, m := range d.Misbehaved {
				if m.Sessions == 0 || m.Unreached+m.Local+m.Garbled+m.TimedOut > 0 {
					t.Errorf("of bad clients there are %+v", m)
				}
			}
		})
	}
}

// Ctrl-C ends a run that has nothing but time, and bad clients who would stay.
func TestBadClientsObeyCtrlC(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, name := range overAll {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			d := overSockets(t, ctx, name, func(p *profiles.Plan) {
				p.Duration, p.Think.Min, p.Think.Max = time.Hour, 10*time.Millisecond, 10*time.Millisecond
				p.Misbehave = groups(t, "silent@2", "slow-reader@2", "slow-writer=1@2", "endless-content=10000000@2", "half-open@2", "bad-syntax@2")
			})
			if took := time.Since(began); d.Verdict.End != results.EndInterrupted || took > grace {
				t.Errorf("the run ended %q, after %v", d.Verdict.End, took)
			}
		})
	}
}
