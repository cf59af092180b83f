package loadgen

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/target"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

type guestList = map[string]func(int, *transport.Peer) transport.Conversation

// preflightOnly gives an answer at one step of a session, and is a server otherwise.
func preflightOnly(step timing.Step, a answer) func(moment) answer {
	return everySlot(step, a)
}

func TestATargetThatCannotBeUsedIsAnError(t *testing.T) {
	lost := transport.SimulatedOptions{Network: transport.Network{Unanswered: true}}
	mx := func(p *profiles.Plan) { p.Targets = []string{"mx.example.com:2525"} }
	both := Options{Resolver: hosts{"mx.example.com": addrs("127.0.0.1", "127.0.0.9")}}
	for _, row := range []struct {
		name  string
		s     scenario
		want  string
		after time.Duration // virtual time that it took
	}{
		{"nobody listens", scenario{guests: guestList{home: nil}},
			"target 127.0.0.1:2525 is not usable: connect: connection refused: nobody listens on this port: ", 0},
		{"nobody answers the attempt to connect", scenario{network: lost},
			"target 127.0.0.1:2525 is not usable: connect: timeout", 10 * time.Second},
		{"no greeting comes in five seconds", scenario{answer: preflightOnly(timing.Greeting, answer{deed: mute})},
			"target 127.0.0.1:2525 is not usable: greeting: timeout: if it wants TLS from the start, give a target of smtps://", 5 * time.Second},
		{"the plan has less patience than that", scenario{answer: preflightOnly(timing.Greeting, answer{deed: mute}),
			plan: func(p *profiles.Plan) { p.Timeouts[timing.Greeting] = time.Second }},
			"target 127.0.0.1:2525 is not usable: greeting: timeout", time.Second},
		{"the server speaks HTTP", scenario{answer: preflightOnly(timing.Greeting, reply("HTTP/1.1 400 Bad Request"))},
			`target 127.0.0.1:2525 is not usable: greeting: malformed: `, 0},
		{"the server takes no mail", scenario{answer: preflightOnly(timing.Greeting, reply("554 5.3.2 no mail here"))},
			`target 127.0.0.1:2525 is not usable: greeting: the server answered 554 "no mail here"`, 0},
		{"the server has no time", scenario{answer: preflightOnly(timing.Greeting, answer{reply: "421 too busy\r\n", deed: leave})},
			`target 127.0.0.1:2525 is not usable: greeting: the server answered 421 "too busy"`, 0},
		{"the server hangs up", scenario{answer: preflightOnly(timing.Greeting, answer{deed: drop})},
			"target 127.0.0.1:2525 is not usable: greeting: closed", 0},
		{"the server refuses EHLO for now", scenario{answer: preflightOnly(timing.EHLO, reply("450 4.3.2 later"))},
			`target 127.0.0.1:2525 is not usable: ehlo: the server answered 450 "later"`, 0},
		{"the server breaks the connection at EHLO", scenario{answer: preflightOnly(timing.EHLO, answer{deed: reset})},
			"target 127.0.0.1:2525 is not usable: ehlo: connection reset by peer", 0},
		{"no address of two can be used", scenario{plan: mx, options: both, answer: preflightOnly(timing.Greeting, reply("554 no"))},
			`target mx.example.com:2525 is not usable: 127.0.0.1:2525: greeting: the server answered 554 "no"; ` +
				"127.0.0.9:2525: connect: connection refused", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			sim, err := row.s.perform(t)
			var unusable *TargetError
			if !errors.As(err, &unusable) || !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("the error is %q, want %q", err, row.want)
			}
			if strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("the error %q has more than one line", err)
			}
			if n := sim.server.commands["MAIL"]; n > 0 || sim.document != nil {
				t.Errorf("%d messages were sent, and there is a document: %t", n, sim.document != nil)
			}
			if took := sim.Now().Sub(timing.Instant(time.Second)); took != row.after {
				t.Errorf("it took %v, want %v", took, row.after)
			}
		})
	}
}

func TestADeadAddressIsLeftOut(t *testing.T) {
	sim := scenario{
		plan:    func(p *profiles.Plan) { p.Targets, p.Messages = []string{"mx.example.com:2525"}, 20 },
		options: Options{Resolver: hosts{"mx.example.com": addrs("127.0.0.9", "127.0.0.1")}},
	}.play(t)
	if d := sim.document; d.Counts.Accepted != 20 || len(d.Faults) > 0 {
		t.Errorf("%d of 20 accepted, with faults %s: the dead address was tried again", d.Counts.Accepted, faultsOf(d))
	}
}

func TestThePreflightIsNotCounted(t *testing.T) {
	slow := func(m moment) answer {
		if m.session == 0 {
			return answer{after: 4 * time.Second}
		}
		return answer{}
	}
	sim := scenario{plan: func(p *profiles.Plan) { p.Messages = 5 }, answer: slow}.play(t)
	d := sim.document
	if d.Counts.Sessions != 5 || sim.server.opened != 6 {
		t.Errorf("%d sessions are counted of %d, want 5 of 6", d.Counts.Sessions, sim.server.opened)
	}
	for _, s := range d.Steps {
		if s.Latency.Max > 0 {
			t.Errorf("step %s took up to %v: that was in the preflight", s.Name, s.Latency.Max)
		}
	}
	if d.Target.Greeting != "server.example.com ESMTP" || strings.Join(d.Target.EHLO, ", ") != "SIZE 1000000, 8BITMIME" {
		t.Errorf("the target greets with %q and offers %q", d.Target.Greeting, d.Target.EHLO)
	}
}

func TestAPlanThatCannotBeCarriedOutIsAnError(t *testing.T) {
	public := Options{Resolver: hosts{"mx.example.com": addrs("127.0.0.1", "192.0.2.1")}}
	for _, row := range []struct {
		name    string
		plan    func(*profiles.Plan)
		options Options
		want    string
	}{
		{"an address of the target is public", func(p *profiles.Plan) { p.Targets = []string{"mx.example.com:2525"} }, public,
			"target smtp://mx.example.com:2525: 192.0.2.1 is a public address (1 of its 2 addresses are public); " +
				"load goes to loopback and private addresses only, unless --allow-public-target is given"},
		{"the target has no address", func(p *profiles.Plan) { p.Targets = []string{"nobody.example.com:2525"} }, public,
			"target smtp://nobody.example.com:2525: no address of nobody.example.com: no such host"},
		{"no source address is of the target's family", func(p *profiles.Plan) { p.LocalAddrs = []netip.Addr{netip.IPv6Loopback()} }, Options{},
			"--local-addr: none of the addresses is of the target's family (127.0.0.1:2525)"},
		{"the message is empty", func(p *profiles.Plan) { p.Data = "-" }, Options{Input: strings.NewReader("")},
			"--data -: the message is empty"},
		{"there is no message", func(p *profiles.Plan) { p.Data = "-" }, Options{},
			"--data -: there is no standard input to read a message from"},
	} {
		t.Run(row.name, func(t *testing.T) {
			sim, err := scenario{plan: row.plan, options: row.options}.perform(t)
			if err == nil || err.Error() != row.want {
				t.Errorf("the error is %q, want %q", err, row.want)
			}
			var plan *PlanError
			var public *target.PublicError
			var where *target.Error
			if !errors.As(err, &plan) && !errors.As(err, &public) && !errors.As(err, &where) {
				t.Errorf("the error is a %T", err)
			}
			if sim.server.opened > 0 {
				t.Errorf("%d sessions were opened", sim.server.opened)
			}
		})
	}
}

func TestARunThatIsOverBeforeItBeginsSendsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 { // the context and the preflight are a race
		sim := &simulation{t: t, scenario: &scenario{}, server: newServer(nil), cancel: cancel}
		d, err := Run(ctx, testPlan(), Options{Transport: sim.open})
		if (err == nil) == (d == nil) || err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("the error is %v, and there is a document: %t", err, d != nil)
		}
		if n := sim.server.commands["MAIL"]; d == nil && n > 0 {
			t.Errorf("%d messages were sent, and there is no document of them", n)
		}
	}
}

func TestAnInterruptedPreflightEndsTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := newServer(preflightOnly(timing.Greeting, answer{deed: mute}))
	sim := &simulation{t: t, scenario: &scenario{}, server: server, cancel: cancel}
	server.since = sim.since
	began := timing.Instant(time.Second)
	open := func(o transport.Options) (transport.Transport, error) {
		made, err := sim.open(o)
		sim.Simulated.Start(0, &alarm{stage: sim, at: began.Add(time.Second), do: interrupt})
		return made, err
	}
	if _, err := Run(ctx, testPlan(), Options{Transport: open}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want %v", err, context.Canceled)
	}
	if took := sim.Now().Sub(began); took != time.Second {
		t.Errorf("it took %v, want the second before the interruption", took)
	}
	if server.commands["MAIL"] > 0 {
		t.Error("a message was sent")
	}
}
