package transport

import (
	"context"
	"errors"
	"net"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// goroutines is the Transport of every system: package net carries the octets,
// and each conversation has a goroutine of its own, which blocks in Read while
// there is a connection to hear. Its loops are books only; conversations of one
// loop may run at the same time.
type goroutines struct {
	clock
	options Options
	books   []book
	next    atomic.Uint32 // the loop of the next accepted connection

	dials    *semaphore.Weighted
	released func() // called when a permit was given back; nil does nothing

	context context.Context // ended by Stop
	cancel  context.CancelFunc
	group   errgroup.Group // every goroutine of the transport

	mu       sync.Mutex
	routines map[*routine]struct{}
	waiting  []func() error // begun by Run
	running  bool
	stopped  bool
	live     int // conversations not Done, and listeners not closed
	finished chan struct{}
}

// A book counts the work of one loop. It fills a cache line of its own.
type book struct {
	waits, events atomic.Uint64
	_             [48]byte
}

// NewGoroutines returns the transport that runs on every system. With
// Options.Loops 0 it keeps books for as many loops as there are processors;
// Options.Spin means nothing to it.
func NewGoroutines(o Options) Transport {
	if o.Dials <= 0 {
		o.Dials = dialPermits
	}
	return newGoroutines(o, newClock(), semaphore.NewWeighted(int64(o.Dials)))
}

// newGoroutines shares a clock and the permits to dial with another transport.
func newGoroutines(o Options, c clock, dials *semaphore.Weighted) *goroutines {
	if o.Loops <= 0 {
		o.Loops = runtime.GOMAXPROCS(0)
	}
	g := &goroutines{
		clock: c, options: o, dials: dials,
		books:    make([]book, o.Loops),
		routines: make(map[*routine]struct{}),
		finished: make(chan struct{}),
	}
	g.context, g.cancel = context.WithCancel(context.Background())
	return g
}

func (g *goroutines) Name() string { return "goroutines" }

func (g *goroutines) Loops() int { return len(g.books) }

func (g *goroutines) Start(loop int, c Conversation) {
	r := g.newRoutine(loop, c)
	g.begin(func() error { return r.live(r.start) })
}

// begin counts something live and runs it, once Run was called. It reports
// whether the transport takes anything more.
func (g *goroutines) begin(run func() error) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped {
		return false
	}
	g.live++
	if g.running {
		g.group.Go(run)
	} else {
		g.waiting = append(g.waiting, run)
	}
	return true
}

// ended takes something off what is live. The last one ends the run.
func (g *goroutines) ended() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.live--
	g.finishIfIdle()
}

func (g *goroutines) finishIfIdle() {
	if g.running && g.live == 0 && !g.stopped {
		g.stopped = true
		close(g.finished)
	}
}

// stand is Run for a transport that only adopts: it goes on until Stop.
func (g *goroutines) stand() error {
	g.begin(func() error {
		<-g.context.Done()
		g.ended()
		return nil
	})
	return g.Run()
}

func (g *goroutines) Run() error {
	if err := g.open(); err != nil {
		return err
	}
	g.mu.Lock()
	g.finishIfIdle()
	g.mu.Unlock()
	<-g.finished
	g.cancel()
	return g.group.Wait()
}

// open lets what was begun run.
func (g *goroutines) open() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running {
		return errors.New("transport: Run was called twice")
	}
	g.running = true
	for _, run := range g.waiting {
		g.group.Go(run)
	}
	g.waiting = nil
	return nil
}

func (g *goroutines) Stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped {
		return
	}
	g.stopped = true
	close(g.finished)
	g.cancel()
	for r := range g.routines {
		r.stop()
	}
}

func (g *goroutines) Stats() Stats {
	var s Stats
	for i := range g.books {
		b := &g.books[i]
		s.Loops = append(s.Loops, LoopStats{Waits: b.waits.Load(), Events: b.events.Load()})
	}
	return s
}

// connect opens a connection to e.
func (g *goroutines) connect(ctx context.Context, e Endpoint) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: -1}
	dialer.SetMultipathTCP(false)
	if !e.Addr.IsValid() {
		return dialer.DialContext(ctx, "unix", e.Path)
	}
	if e.Local.IsValid() {
		dialer.LocalAddr = &net.TCPAddr{IP: e.Local.AsSlice(), Zone: e.Local.Zone()}
		dialer.Control = bindWithoutPort
	}
	return dialer.DialContext(ctx, "tcp", e.Addr.String())
}

// release gives a permit to dial back.
func (g *goroutines) release() {
	g.dials.Release(1)
	if g.released != nil {
		g.released()
	}
}

// peerOf describes an open connection.
func peerOf(c net.Conn) *Peer {
	return &Peer{Local: endpointOfAddr(c.LocalAddr()), Remote: endpointOfAddr(c.RemoteAddr())}
}

func endpointOfAddr(a net.Addr) Endpoint {
	switch a := a.(type) {
	case *net.TCPAddr:
		return Endpoint{Addr: unmapped(a.AddrPort())}
	case *net.UnixAddr:
		return Endpoint{Path: a.Name}
	}
	return Endpoint{}
}

// A handover is an open connection with its conversation, as one transport
// gives it to another.
type handover struct {
	loop         int
	conversation Conversation
	conn         net.Conn
	peer         *Peer
	in           []byte // arrived and not taken; not kept
	spoken       bool   // something was written on the connection
	action       Action // what the conversation wants next, Taken aside
	over         func() // called when the conversation is Done, or the transport stops
}

// adopt drives the conversation of h from now on. Wakes go to the Waker it
// returns; nil means that the transport was stopped, and h.conn is closed.
func (g *goroutines) adopt(h handover) Waker {
	r := g.newRoutine(h.loop, h.conversation)
	r.over = h.over
	in := append([]byte(nil), h.in...)
	taken := g.begin(func() error {
		return r.live(func() {
			r.connect(h.conn)
			r.resume(h.peer, in, h.spoken, &h.action)
		})
	})
	if !taken {
		h.conn.Close()
		return nil
	}
	return r
}
