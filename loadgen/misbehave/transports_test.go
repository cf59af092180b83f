package misbehave

import (
	"net/netip"
	"testing"
	"time"

	"mailmill/loadgen/sink"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/loadgen/transport/transporttest"
)

// everyKind is a client of each kind.
var everyKind = []string{
	"early-talker", "slow-writer=200", "slow-reader", "half-open", "silent", "drop=connect", "drop=data", "reset=content", "no-quit",
	"long-line", "bare-lf", "pipeline", "endless-content=10000", "bad-syntax",
}

// A conductor ends a crowd, as the director of a run does.
type conductor struct {
	crowd          *Crowd
	load, drain    time.Duration
	loaded, closed timing.Instant // when
	listener       transport.Listener
}

// Handle implements transport.Conversation.
func (c *conductor) Handle(e *transport.Event) transport.Action {
	switch {
	case e.Kind == transport.Started:
		c.loaded, c.closed = e.Now.Add(c.load), e.Now.Add(c.load+c.drain)
		return transport.Action{Until: c.loaded}
	case e.Now < c.loaded:
		return transport.Action{Until: c.loaded}
	case e.Now < c.closed:
		c.crowd.EndLoad()
		return transport.Action{Until: c.closed}
	}
	c.crowd.Dismiss()
	c.listener.Close()
	return transport.Action{Do: transport.Done}
}

// listening returns a sink, and where it listens on a transport.
func listening(t *testing.T, tr transport.Transport, config sink.Config) (*sink.Sink, transport.Listener) {
	t.Helper()
	k, err := sink.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	l, err := tr.Listen(transport.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:0")}, k.Accept)
	if err != nil {
		t.Fatal(err)
	}
	return k, l
}

// Each kind keeps the contract of every transport, and the sink sees in it what it is.
func TestEveryKindOverEveryTransport(t *testing.T) {
	transporttest.Each(t, transport.Options{Loops: 2}, func(t *testing.T, tr transport.Transport) {
		late, err := sink.ParseBehaviour("greeting: delay 20ms") // in time for nobody but early talkers
		if err != nil {
			t.Fatal(err)
		}
		k, l := listening(t, tr, sink.Config{Behaviours: []sink.Behaviour{late}, LenientLines: true, CommandTimeout: 300 * time.Millisecond, DataTimeout: 300 * time.Millisecond, DataRate: -1})
		c := config(t, everyKind...)
		c.Begin, c.Every = tr.Now(), 20*time.Millisecond
		c.Servers[0].Endpoints[0] = l.Endpoint()
		crowd := New(c)
		for i, client := range crowd.Clients() {
			tr.Start(i%tr.Loops(), transporttest.Checked(t, client))
		}
		tr.Start(0, &conductor{crowd: crowd, listener: l, load: 800 * time.Millisecond, drain: 50 * time.Millisecond})
		if err := tr.Run(); err != nil {
			t.Fatal(err)
		}
		var begun int64
		for i, tally := range crowd.Tallies() {
			begun += tally.Sessions
			ends := &tally.Endings
			var sum int64
			for _, n := range ends {
				sum += n
			}
			if tally.Sessions == 0 || sum != tally.Sessions || ends[Unreached]+ends[Local]+ends[Garbled] > 0 {
				t.Errorf("%s: %s", everyKind[i], told(tally))
			}
			if want, some := endsInSink[everyKind[i]]; some && ends[want] == 0 {
				t.Errorf("%s: %s; want some %s", everyKind[i], told(tally), endingWords[want])
			}
		}
		n := k.Counters()
		if int64(n.Sessions) > begun || n.EarlyTalkers == 0 || n.LongLines == 0 || n.LongCommands == 0 || n.BareLF == 0 || n.Abandoned == 0 || n.Timeouts == 0 {
			t.Errorf("of %d sessions the sink saw %+v", begun, n.Tallies)
		}
	})
}

// endsInSink is how sessions end, among others, where the server is a sink.
var endsInSink = map[string]Ending{
	"early-talker": Accepted, "slow-reader": Open, "half-open": Closed, "silent": Told, "drop=connect": Left, "drop=data": Left,
	"reset=content": Left, "no-quit": Accepted, "long-line": Accepted, "bare-lf": Accepted, "pipeline": Accepted, "endless-content=10000": Open, "bad-syntax": Open,
}

// A client that reads nothing fills what lies between it and the server, until the server gives it up.
func TestSlowReadersAreGivenUp(t *testing.T) {
	tr := transport.NewSimulated(transport.SimulatedOptions{Seed: 1, Network: transport.Network{Window: 4 << 10}})
	k, l := listening(t, tr, sink.Config{WriteTimeout: time.Second})
	c := config(t, "slow-reader")
	c.Begin, c.Servers[0].Endpoints[0] = tr.Now(), l.Endpoint()
	crowd := New(c)
	tr.Start(0, transporttest.Checked(t, crowd.Clients()[0]))
	tr.Start(0, &conductor{crowd: crowd, listener: l, load: 10 * time.Second})
	if err := tr.Run(); err != nil {
		t.Fatal(err)
	}
	got := crowd.Tallies()[0]
	if n := k.Counters(); n.WriteTimeouts < 5 || got.Endings[Closed]+got.Endings[Open] != int64(n.WriteTimeouts) || got.Sent > 10*floodPace {
		t.Errorf("the tally is %s, with %d octets sent; the sink saw %+v", told(got), got.Sent, n.Tallies)
	}
}
