package transport

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"mailmill/loadgen/timing"
)

// A conn is a conversation on a loop, with its connection while there is one.
type conn struct {
	conv    Conversation
	loop    *loop
	until   timing.Instant // the conversation's timer; 0 none
	armed   timing.Instant // the instant of its entry in loop.timers
	since   timing.Instant // of the dial: when it was asked for, then when connect(2) was called
	heap    int32          // index in loop.timers; -1 none
	fd      int32          // -1 none
	slot    int32          // index in loop.conns; -1 none
	gen     uint32
	state   connState
	deaf    bool // as the last action said
	unread  bool // the kernel may hold octets, or the end: an edge came and no read has found it empty since
	hungup  bool // an edge told of the peer's FIN, or worse: read on until it is found
	ended   bool // Ended was delivered
	failed  bool // a write failed with fault; octets that had arrived come first
	late    bool // Wake was called during a polite Close: Woken follows Closed
	waited  bool // the dial had to wait for a permit
	outward bool // an edge comes when the socket is writable again
	spoken  bool // something was written on this connection
	unheard bool // nothing was read since the last write
	prompt  bool // TCP_NODELAY is set
	queued  bool // a write waits for the others of the turn
	woken   atomic.Bool
	rest    []byte // untaken octets
	head    []byte // not yet written, copied
	body    []byte // not yet written, the conversation's own
	dial    *Endpoint
	peer    Peer
	delayed time.Duration // what is left of the timer of a dial that waits for a permit
	fault   timing.Fault
	moved   atomic.Pointer[Waker] // where the conversation lives after a hand-over
}

type connState uint8

const (
	connNone   connState = iota
	connQueued           // waits for a permit to dial
	connDialing
	connOpen
	connLingering // closed politely: reads and discards until the peer's FIN
	connOver
)

func (l *loop) newConn(c Conversation) *conn {
	return &conn{conv: c, loop: l, heap: -1, fd: -1, slot: -1}
}

// Wake implements Waker.
func (c *conn) Wake() {
	if w := c.moved.Load(); w != nil {
		(*w).Wake()
		return
	}
	if !c.woken.Swap(true) {
		c.loop.post(post{op: opWake, conn: c})
	}
}

func (c *conn) begin() {
	c.step(Event{Kind: Started, Now: c.loop.epoll.Now(), Waker: c})
	c.pump()
}

// greet tells an accepted conversation of itself and of its connection.
func (c *conn) greet() {
	now := c.loop.epoll.Now()
	c.step(Event{Kind: Started, Now: now, Waker: c})
	switch c.state {
	case connOpen:
		c.step(Event{Kind: Opened, Now: now, Since: now, Peer: &c.peer})
		c.pump()
	case connNone:
		c.step(Event{Kind: Broken, Now: now, Since: now, Fault: timing.Fault{Kind: timing.Local, Text: "epoll_ctl failed"}})
	}
}

func (c *conn) wakened() {
	c.woken.Store(false)
	if w := c.moved.Load(); w != nil {
		(*w).Wake()
		return
	}
	switch c.state {
	case connOver:
		return
	case connLingering:
		c.late = true
		return
	}
	c.step(Event{Kind: Woken, Now: c.loop.epoll.Now()})
	c.pump()
}

func (c *conn) expired() {
	c.until = 0
	if c.state == connLingering {
		c.lingered()
		return
	}
	c.step(Event{Kind: Expired, Now: c.loop.epoll.Now()})
	c.pump()
}

// ready takes the edges that epoll reports.
func (c *conn) ready(events uint32) {
	if events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		c.hungup = true
	}
	switch c.state {
	case connDialing:
		c.connected(events)
	case connLingering:
		c.linger()
		return
	}
	if c.state != connOpen {
		return
	}
	c.unread = c.unread || events&^uint32(unix.EPOLLOUT) != 0
	if events&unix.EPOLLOUT != 0 && c.writing() {
		c.resume()
	}
	c.pump()
}

// pump reads and delivers while there is something to read and the conversation listens.
//
// A read that does not fill the buffer found the socket empty, so no further one
// is needed to rearm the edge; what arrives later makes an edge of its own.
func (c *conn) pump() {
	l := c.loop
	for c.state == connOpen && (c.unread && !c.deaf && !c.ended && len(c.rest) < restLimit || c.failed) {
		kept := c.keep()
		n, errno := receive(c.fd, l.in[kept:])
		switch {
		case n > 0:
			c.unheard = false
			c.unread = c.hungup || kept+n == len(l.in)
			now := l.epoll.Now()
			l.event = Event{Kind: Received, Now: now, Loop: now.Sub(l.wakened), In: l.in[:kept+n]}
			c.deliver()
		case c.failed:
			c.broken(c.fault)
		case errno == unix.EAGAIN:
			c.unread, c.hungup = false, false
		case errno == unix.EINTR:
		case errno == 0:
			c.ended, c.unread = true, false
			c.step(Event{Kind: Ended, Now: l.epoll.Now()})
		default:
			c.broken(faultOf(errno))
		}
	}
}

// keep moves the untaken octets to the front of the loop's buffer and makes room behind them.
func (c *conn) keep() int {
	l := c.loop
	if need := len(c.rest) + loopInput/2; need > len(l.in) {
		l.in = make([]byte, need)
	}
	if l.epoll.options.QuickAck {
		unix.SetsockoptInt(int(c.fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1)
	}
	return copy(l.in, c.rest)
}

// broken ends the connection for a fault and says so.
func (c *conn) broken(f timing.Fault) {
	since, waited := c.since, c.waited
	c.hangUp()
	c.step(Event{Kind: Broken, Now: c.loop.epoll.Now(), Fault: f, Since: since, Waited: waited})
}

// step delivers an event, carries out the action, and goes on while that itself makes the next event.
func (c *conn) step(e Event) {
	c.loop.event = e
	if e.In == nil {
		c.loop.event.In = c.rest
	}
	c.deliver()
}

// deliver is step for the event that is in its place already. The loop has one event, which lives as long as
// the loop does: a conversation is handed a pointer to it, and nothing is allocated.
func (c *conn) deliver() {
	l := c.loop
	e := &l.event
	for {
		l.delivered++
		e.Scratch = l.scratch[l.used:l.used]
		a := c.conv.Handle(e)
		in := e.In[a.Taken:]
		c.deaf = a.Deaf
		c.setUntil(a.Until)
		again := c.act(&a, in, e.Now)
		switch {
		case c.conv == nil:
			return // it lives elsewhere now
		case again:
		case a.Taken > 0 && len(in) > 0 && !a.Deaf && c.state == connOpen && !c.failed:
			l.event = Event{Kind: Received, Loop: e.Loop}
		default:
			c.save(in)
			return
		}
		if c.state == connOpen {
			e.In = in
		}
		e.Now = l.epoll.Now()
	}
}

// next makes e the event that follows at once.
func (c *conn) next(e Event) bool {
	c.loop.event = e
	return true
}

// save keeps untaken octets for the next event.
func (c *conn) save(in []byte) {
	switch {
	case c.state != connOpen || len(in) == 0:
		c.rest = nil
	default:
		c.rest = append(c.rest[:0], in...)
	}
}

func (c *conn) setUntil(until timing.Instant) {
	c.until = until
	c.loop.timers.arm(c)
}

// act carries out an action, and reports that an event follows at once.
func (c *conn) act(a *Action, in []byte, now timing.Instant) bool {
	if a.Do == Wait {
		if c.state == connQueued {
			c.putOff(now)
		}
		return false
	}
	if c.queued { // what follows a write may not overtake it
		c.loop.submit()
	}
	switch a.Do {
	case Dial:
		return c.dialTo(a.Dial, now)
	case Write:
		return c.write(a)
	case Close:
		return c.closeAs(a.How)
	case StartTLS:
		return c.startTLS(a, in)
	}
	c.hangUp()
	c.finish()
	return false
}

// finish ends the conversation.
func (c *conn) finish() {
	c.state, c.until = connOver, 0
	c.loop.timers.remove(c)
	c.loop.epoll.ended()
}
