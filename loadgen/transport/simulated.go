package transport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"

	"mailmill/loadgen/timing"
)

// SimulatedOptions say what is simulated. The zero value is a perfect network:
// no time passes on it and nothing fails.
type SimulatedOptions struct {
	Options // Dials, Linger0 and Allow; the rest means nothing here
	// Seed decides every draw of the run.
	Seed uint64
	// Network is what connections are like.
	Network Network
	// Shape, if not nil, says it for each attempt to connect instead. Attempts
	// are counted from 0. The draws of r belong to this attempt alone, so that one
	// connection more does not change what happens to the others.
	Shape func(attempt int, to Endpoint, r *rand.Rand) Network
}

// Simulated is the Transport without sockets: conversations that dial reach
// those that listen on the same Simulated, octets move in memory, and time
// passes only between events. Everything happens on the goroutine of Run, so
// the same seed gives the same events in the same order, and an hour takes as
// long as its events do.
//
// A wake, a Start or a Stop from another goroutine is heard, but at no
// particular instant. While nothing is due, Run waits for one of them.
//
// A TLS handshake is one octet string in each direction: certificates are not looked at.
type Simulated struct {
	options  SimulatedOptions
	now      atomic.Int64
	queue    agenda
	attempts int
	dialing  int      // attempts in flight
	turns    []*actor // wait for a permit to dial
	ports    uint16

	events, waits atomic.Uint64
	stopped       atomic.Bool
	posted        atomic.Bool

	mu        sync.Mutex
	news      sync.Cond // of the inbox, or of a Stop
	inbox     []happening
	listeners map[Endpoint]*simulatedListener
	live      int // conversations not Done, and listeners not closed
	running   bool
}

// NewSimulated returns a simulation whose clock stands at one second.
func NewSimulated(o SimulatedOptions) *Simulated {
	if o.Dials <= 0 {
		o.Dials = dialPermits
	}
	s := &Simulated{options: o, listeners: make(map[Endpoint]*simulatedListener), ports: firstPort}
	s.news.L = &s.mu
	s.now.Store(1e9)
	return s
}

// Name implements Transport.
func (s *Simulated) Name() string { return "simulated" }

// Loops implements Transport: there is one loop.
func (s *Simulated) Loops() int { return 1 }

// Now implements Transport with the virtual clock.
func (s *Simulated) Now() timing.Instant { return timing.Instant(s.now.Load()) }

// Start implements Transport.
func (s *Simulated) Start(_ int, c Conversation) {
	s.mu.Lock()
	s.live++
	s.mu.Unlock()
	s.post((*beginning)(s.newActor(c)))
}

// post has h happen soon. It may be called from any goroutine.
func (s *Simulated) post(h happening) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inbox = append(s.inbox, h)
	s.posted.Store(true)
	s.news.Signal()
}

// Stop implements Transport.
func (s *Simulated) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped.Store(true)
	s.news.Signal()
}

// Run implements Transport.
func (s *Simulated) Run() error {
	s.mu.Lock()
	if s.running {
		s.mu.Unlock()
		return errors.New("transport: Run was called twice")
	}
	s.running = true
	s.mu.Unlock()
	for s.collect() {
		next := s.queue.pop()
		s.now.Store(int64(next.at))
		next.what.happen(s)
	}
	return nil
}

// collect takes the inbox into the queue, and reports whether something is to
// happen. If nothing is due it waits for the inbox.
func (s *Simulated) collect() bool {
	if !s.posted.Load() && len(s.queue.heap) > 0 && !s.stopped.Load() {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for _, h := range s.inbox {
			s.queue.push(s.Now(), h)
		}
		s.inbox = s.inbox[:0]
		s.posted.Store(false)
		switch {
		case s.stopped.Load(), s.live == 0:
			return false
		case len(s.queue.heap) > 0:
			return true
		}
		s.waits.Add(1)
		s.news.Wait()
	}
}

// ended takes a conversation or a listener off what is live.
func (s *Simulated) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live--
	s.posted.Store(true) // so that Run looks
	s.news.Signal()
}

// Stats implements Transport. No time passes in the loop, so it is never busy.
func (s *Simulated) Stats() Stats {
	return Stats{Loops: []LoopStats{{Waits: s.waits.Load(), Events: s.events.Load()}}}
}

const firstPort = 1024 // of those that are given to port 0 and to connections that are dialed

// port returns the next port, in turn. s.mu is held, or Run's goroutine calls.
func (s *Simulated) port() uint16 {
	if s.ports++; s.ports < firstPort {
		s.ports = firstPort
	}
	return s.ports
}

// A simulatedListener is an Endpoint on which a Simulated accepts.
type simulatedListener struct {
	s      *Simulated
	at     Endpoint
	accept func(loop int, p *Peer) Conversation
}

// Listen implements Transport. A UNIX socket is but a name.
func (s *Simulated) Listen(at Endpoint, accept func(loop int, p *Peer) Conversation) (Listener, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at = key(at)
	for at.Addr.IsValid() && at.Addr.Port() == 0 {
		free := at
		free.Addr = netip.AddrPortFrom(at.Addr.Addr(), s.port())
		if s.listeners[free] == nil {
			at = free
		}
	}
	if s.listeners[at] != nil {
		return nil, fmt.Errorf("listen %s: address already in use", at)
	}
	l := &simulatedListener{s: s, at: at, accept: accept}
	s.listeners[at] = l
	s.live++
	return l, nil
}

// key is e without what does not tell listeners apart.
func key(e Endpoint) Endpoint {
	e.Local = netip.Addr{}
	if e.Addr.IsValid() {
		e.Addr, e.Path = unmapped(e.Addr), ""
	}
	return e
}

// listener returns the listener that e reaches: the one of its own address, or
// one of every address.
func (s *Simulated) listener(e Endpoint) *simulatedListener {
	s.mu.Lock()
	defer s.mu.Unlock()
	e = key(e)
	if l := s.listeners[e]; l != nil || !e.Addr.IsValid() {
		return l
	}
	for _, any := range []netip.Addr{netip.IPv6Unspecified(), netip.IPv4Unspecified()} {
		if l := s.listeners[Endpoint{Addr: netip.AddrPortFrom(any, e.Addr.Port())}]; l != nil {
			return l
		}
	}
	return nil
}

func (l *simulatedListener) Endpoint() Endpoint { return l.at }

func (l *simulatedListener) Close() error {
	l.s.mu.Lock()
	open := l.s.listeners[l.at] == l
	if open {
		delete(l.s.listeners, l.at)
	}
	l.s.mu.Unlock()
	if open {
		l.s.ended()
	}
	return nil
}
