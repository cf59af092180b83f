package transport_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/loadgen/transport/transporttest"
)

// octetByOctet splits what is short; splitting megaoctets so would only take time.
func octetByOctet(_ *rand.Rand, n int) int {
	if n <= 1000 {
		return 1
	}
	return n
}

// TestConformanceSimulated holds the simulation to the contract over networks
// of several kinds.
func TestConformanceSimulated(t *testing.T) {
	networks := map[string]transport.Network{
		"perfect":               {},
		"with latency":          {Latency: transport.Exponential(time.Millisecond, 2*time.Millisecond)},
		"of any split":          {Segment: transport.AnySplit},
		"octet by octet":        {Segment: octetByOctet, Latency: transport.Uniform(0, time.Microsecond)},
		"with a narrow window":  {Window: 2000, Latency: transport.Constant(10 * time.Microsecond)},
		"with little bandwidth": {Bandwidth: 100 << 20, Latency: transport.Uniform(0, time.Millisecond)},
	}
	for name, network := range networks {
		t.Run(name, func(t *testing.T) { transporttest.Run(t, transporttest.Simulate(network)) })
	}
}

// A play is what the tests of the simulation run: a listener that says again
// what it hears, and clients.
type play struct {
	s        *transport.Simulated
	listener transport.Listener
	clients  int
}

func newPlay(t *testing.T, o transport.SimulatedOptions) *play {
	t.Helper()
	p := &play{s: transport.NewSimulated(o)}
	l, err := p.s.Listen(transport.Endpoint{Addr: loopback}, func(int, *transport.Peer) transport.Conversation {
		return transporttest.Checked(t, echo())
	})
	if err != nil {
		t.Fatal(err)
	}
	p.listener = l
	return p
}

// echo says again what it hears, one Write at a time.
func echo() transport.Conversation {
	writing := false
	step := func(e transport.Event) transport.Action {
		writing = writing && e.Kind != transport.Written
		if writing || len(e.In) == 0 {
			return transport.Action{}
		}
		writing = true
		return transport.Action{Do: transport.Write, Taken: len(e.In), Head: append(e.Scratch, e.In...), Notify: true}
	}
	return transporttest.On{transport.Received: step, transport.Written: step}
}

func (p *play) start(c transport.Conversation) {
	p.clients++
	p.s.Start(0, transporttest.Func(func(e transport.Event) transport.Action {
		a := c.Handle(&e)
		if a.Do == transport.Done {
			if p.clients--; p.clients == 0 {
				p.listener.Close()
			}
		}
		return a
	}))
}

// pinger sends a line every so often until the end, and dials again when the
// connection breaks.
func pinger(p *play, every time.Duration, end timing.Instant, told func(transport.Event)) transport.Conversation {
	to := p.listener.Endpoint()
	ping := transport.Action{Do: transport.Write, Head: []byte("ping\n")}
	return transporttest.Func(func(e transport.Event) transport.Action {
		told(e)
		switch e.Kind {
		case transport.Started, transport.Broken:
			if e.Now >= end {
				return transport.Action{Do: transport.Done}
			}
			return transport.Action{Do: transport.Dial, Dial: &to}
		case transport.Opened:
			return ping
		case transport.Received:
			return transport.Action{Taken: len(e.In), Until: e.Now.Add(every)}
		case transport.Expired:
			if e.Now >= end {
				return transport.Action{Do: transport.Close}
			}
			return ping
		case transport.Ended:
			return transport.Action{Do: transport.Close}
		case transport.Closed:
			return transport.Action{Do: transport.Done}
		}
		return transport.Action{}
	})
}

// rough is a network on which everything happens.
func rough(_ int, _ transport.Endpoint, r *rand.Rand) transport.Network {
	n := transport.Network{
		Latency: transport.Exponential(100*time.Microsecond, time.Millisecond),
		Segment: transport.AnySplit,
		Window:  1 + r.IntN(8),
	}
	switch r.IntN(4) {
	case 0:
		n.ResetAfter = 1 + r.IntN(1000)
	case 1:
		n.ResetIn = time.Duration(r.Int64N(int64(time.Second)))
	case 2:
		n.Connect = timing.Fault{Kind: timing.Unreachable, Text: "no route"}
	}
	return n
}

// trace runs a rough play and returns a digest of every event of every client.
func trace(t *testing.T, seed uint64) (digest uint64, events int) {
	t.Helper()
	p := newPlay(t, transport.SimulatedOptions{Options: transport.Options{Dials: 3}, Seed: seed, Shape: rough})
	hash := fnv.New64a()
	for i := range 20 {
		p.start(transporttest.Checked(t, pinger(p, 20*time.Millisecond, timing.Instant(6*time.Second), func(e transport.Event) {
			events++
			fmt.Fprintln(hash, i, e.Kind, e.Now, e.Since, e.In, e.Fault)
		})))
	}
	transporttest.Drive(t, p.s)
	return hash.Sum64(), events
}

func TestSameSeedSameEvents(t *testing.T) {
	a, n := trace(t, 1)
	b, m := trace(t, 1)
	if a != b || n != m {
		t.Errorf("two runs of seed 1 had %d and %d events, digests %x and %x", n, m, a, b)
	}
	if c, _ := trace(t, 2); a == c {
		t.Error("seed 2 has the events of seed 1")
	}
	if n < 1000 {
		t.Errorf("%d events, want some thousand", n)
	}
}

// TestHour runs an hour of a thousand clients. The network is constant, so
// the counts and times are known beforehand.
func TestHour(t *testing.T) {
	const (
		clients = 1000
		every   = 10 * time.Second
		latency = 500 * time.Microsecond
	)
	began := time.Now()
	p := newPlay(t, transport.SimulatedOptions{Network: transport.Network{Latency: transport.Constant(latency)}})
	end := p.s.Now().Add(time.Hour)
	counts := map[transport.EventKind]int{}
	var sent timing.Instant
	for range clients {
		p.start(pinger(p, every, end, func(e transport.Event) {
			counts[e.Kind]++
			if e.Kind == transport.Opened {
				sent = e.Now
			}
			if e.Kind == transport.Received && counts[transport.Received] == clients && e.Now.Sub(sent) != 2*latency {
				t.Errorf("the first echo took %v, want %v", e.Now.Sub(sent), 2*latency)
			}
		}))
	}
	transporttest.Drive(t, p.s)
	// Rounds of 10.001 s begin 0.001 s after Started: 360 of them begin before the hour is over.
	want := map[transport.EventKind]int{
		transport.Started: clients, transport.Opened: clients, transport.Closed: clients,
		transport.Received: 360 * clients, transport.Expired: 360 * clients,
	}
	for kind, n := range want {
		if counts[kind] != n {
			t.Errorf("event %d came %d times, want %d", kind, counts[kind], n)
		}
	}
	if took := time.Since(began); took > 3*time.Minute { // seconds, but for the race detector on a slow machine
		t.Errorf("an hour took %v", took)
	}
}

func TestSimulatedClockBeginsAtOneSecond(t *testing.T) {
	if now := transport.NewSimulated(transport.SimulatedOptions{}).Now(); now != timing.Instant(time.Second) {
		t.Errorf("the clock begins at %d, want one second", now)
	}
}

// TestNetworkFaults tells what a client hears of each fault.
func TestNetworkFaults(t *testing.T) {
	const latency = time.Millisecond
	tests := []struct {
		says    string
		network transport.Network
		want    []string
	}{
		{"a connect that fails is Broken after a round trip", transport.Network{Connect: timing.Fault{Kind: timing.Unreachable, Text: "no route"}},
			[]string{"Started 0s", "Broken 2ms unreachable: no route"}},
		{"a silent peer is not heard", transport.Network{Silent: true},
			[]string{"Started 0s", "Opened 2ms", "Expired 1s", "Closed 3s"}},
		{"an unanswered attempt waits for its Until", transport.Network{Unanswered: true},
			[]string{"Started 0s", "Expired 1s", "Closed 1s"}},
		{"a reset after three octets loses the rest", transport.Network{ResetAfter: 3},
			[]string{"Started 0s", "Opened 2ms", "Broken 4ms reset: connection reset by peer"}},
		{"a reset after eight octets cuts the echo", transport.Network{ResetAfter: 8},
			[]string{"Started 0s", "Opened 2ms", "Received 4ms pin", "Broken 4ms reset: connection reset by peer"}},
		{"a reset comes at its instant", transport.Network{ResetIn: 500 * time.Millisecond},
			[]string{"Started 0s", "Opened 2ms", "Received 4ms ping\n", "Broken 501ms reset: connection reset by peer"}},
		{"bandwidth takes its time", transport.Network{Bandwidth: 1000},
			[]string{"Started 0s", "Opened 2ms", "Received 14ms ping\n", "Expired 1s", "Closed 1.002s"}},
		{"an octet at a time is heard an octet at a time", transport.Network{Segment: transport.Singly},
			[]string{"Started 0s", "Opened 2ms", "Received 4ms p", "Received 4ms i", "Received 4ms n", "Received 4ms g", "Received 4ms \n", "Expired 1s", "Closed 1.002s"}},
		{"a window of one octet makes a write unfinished", transport.Network{Window: 1},
			[]string{"Started 0s", "Opened 2ms", "Received 4ms p", "Received 6ms i", "Received 8ms n", "Written 10ms", "Received 10ms g", "Received 12ms \n", "Expired 1s", "Closed 1.002s"}},
	}
	for _, test := range tests {
		t.Run(test.says, func(t *testing.T) {
			test.network.Latency = transport.Constant(latency)
			if got := heard(t, test.network); !slices.Equal(got, test.want) {
				t.Errorf("the client heard\n%q, want\n%q", got, test.want)
			}
		})
	}
}

// heard sends one line over a network and tells all that the client is told in
// the second after.
func heard(t *testing.T, n transport.Network) (told []string) {
	t.Helper()
	p := newPlay(t, transport.SimulatedOptions{Network: n})
	to, began := p.listener.Endpoint(), p.s.Now()
	end := began.Add(time.Second)
	p.start(transporttest.Checked(t, transporttest.Func(func(e transport.Event) transport.Action {
		told = append(told, describe(e, began))
		a := transport.Action{Taken: len(e.In), Until: end}
		switch e.Kind {
		case transport.Started:
			a.Do, a.Dial = transport.Dial, &to
		case transport.Opened:
			a.Do, a.Head = transport.Write, append(e.Scratch, "ping\n"...)
		case transport.Expired:
			a.Do, a.Until = transport.Close, 0
		case transport.Broken, transport.Closed:
			a.Do = transport.Done
		}
		return a
	})))
	transporttest.Drive(t, p.s)
	return told
}

func describe(e transport.Event, began timing.Instant) string {
	names := []string{"Started", "Opened", "Received", "Written", "Secured", "Expired", "Woken", "Ended", "Broken", "Closed"}
	s := fmt.Sprintf("%s %v", names[e.Kind], e.Now.Sub(began))
	if e.Kind == transport.Broken {
		s += " " + e.Fault.Error()
	}
	if len(e.In) > 0 {
		s += " " + string(e.In)
	}
	return s
}
