package transport

import (
	"time"

	"golang.org/x/sys/unix"
)

// lingerTime bounds how long a polite Close waits for the peer's FIN.
const lingerTime = 2 * time.Second

// closeAs ends the connection.
func (c *conn) closeAs(how Closing) bool {
	switch {
	case how == HalfWay:
		if c.fd >= 0 {
			unix.Shutdown(int(c.fd), unix.SHUT_WR)
		}
		return false
	case how == Polite && c.state == connOpen && !c.ended:
		// Closing with octets unread, or yet to come, would send RST, and the peer could lose our
		// last reply. So only our own direction is shut until it has ended too.
		unix.Shutdown(int(c.fd), unix.SHUT_WR)
		c.state, c.deaf, c.failed = connLingering, false, false
		c.head, c.body, c.rest = nil, nil, nil
		if !c.swallowed() {
			c.setUntil(c.loop.epoll.Now().Add(lingerTime))
			return false
		}
	case how == Reset && c.fd >= 0:
		c.linger0()
	}
	c.hangUp()
	return c.next(Event{Kind: Closed})
}

// swallowed reads away what the peer still sends, and reports that it has ended.
func (c *conn) swallowed() bool {
	for {
		n, errno := receive(c.fd, c.loop.in)
		switch {
		case n > 0, errno == unix.EINTR:
		case errno == unix.EAGAIN:
			return false
		default:
			return true
		}
	}
}

// linger goes on with a polite Close.
func (c *conn) linger() {
	if c.swallowed() {
		c.lingered()
	}
}

// lingered ends a polite Close.
func (c *conn) lingered() {
	c.hangUp()
	c.step(Event{Kind: Closed, Now: c.loop.epoll.Now()})
	if c.late && c.state != connOver {
		c.late = false
		c.step(Event{Kind: Woken, Now: c.loop.epoll.Now()})
	}
	c.pump()
}

// hangUp closes the descriptor, if there is one, and forgets the connection.
func (c *conn) hangUp() {
	if c.queued {
		c.loop.submit()
	}
	if c.fd >= 0 {
		if c.loop.epoll.options.Linger0 {
			c.linger0()
		}
		closeSocket(c.fd)
		c.vacate()
	}
	if c.state == connDialing { // the attempt has ended without success
		c.loop.epoll.dialed(c.loop)
	}
	c.fd, c.state = -1, connNone
	c.deaf, c.unread, c.hungup, c.ended, c.failed, c.spoken, c.unheard, c.prompt = false, false, false, false, false, false, false, false
	c.rest, c.head, c.body = nil, nil, nil
}

func (c *conn) linger0() {
	unix.SetsockoptLinger(int(c.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1, Linger: 0})
}
