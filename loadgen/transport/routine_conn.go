package transport

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"mailmill/loadgen/timing"
)

// dial implements carrier.
func (r *routine) dial(e Endpoint) (waits bool) {
	ctx, cancel := context.WithCancel(r.g.context)
	r.number++
	number := r.number
	r.abandon = cancel
	permit := r.g.dials.TryAcquire(1)
	r.g.group.Go(func() error {
		if !permit && r.g.dials.Acquire(ctx, 1) != nil {
			return nil
		}
		if !permit {
			now := r.Now()
			r.tell(func() {
				if r.number == number {
					r.permitted(now)
				}
			})
		}
		conn, err := r.g.connect(ctx, e)
		r.g.release()
		r.answered(number, conn, err)
		return nil
	})
	return !permit
}

// answered leaves word of how a dial ended.
func (r *routine) answered(number int, conn net.Conn, err error) {
	now := r.Now()
	told := r.tell(func() {
		switch {
		case r.number != number:
			if conn != nil {
				conn.Close()
			}
		case err != nil:
			r.quit()
			r.failed(now, faultOf(err))
		default:
			r.quit()
			r.connect(conn)
			r.opened(now, peerOf(conn))
		}
	})
	if !told && conn != nil {
		conn.Close()
	}
}

// quit ends the attempt or handshake under way, if there is one.
func (r *routine) quit() {
	if r.abandon != nil {
		r.abandon()
		r.abandon = nil
	}
	r.number++
}

// greet begins a conversation on an accepted connection.
func (r *routine) greet(c net.Conn, p *Peer) {
	r.connect(c)
	r.accepted(p)
}

// connect takes a connection into use.
func (r *routine) connect(c net.Conn) {
	r.conn, r.in, r.out = c, c, &plainOutlet{conn: c}
	r.armed, r.more = timing.Never, false
}

// drop closes the connection at once, when its unfinished write has let go of the Body.
func (r *routine) drop() {
	r.quit()
	if r.conn == nil {
		return
	}
	if r.g.options.Linger0 {
		discardUnsent(r.conn)
	}
	r.conn.Close()
	r.join()
	r.conn, r.in, r.out = nil, nil, nil
}

// close implements carrier.
func (r *routine) close(how Closing) bool {
	if r.conn == nil {
		r.quit()
		return true
	}
	switch {
	case how == HalfWay:
		r.shut()
		return true
	case r.g.options.Linger0: // drop sends the RST: after a FIN there would be a TIME_WAIT
	case how == Polite && r.phase == phaseOpen && !r.ended:
		r.shut()
		r.lingerEnd, r.lingered = r.Now().Add(lingerLimit), 0
		return false
	case how == Polite && r.phase == phaseOpen:
		r.shut()
	case how == Reset:
		discardUnsent(r.conn)
	}
	r.drop()
	return true
}

// shut ends this side's direction, and first an unfinished write.
func (r *routine) shut() {
	cut := r.join() != nil
	if secure, ok := r.in.(*tls.Conn); ok && !cut {
		r.conn.SetWriteDeadline(r.g.time(r.Now().Add(patience)))
		secure.CloseWrite() // close_notify, if it fits
	}
	if c, ok := r.conn.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
	}
}

// discardUnsent makes the close of a TCP connection an RST.
func discardUnsent(c net.Conn) {
	if c, ok := c.(*net.TCPConn); ok {
		c.SetLinger(0)
	}
}

// shake implements carrier.
func (r *routine) shake(t *TLS, in []byte) {
	r.number++
	number := r.number
	raw := r.conn
	raw.SetDeadline(time.Time{})
	r.armed = timing.Never
	g := &gate{Conn: raw, before: in}
	conn := tls.Client(g, t.Config)
	if t.Server {
		conn = tls.Server(g, t.Config)
	}
	g.tls = conn
	r.out = tlsOutlet{g}
	r.g.group.Go(func() error {
		err := conn.Handshake()
		now := r.Now()
		r.tell(func() { r.shaken(number, now, conn, err) })
		return nil
	})
}

func (r *routine) shaken(number int, now timing.Instant, conn *tls.Conn, err error) {
	switch {
	case r.number != number:
	case err != nil:
		r.drop()
		r.failed(now, handshakeFault(err))
	default:
		r.in = conn
		r.secured(now, conn.ConnectionState())
	}
}
