package transporttest

import (
	"sync/atomic"
	"time"

	"mailmill/loadgen/transport"
)

var runRules = []rule{
	{says: "a listener on port 0 tells the port it was given", plays: portGiven},
	{says: "an address in use cannot be listened on", plays: addressInUse},
	{says: "a conversation starts another from within Handle", plays: startsAnother},
	{says: "an accepted connection without a conversation is closed", plays: refusesAccepted},
	{says: "accepted conversations go on when the listener is closed", plays: outliveListener},
	{says: "accepted conversations are given loops that exist", plays: loopsExist},
	{says: "Stop ends everything, whatever it waits for", plays: stops},
	{says: "Stop before Run ends it at once", plays: stopsBefore},
	{says: "the loops' events are counted", plays: counts},
}

func portGiven(s *stage) {
	a, b := s.listen(echo), s.listen(echo)
	if a.Addr.Port() == 0 || b.Addr.Port() == 0 || a.Addr.Port() == b.Addr.Port() {
		s.Errorf("listening on %v and %v, want two ports", a, b)
	}
	r := newReader(b)
	s.play(r)
	s.heardPoem(r)
}

func addressInUse(s *stage) {
	at := s.listen(echo)
	l, err := s.Listen(at, func(int, *transport.Peer) transport.Conversation { return nil })
	if err == nil {
		s.Errorf("a second listener is on %v", at)
		l.Close()
	}
	s.play(newReader(at))
}

func startsAnother(s *stage) {
	depth := 0
	var next func() transport.Conversation
	next = func() transport.Conversation {
		return On{transport.Started: func(transport.Event) transport.Action {
			if depth++; depth < 10 {
				s.Start(0, s.watch(next()))
			}
			return done()
		}}
	}
	s.play(next())
	if depth != 10 {
		s.Errorf("%d conversations started, want 10", depth)
	}
}

func refusesAccepted(s *stage) {
	at := s.listen(func() transport.Conversation { return nil })
	var told []transport.EventKind
	note := func(a transport.Action) func(transport.Event) transport.Action {
		return func(e transport.Event) transport.Action {
			told = append(told, e.Kind)
			return a
		}
	}
	s.play(On{
		transport.Started: always(dial(at)),
		transport.Ended:   note(hangUp(transport.Polite)),
		transport.Broken:  note(done()),
	})
	if len(told) != 1 {
		s.Errorf("the client was told %v, want one end", told)
	}
}

func outliveListener(s *stage) {
	at := s.listen(func() transport.Conversation {
		inner := echo()
		return Func(func(e transport.Event) transport.Action {
			if e.Kind == transport.Opened {
				s.listeners[0].Close()
			}
			return inner.Handle(&e)
		})
	})
	r := newReader(at)
	s.play(r)
	s.heardPoem(r)
}

func loopsExist(s *stage) {
	var wrong atomic.Int32
	l, err := s.Listen(loopback(), func(loop int, p *transport.Peer) transport.Conversation {
		if loop < 0 || loop >= s.Loops() || p == nil {
			wrong.Add(1)
		}
		return s.watch(echo())
	})
	if err != nil {
		s.Fatal(err)
	}
	s.listeners = append(s.listeners, l)
	var clients []transport.Conversation
	for range 20 {
		clients = append(clients, newReader(l.Endpoint()))
	}
	s.play(clients...)
	if wrong.Load() > 0 {
		s.Errorf("%d connections came with a loop that does not exist, or without a peer", wrong.Load())
	}
}

// stops leaves one conversation in each state in which it waits.
func stops(s *stage) {
	nowhere, at := s.nowhere(), s.listen(echo)
	deaf := s.listen(func() transport.Conversation {
		return On{transport.Opened: always(transport.Action{Deaf: true})}
	})
	config := tlsConfigs().client
	waits := []transport.Conversation{
		On{}, // for a wake
		On{transport.Started: func(e transport.Event) transport.Action { return transport.Action{Until: e.Now.Add(timeLimit)} }},
		On{transport.Started: always(dial(nowhere))},
		On{transport.Started: always(dial(at))},
		On{transport.Started: always(dial(at)), transport.Opened: always(transport.Action{Deaf: true})},
		On{transport.Started: always(dial(deaf)), transport.Opened: always(transport.Action{Do: transport.Write, Body: large()})},
		On{transport.Started: always(dial(deaf)), transport.Opened: always(transport.Action{Do: transport.StartTLS, TLS: &transport.TLS{Config: config}})},
		On{transport.Started: always(dial(deaf)), transport.Opened: always(hangUp(transport.Polite))},
		endless(at),
	}
	for i, c := range waits {
		s.Start(i%s.Loops(), s.watch(c))
	}
	s.Start(0, s.watch(sleeper(long, func(transport.Event) { s.Stop() })))
	s.drive()
}

// endless exchanges octets with an echo for as long as it may, and thinks a
// little between: on a perfect network no time would pass else.
func endless(at transport.Endpoint) transport.Conversation {
	return On{
		transport.Started: always(dial(at)),
		transport.Opened:  always(write("x\n")),
		transport.Received: func(e transport.Event) transport.Action {
			return transport.Action{Taken: len(e.In), Until: e.Now.Add(time.Millisecond)}
		},
		transport.Expired: always(write("x\n")),
	}
}

func stopsBefore(s *stage) {
	at := s.listen(echo)
	s.Start(0, s.watch(endless(at)))
	s.Stop()
	s.drive()
}

func counts(s *stage) {
	at := s.listen(echo)
	s.play(newReader(at))
	stats, events := s.Stats(), uint64(0)
	for _, l := range stats.Loops {
		events += l.Events
	}
	if len(stats.Loops) != s.Loops() || events < uint64(2*len(poem)) {
		s.Errorf("%d events on %d loops, want at least %d on %d", events, len(stats.Loops), 2*len(poem), s.Loops())
	}
}
