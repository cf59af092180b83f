package loadgen

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

func TestSessionsAreCountedByTheirQuota(t *testing.T) {
	for _, row := range []struct {
		name                string
		perSession, workers int
		messages            int64
		sessions            int64
	}{
		{"one message a session", 1, 4, 100, 100},
		{"seven, in turn", 7, 1, 100, 15},
		{"seven, 25 for each worker", 7, 4, 100, 4 * 4},
		{"a quota that comes out even", 5, 4, 100, 4 * 5},
		{"without end", 0, 4, 100, 4},
		{"a quota beyond the messages", 1000, 4, 100, 4},
		{"more workers than messages", 0, 10, 3, 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			sim := scenario{
				plan: func(p *profiles.Plan) {
					p.Messages, p.Concurrency, p.MessagesPerSession = row.messages, row.workers, row.perSession
				},
				answer: taking(time.Millisecond),
			}.play(t)
			if c := sim.document.Counts; c.Accepted != row.messages || c.Sessions != row.sessions {
				t.Errorf("%d accepted in %d sessions, want %d in %d", c.Accepted, c.Sessions, row.messages, row.sessions)
			}
			// The preflight says QUIT too, and nothing is reset or asked for twice.
			if quits := sim.server.commands["QUIT"]; int64(quits) != row.sessions+1 || sim.server.commands["EHLO"] != quits || sim.server.commands["RSET"] != 0 {
				t.Errorf("the server heard %v in %d sessions", sim.server.commands, row.sessions+1)
			}
		})
	}
}

// A low rate keeps few sessions open, whatever the concurrency.
func TestSessionsAreReusedWarm(t *testing.T) {
	sim := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 10, time.Minute, 100, 0
		},
		answer: taking(30 * time.Millisecond),
	}.play(t)
	// The slot after the one under way is with another worker already: two take turns.
	if c := sim.document.Counts; c.Accepted != 600 || c.Sessions != 2 {
		t.Errorf("%d messages went in %d sessions, want 600 in 2", c.Accepted, c.Sessions)
	}
}

// A server that closes a session in which nothing is under way costs no message.
func TestAServerMayCloseAnIdleSession(t *testing.T) {
	idle := func(m moment) answer {
		if m.step == timing.Accept {
			return answer{deed: leave}
		}
		return answer{}
	}
	c := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 10, time.Minute, 1, 0
		},
		answer: idle,
	}.play(t).document.Counts
	if c.Accepted != 600 || c.Sessions != 600 {
		t.Errorf("%d accepted in %d sessions, want 600 in as many", c.Accepted, c.Sessions)
	}
}

// hosts answers for the DNS.
type hosts map[string][]netip.Addr

func (h hosts) LookupMX(context.Context, string) ([]*net.MX, error) {
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func (h hosts) LookupNetIP(_ context.Context, _, name string) ([]netip.Addr, error) {
	if addrs := h[name]; len(addrs) > 0 {
		return addrs, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func addrs(texts ...string) (all []netip.Addr) {
	for _, s := range texts {
		all = append(all, netip.MustParseAddr(s))
	}
	return all
}

func TestSourceAddressesAreUsedInTurn(t *testing.T) {
	for _, row := range []struct {
		name    string
		servers []netip.Addr
		sources []netip.Addr
		dead    string // an address at which nobody listens once the preflight is over
		want    string // where sessions come from, and go to
	}{
		{"one server and three sources", addrs("127.0.0.1"), addrs("127.0.0.2", "127.0.0.3", "127.0.0.4"), "",
			"127.0.0.2→127.0.0.1 127.0.0.3→127.0.0.1 127.0.0.4→127.0.0.1 127.0.0.2→127.0.0.1 127.0.0.3→127.0.0.1 127.0.0.4→127.0.0.1"},
		{"two servers and two sources: the first server as long as it answers", addrs("127.0.0.1", "127.0.0.9"), addrs("127.0.0.2", "127.0.0.3"), "",
			"127.0.0.2→127.0.0.1 127.0.0.3→127.0.0.1 127.0.0.2→127.0.0.1 127.0.0.3→127.0.0.1 127.0.0.2→127.0.0.1 127.0.0.3→127.0.0.1"},
		{"the second server where the first is dead, from the same source", addrs("127.0.0.1", "127.0.0.9"), addrs("127.0.0.2", "127.0.0.3"), "127.0.0.1",
			"127.0.0.2→127.0.0.9 127.0.0.3→127.0.0.9 127.0.0.2→127.0.0.9 127.0.0.3→127.0.0.9 127.0.0.2→127.0.0.9 127.0.0.3→127.0.0.9"},
		{"a source reaches the servers of its family", addrs("127.0.0.1", "::1"), addrs("127.0.0.2", "127.0.0.3"), "",
			"127.0.0.2→127.0.0.1 127.0.0.3→127.0.0.1 127.0.0.2→127.0.0.1 127.0.0.3→127.0.0.1 127.0.0.2→127.0.0.1 127.0.0.3→127.0.0.1"},
		{"sources of both families", addrs("127.0.0.1", "::1"), addrs("127.0.0.2", "::2"), "",
			"127.0.0.2→127.0.0.1 ::2→::1 127.0.0.2→127.0.0.1 ::2→::1 127.0.0.2→127.0.0.1 ::2→::1"},
		{"no source given: one server after the other", addrs("127.0.0.1", "127.0.0.9"), nil, "127.0.0.1",
			"127.0.0.1→127.0.0.9 127.0.0.1→127.0.0.9 127.0.0.1→127.0.0.9 127.0.0.1→127.0.0.9 127.0.0.1→127.0.0.9 127.0.0.1→127.0.0.9"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var came []string
			guests := map[string]func(int, *transport.Peer) transport.Conversation{home: nil}
			server := newServer(nil)
			preflights := len(row.servers)
			for _, a := range row.servers {
				guests[netip.AddrPortFrom(a, 2525).String()] = func(loop int, p *transport.Peer) transport.Conversation {
					if preflights--; preflights < 0 {
						came = append(came, fmt.Sprintf("%v→%v", p.Remote.Addr.Addr(), a))
					}
					return server.accept(loop, p)
				}
			}
			network := transport.SimulatedOptions{Shape: refusingAt(row.dead, len(row.servers))}
			scenario{
				plan: func(p *profiles.Plan) {
					p.Targets, p.Messages, p.Concurrency, p.LocalAddrs = []string{"mx.example.com:2525"}, 6, 6, row.sources
				},
				network: network, guests: guests,
				options: Options{Resolver: hosts{"mx.example.com": row.servers}},
			}.play(t)
			if got := strings.Join(came, " "); got != row.want {
				t.Errorf("the sessions were\n%s, want\n%s", got, row.want)
			}
		})
	}
}

// refusingAt refuses attempts to connect to an address, but for the first few, which are the preflights.
func refusingAt(dead string, preflights int) func(int, transport.Endpoint, *rand.Rand) transport.Network {
	return func(attempt int, to transport.Endpoint, _ *rand.Rand) (n transport.Network) {
		if attempt >= preflights && to.Addr.Addr().String() == dead {
			n.Connect = timing.Fault{Kind: timing.Refused, Text: "connect: connection refused"}
		}
		return n
	}
}

// An address that failed is another session's first choice again, and the attempt at it is a span and a fault of its own.
func TestAnAddressThatFailsIsAFaultOfItsOwn(t *testing.T) {
	sim := scenario{
		plan:    func(p *profiles.Plan) { p.Targets, p.Messages, p.Concurrency = []string{"mx.example.com:2525"}, 6, 1 },
		network: transport.SimulatedOptions{Shape: refusingAt("127.0.0.9", 2)},
		guests:  map[string]func(int, *transport.Peer) transport.Conversation{"127.0.0.9:2525": newServer(nil).accept},
		options: Options{Resolver: hosts{"mx.example.com": addrs("127.0.0.9", "127.0.0.1")}},
	}.play(t)
	if c := sim.document.Counts; c.Accepted != 6 || faultsOf(sim.document) != "connect refused 6" {
		t.Errorf("%d of 6 accepted, with faults %s", c.Accepted, faultsOf(sim.document))
	}
	if !slices.Equal(sim.document.Target.Addresses, []string{"127.0.0.9:2525", "127.0.0.1:2525"}) {
		t.Errorf("the target's addresses are %v", sim.document.Target.Addresses)
	}
}
