package transport

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

const hasEpoll = true

// epoll is the Transport of event loops on raw non-blocking sockets: one loop
// on one locked thread, edge-triggered, so that neither the end of a connect, nor back-pressure,
// nor a write that does not fit costs a system call to say so.
type epoll struct {
	clock
	options Options
	loops   []*loop
	group   errgroup.Group
	dials   *semaphore.Weighted
	waiting atomic.Int64 // conversations that wait for a permit to dial, over all loops
	live    atomic.Int64 // conversations not Done and listeners not closed
	running atomic.Bool
	stopped atomic.Bool

	mu  sync.Mutex
	tls *goroutines // takes conversations over at StartTLS; nil before the first
}

// NewEpoll returns the transport of event loops. With Options.Loops 0 it has one loop.
// The error says which system call failed.
func NewEpoll(o Options) (Transport, error) {
	if o.Loops <= 0 {
		o.Loops = 1
	}
	if o.Dials <= 0 {
		o.Dials = dialPermits
	}
	e := &epoll{clock: newClock(), options: o, dials: semaphore.NewWeighted(int64(o.Dials))}
	for i := range o.Loops {
		l, err := newLoop(e, i)
		if err != nil {
			e.release()
			return nil, err
		}
		e.loops = append(e.loops, l)
	}
	return e, nil
}

func (e *epoll) Name() string { return "epoll" }

func (e *epoll) Loops() int { return len(e.loops) }

func (e *epoll) Start(i int, c Conversation) {
	e.live.Add(1)
	l := e.loops[i]
	l.post(post{op: opStart, conn: l.newConn(c)})
}

func (e *epoll) Run() error {
	if e.running.Swap(true) {
		return errors.New("transport: Run was called twice")
	}
	if e.live.Load() == 0 {
		e.Stop()
	}
	makeRoom(len(e.loops))
	defer makeRoom(-len(e.loops))
	for _, l := range e.loops {
		e.group.Go(l.run)
	}
	err := e.group.Wait()
	e.release()
	return err
}

func (e *epoll) Stop() {
	if e.stopped.Swap(true) {
		return
	}
	for _, l := range e.loops {
		l.poke()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.tls != nil {
		e.tls.Stop()
	}
}

// ended takes one conversation or listener off the live ones.
func (e *epoll) ended() {
	if e.live.Add(-1) == 0 && e.running.Load() {
		e.Stop()
	}
}

func (e *epoll) release() {
	for _, l := range e.loops {
		l.close()
	}
}

func (e *epoll) Stats() Stats {
	var s Stats
	for _, l := range e.loops {
		s.Loops = append(s.Loops, LoopStats{
			Busy:   time.Duration(int64(e.Now()) - l.began.Load() - l.idle.Load()),
			Waits:  l.waits.Load(),
			Events: l.events.Load(),
		})
	}
	return s
}

func sysError(call string, err error) error { return fmt.Errorf("transport: %s: %w", call, err) }

// dialed gives the permit back and lets the loops that wait for one know.
func (e *epoll) dialed(from *loop) {
	e.dials.Release(1)
	e.wakeDialers(from)
}

func (e *epoll) wakeDialers(from *loop) {
	if e.waiting.Load() == 0 {
		return
	}
	for _, l := range e.loops {
		if l != from && l.dialers.Load() > 0 {
			l.poke()
		}
	}
}
