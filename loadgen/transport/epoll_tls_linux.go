package transport

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// startTLS hands the connection and its conversation over to a goroutine: TLS is
// not what loops are for, and plain sessions beside it stay fast. The handshake itself,
// and the refusal of octets that came before it, are the other transport's.
func (c *conn) startTLS(a *Action, in []byte) bool {
	connection, err := c.detach()
	if err != nil {
		c.hangUp()
		return c.next(Event{Kind: Broken, Since: c.since, Fault: faultOf(err)})
	}
	e := c.loop.epoll
	peer := c.peer
	w := e.successor().adopt(handover{
		loop: c.loop.index, conversation: c.conv, conn: connection, peer: &peer, in: in,
		spoken: c.spoken, action: *a, over: e.ended,
	})
	c.state, c.until, c.conv = connOver, 0, nil
	c.loop.timers.remove(c)
	if w == nil {
		e.ended()
		return false
	}
	c.moved.Store(&w)
	if c.woken.Load() { // before anyone knew where to
		w.Wake()
	}
	return false
}

// detach takes the descriptor from the loop and makes a net.Conn of it.
func (c *conn) detach() (net.Conn, error) {
	fd := int(c.fd)
	unix.EpollCtl(c.loop.epfd, unix.EPOLL_CTL_DEL, fd, nil)
	c.vacate()
	c.fd = -1
	file := os.NewFile(uintptr(fd), "connection")
	defer file.Close() // net.FileConn works on a duplicate
	return net.FileConn(file)
}

// successor is the transport that takes conversations over. It shares this one's clock
// and permits to dial, and lives as long.
func (e *epoll) successor() *goroutines {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.tls == nil {
		o := e.options
		o.Loops = len(e.loops)
		e.tls = newGoroutines(o, e.clock, e.dials)
		e.tls.released = func() { e.wakeDialers(nil) }
		e.group.Go(e.tls.stand)
	}
	if e.stopped.Load() {
		e.tls.Stop()
	}
	return e.tls
}
