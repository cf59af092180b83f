package loadgen

import (
	"sync"
	"sync/atomic"
	"time"

	"mailmill/loadgen/record"
	"mailmill/loadgen/session"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/results"
)

// Idle sessions are opened one after the other, so that they do not come in the way of the load's first sessions,
// and one that was lost is opened anew after a while: a server that wants to be rid of them is not hammered.
const (
	idleEvery  = time.Millisecond
	idlePause  = time.Second
	idleLogins = 1 << 40 // their numbers, for names and logins, begin beyond those of workers
)

// idlers are the sessions that do nothing: they greet, say EHLO, and hold, with a NOOP now and then. They have books
// of their own, and nothing that is measured has anything of them.
type idlers struct {
	config   session.Config
	noop     time.Duration // between two NOOPs; 0: never
	recorder *record.Recorder
	loops    []session.Loop
	all      []*idler
	over     atomic.Bool

	refused, lost atomic.Int64

	mu     sync.Mutex
	wakers []transport.Waker
}

// An idler holds one session.
type idler struct {
	of      *idlers
	session session.Session
	number  int
	server  int // and the endpoint to begin with
	first   int
	until   timing.Instant // of what it waits for without a session: its turn, or the end of a pause; or for its NOOP
	opened  bool           // the session has become ready
	quit    bool
	waker   transport.Waker
}

// hold starts the idle sessions of the process's share, spread over loops and servers.
func (r *run) hold(servers []session.Server, now timing.Instant) {
	n := int(r.slots.share.Count(int64(r.plan.IdleSessions)))
	if n == 0 {
		return
	}
	loops := r.transport.Loops()
	i := &idlers{config: *r.classes[0].session, noop: r.plan.IdleNOOP, loops: make([]session.Loop, loops),
		recorder: record.New(record.Config{Classes: 1, Shards: loops})}
	for l := range i.loops {
		i.loops[l] = session.Loop{Shard: i.recorder.Shard(l), Servers: servers, Aside: r.aside}
	}
	r.idlers = i
	for k := range n {
		one := &idler{of: i, number: int(r.slots.share.Slot(int64(k))), until: now.Add(time.Duration(k) * idleEvery)}
		one.server = one.number % len(servers)
		one.first = r.firsts[one.server][one.number%len(r.firsts[one.server])]
		one.session.Loop = &i.loops[k%loops]
		i.all = append(i.all, one)
		r.transport.Start(k%loops, one)
	}
}

// dismiss ends the idle sessions with QUIT. It may be called more than once, and on nil.
func (i *idlers) dismiss() {
	if i == nil || i.over.Swap(true) {
		return
	}
	i.mu.Lock()
	wakers := i.wakers
	i.mu.Unlock()
	for _, w := range wakers {
		w.Wake()
	}
}

// Handle implements transport.Conversation.
func (i *idler) Handle(e *transport.Event) transport.Action {
	switch e.Kind {
	case transport.Started:
		i.waker = e.Waker
		i.of.mu.Lock()
		i.of.wakers = append(i.of.wakers, e.Waker)
		i.of.mu.Unlock()
	case transport.Woken:
		if i.session.Phase() == session.Busy {
			return i.follow(e, i.session.Handle(e))
		}
	case transport.Expired:
		if i.session.Phase() == session.Busy {
			return i.follow(e, i.session.Handle(e))
		}
	default:
		return i.follow(e, i.session.Handle(e))
	}
	return i.next(e)
}

// follow goes on when the session has nothing outstanding any more. done is the session's last action: the octets that
// it took are taken.
func (i *idler) follow(e *transport.Event, done transport.Action) transport.Action {
	switch i.session.Phase() {
	case session.Busy:
		return done
	case session.Ready:
		if !i.opened {
			i.opened = true
			i.plan(e.Now)
		}
	case session.Off:
		i.ended(e.Now)
	}
	a := i.next(e)
	a.Taken = done.Taken
	return a
}

// ended notes what became of the session, which is opened anew after a pause.
func (i *idler) ended(now timing.Instant) {
	switch {
	case i.quit:
	case i.opened:
		i.of.lost.Add(1)
	default:
		i.of.refused.Add(1)
	}
	i.opened, i.until = false, now.Add(idlePause)
}

// plan sets when the next NOOP is due.
func (i *idler) plan(now timing.Instant) {
	i.until = 0
	if i.of.noop > 0 {
		i.until = now.Add(i.of.noop)
	}
}

// next is what an idler does whose session has nothing outstanding.
func (i *idler) next(e *transport.Event) transport.Action {
	over, ready := i.of.over.Load(), i.session.Phase() == session.Ready
	switch {
	case over && ready:
		i.quit = true
		return i.session.Quit(e.Now, e.Scratch)
	case over:
		return transport.Action{Do: transport.Done}
	case i.until == 0 || i.until > e.Now:
		return transport.Action{Until: i.until}
	case ready:
		i.plan(e.Now)
		return i.session.Noop(e.Now, e.Scratch)
	}
	return i.session.Open(e.Now, session.Opening{Config: &i.of.config, Server: i.server, Endpoint: i.first,
		Number: idleLogins + int64(i.number), Worker: i.number, Waker: i.waker}, nil, true)
}

// document tells of the idle sessions, if there were any.
func (i *idlers) document(d *results.Document) (err error) {
	if i == nil {
		return nil
	}
	t := i.recorder.Finish()
	d.Idle = &results.Idle{Wanted: len(i.all), Opened: t.Opening.Count(), Refused: i.refused.Load(), Lost: i.lost.Load()}
	if noop := &t.Steps[timing.NOOP]; noop.Count() > 0 {
		d.Idle.NOOP, err = latencyOf("replies", noop, nil)
	}
	return err
}
