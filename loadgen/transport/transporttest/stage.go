package transporttest

import (
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"mailmill/loadgen/transport"
)

// timeLimit ends a run that does not end by itself. It is far beyond what a slow machine under the race detector takes.
const timeLimit = 3 * time.Minute

// Drive runs tr to its end. A run of more than three minutes is stopped and fails t.
func Drive(t testing.TB, tr transport.Transport) {
	t.Helper()
	watchdog := time.AfterFunc(timeLimit, func() {
		t.Error("the run did not end: a conversation waits for an event that does not come")
		tr.Stop()
	})
	defer watchdog.Stop()
	if err := tr.Run(); err != nil {
		t.Errorf("Run: %v", err)
	}
}

// A stage is a transport under test, with what plays on it.
type stage struct {
	*testing.T
	transport.Transport
	listeners []transport.Listener
	clients   atomic.Int32 // not Done
	returned  atomic.Bool  // Run has
}

// loopback is an address with a port of the system's choice.
func loopback() transport.Endpoint {
	return transport.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:0")}
}

// listen accepts connections, each with a conversation that serve returns.
func (s *stage) listen(serve func() transport.Conversation) transport.Endpoint {
	return s.listenOn(loopback(), serve)
}

func (s *stage) listenOn(at transport.Endpoint, serve func() transport.Conversation) transport.Endpoint {
	s.Helper()
	l, err := s.Listen(at, func(int, *transport.Peer) transport.Conversation { return s.watch(serve()) })
	if err != nil {
		s.Fatalf("Listen: %v", err)
	}
	s.listeners = append(s.listeners, l)
	return l.Endpoint()
}

// watch holds the transport to the contract in all that c sees.
func (s *stage) watch(c transport.Conversation) transport.Conversation {
	if c == nil {
		return nil
	}
	c = Checked(s.T, c)
	return Func(func(e transport.Event) transport.Action {
		if s.returned.Load() {
			s.Errorf("event %d after Run has returned", e.Kind)
		}
		return c.Handle(&e)
	})
}

// play drives the clients, and the servers for as long as there is a client.
func (s *stage) play(clients ...transport.Conversation) {
	s.Helper()
	s.clients.Store(int32(len(clients)))
	for i, c := range clients {
		s.Start(i%s.Loops(), s.watch(s.counted(c)))
	}
	s.drive()
}

func (s *stage) drive() {
	s.Helper()
	Drive(s.T, s.Transport)
	s.returned.Store(true)
}

// counted closes the listeners when the last client is Done.
func (s *stage) counted(c transport.Conversation) transport.Conversation {
	return Func(func(e transport.Event) transport.Action {
		a := c.Handle(&e)
		if a.Do == transport.Done && s.clients.Add(-1) == 0 {
			for _, l := range s.listeners {
				l.Close()
			}
		}
		return a
	})
}

// refused is an address on which nobody listens.
func (s *stage) refused() transport.Endpoint {
	s.Helper()
	l, err := s.Listen(loopback(), func(int, *transport.Peer) transport.Conversation { return nil })
	if err != nil {
		s.Fatalf("Listen: %v", err)
	}
	l.Close()
	return l.Endpoint()
}

// simulated reports whether time and network are made up.
func (s *stage) simulated() bool { return s.Name() == "simulated" }
