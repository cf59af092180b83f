package transport

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"mailmill/loadgen/timing"
)

// With edge triggering nothing has to be changed when reading stops and goes on. An attempt to
// connect needs EPOLLOUT, and so does a connection whose write did not fit, from then on; others
// do without, because it makes an event of its own of each socket that is registered.
const (
	inEdges  = unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET
	outEdges = inEdges | unix.EPOLLOUT
)

// occupy registers the connection's descriptor under a slot of the loop.
func (c *conn) occupy(edges uint32) error {
	l := c.loop
	if n := len(l.free); n > 0 {
		c.slot = l.free[n-1]
		l.free = l.free[:n-1]
	} else {
		c.slot = int32(len(l.conns))
		l.conns = append(l.conns, nil)
	}
	l.generation++
	c.gen = l.generation
	l.conns[c.slot] = c
	c.outward = edges == outEdges
	return l.watch(int(c.fd), c.slot, c.gen, edges)
}

// listenOutward asks for an edge when the socket is writable again.
func (c *conn) listenOutward() {
	if !c.outward {
		c.outward = true
		event := unix.EpollEvent{Events: outEdges, Fd: c.slot, Pad: int32(c.gen)}
		unix.EpollCtl(c.loop.epfd, unix.EPOLL_CTL_MOD, int(c.fd), &event)
	}
}

func (c *conn) vacate() {
	if c.slot >= 0 {
		c.loop.conns[c.slot] = nil
		c.loop.free = append(c.loop.free, c.slot)
		c.slot = -1
	}
}

// dialTo opens a connection, now or when a permit is free.
func (c *conn) dialTo(to *Endpoint, now timing.Instant) bool {
	l := c.loop
	c.hangUp()
	c.dial, c.since, c.waited = to, now, false
	if allow := l.epoll.options.Allow; allow != nil {
		if err := allow(*to); err != nil {
			return c.next(Event{Kind: Broken, Since: now, Fault: localFault(err.Error())})
		}
	}
	if len(l.dialing) == 0 && l.epoll.dials.TryAcquire(1) {
		return c.connect()
	}
	c.state = connQueued
	c.putOff(now)
	l.dialing = append(l.dialing, c)
	l.dialers.Add(1)
	l.epoll.waiting.Add(1)
	return false
}

// putOff stops the timer of a dial that waits for a permit; connectQueued sets it going again.
func (c *conn) putOff(now timing.Instant) {
	c.delayed = 0
	if c.until != 0 {
		c.delayed = max(1, c.until.Sub(now))
	}
	c.until = 0
}

// connectQueued begins a dial whose permit has come free.
func (c *conn) connectQueued() {
	c.since, c.waited = c.loop.epoll.Now(), true
	if c.delayed > 0 {
		c.setUntil(c.since.Add(c.delayed))
	}
	if c.connect() {
		c.loop.event.Now = c.loop.epoll.Now()
		c.deliver()
	}
	c.pump()
}

// connect calls connect(2). The permit is held until the attempt has ended.
func (c *conn) connect() bool {
	c.state = connDialing
	fd, err := openSocket(c.dial)
	c.since = c.loop.epoll.Now()
	if err == nil {
		c.fd = int32(fd)
		err = connectSocket(fd, c.dial)
		if err == unix.EINPROGRESS && c.dial.Addr.Addr().IsLoopback() {
			// The handshake over loopback is complete by now, and asking again says so: no turn of the
			// loop then lies between the connection and the instant at which it is told.
			err = connectSocket(fd, c.dial)
		}
	}
	atOnce := err == nil
	switch err {
	case nil:
		err = c.occupy(inEdges)
	case unix.EINPROGRESS, unix.EALREADY:
		err = c.occupy(outEdges)
	}
	switch {
	case err == unix.EAGAIN && c.dial.Path != "":
		return c.next(c.notConnected(timing.Fault{Kind: timing.Refused, Text: "connect: the accept queue of the socket is full"}))
	case err != nil:
		return c.next(c.notConnected(faultOf(err)))
	case atOnce:
		return c.next(c.opened())
	}
	return false
}

func (c *conn) notConnected(f timing.Fault) Event {
	e := Event{Kind: Broken, Since: c.since, Waited: c.waited, Fault: f}
	c.hangUp()
	return e
}

// opened ends the attempt and gives the permit back.
func (c *conn) opened() Event {
	c.state = connOpen
	c.loop.epoll.dialed(c.loop)
	c.peer = Peer{Remote: *c.dial}
	if c.dial.Local.IsValid() {
		c.peer.Local.Addr = netip.AddrPortFrom(c.dial.Local, 0)
	}
	return Event{Kind: Opened, Since: c.since, Waited: c.waited, Peer: &c.peer}
}

// connected takes the edge that ends an attempt.
func (c *conn) connected(events uint32) {
	e := Event{}
	if errno := c.socketError(events); errno != 0 {
		e = c.notConnected(faultOf(errno))
	} else {
		e = c.opened()
	}
	e.Now = c.loop.epoll.Now()
	c.step(e)
}

// socketError asks why an attempt failed; only an edge with an error is worth the system call.
func (c *conn) socketError(events uint32) unix.Errno {
	if events&(unix.EPOLLERR|unix.EPOLLHUP) == 0 {
		return 0
	}
	code, err := unix.GetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return unix.EIO
	}
	return unix.Errno(code)
}
