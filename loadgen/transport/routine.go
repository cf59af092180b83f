package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"mailmill/loadgen/timing"
)

// A routine is a conversation on its goroutine.
//
// The goroutine blocks in Read while there is a connection to hear, else on its
// bell. Other goroutines (of a dial, a handshake, an unfinished write, or those
// that wake it) leave word in the inbox and ring: a Read is interrupted by a
// deadline that has passed.
type routine struct {
	dialogue
	g    *goroutines
	loop int
	over func()

	conn    net.Conn  // nil while there is none
	in      io.Reader // conn, or TLS over it
	out     outlet
	number  int            // of the attempt or connection; word of an earlier one is stale
	abandon func()         // ends the attempt or handshake under way
	armed   timing.Instant // conn's read deadline; Never: none, 0: to be set anew
	more    bool           // the last read filled its buffer
	writer  *writer        // the unfinished write; nil if there is none

	lingerEnd timing.Instant
	lingered  int
	timer     *time.Timer
	bell      chan struct{}

	mu      sync.Mutex
	inbox   []func()
	woken   bool
	reading bool
	halted  bool // by Stop
	gone    bool // nothing reads the inbox any more
}

func (g *goroutines) newRoutine(loop int, c Conversation) *routine {
	r := &routine{g: g, loop: loop, bell: make(chan struct{}, 1)}
	events := &g.books[loop].events
	r.dialogue = dialogue{c: c, wire: r, waker: r, allow: g.options.Allow, tally: func() { events.Add(1) }}
	return r
}

// Now implements carrier.
func (r *routine) Now() timing.Instant { return r.g.Now() }

// Wake implements Waker.
func (r *routine) Wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.woken && !r.gone {
		r.woken = true
		r.ring()
	}
}

// stop makes the goroutine end without further event.
func (r *routine) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.halted = true
	r.ring()
}

// tell has f run by the routine's goroutine, and reports whether it will be.
func (r *routine) tell(f func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone {
		return false
	}
	r.inbox = append(r.inbox, f)
	r.ring()
	return true
}

// ring ends the goroutine's wait. The lock is held.
func (r *routine) ring() {
	if r.reading {
		r.conn.SetReadDeadline(past)
		return
	}
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

// past is a deadline that interrupts.
var past = time.Unix(1, 0)

// live drives the conversation from its first step to its last.
func (r *routine) live(first func()) error {
	if r.enter() {
		first()
		for r.phase != phaseOver && r.attend() {
			r.await()
		}
	}
	r.leave()
	return nil
}

// enter makes the routine known to Stop, unless that was called.
func (r *routine) enter() bool {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	if r.g.context.Err() == nil {
		r.g.routines[r] = struct{}{}
		return true
	}
	return false
}

// leave closes what is open and hears the last word of other goroutines, which
// may bring a connection that is too late.
func (r *routine) leave() {
	if r.phase != phaseOver {
		r.doDone(nil)
	}
	r.mu.Lock()
	r.gone = true
	late := r.inbox
	r.inbox = nil
	r.mu.Unlock()
	for _, f := range late {
		f()
	}
	r.g.mu.Lock()
	delete(r.g.routines, r)
	r.g.mu.Unlock()
	if r.over != nil {
		r.over()
	}
	r.g.ended()
}

// attend delivers what is due without a wait. It reports whether to go on.
func (r *routine) attend() bool {
	for r.phase != phaseOver {
		r.mu.Lock()
		halted, inbox := r.halted, r.inbox
		woken := r.woken && r.phase != phaseClosing
		r.inbox = nil
		if woken {
			r.woken = false
		}
		r.mu.Unlock()
		if halted {
			return false
		}
		for _, f := range inbox {
			f()
		}
		now := r.Now()
		switch {
		case r.phase == phaseOver:
		case woken:
			r.wake(now)
		case r.until != 0 && now >= r.until:
			r.expire(now)
		case len(inbox) == 0:
			return true
		}
	}
	return false
}

// await waits for something to happen.
func (r *routine) await() {
	r.g.books[r.loop].waits.Add(1)
	switch {
	case r.phase == phaseClosing:
		r.linger()
	case r.listening():
		r.read()
	default:
		r.rest()
	}
}

// rest waits for the bell or the timer.
func (r *routine) rest() {
	if r.until == 0 {
		<-r.bell
		return
	}
	wait := r.until.Sub(r.Now())
	if r.timer == nil {
		r.timer = time.NewTimer(wait)
	} else {
		r.timer.Reset(wait)
	}
	select {
	case <-r.bell:
	case <-r.timer.C:
	}
	r.timer.Stop()
}

// Two sizes of read buffer, shared by all routines: a reply fits the small one,
// and a reader that fills it is given the large one next.
const (
	smallRead = 2 << 10
	largeRead = 64 << 10
)

var (
	smallReads = sync.Pool{New: func() any { return new([smallRead]byte) }}
	largeReads = sync.Pool{New: func() any { return new([largeRead]byte) }}
)

// read waits for octets and delivers them.
func (r *routine) read() {
	if r.more {
		buffer := largeReads.Get().(*[largeRead]byte)
		r.readInto(buffer[:])
		largeReads.Put(buffer)
		return
	}
	buffer := smallReads.Get().(*[smallRead]byte)
	r.readInto(buffer[:])
	smallReads.Put(buffer)
}

func (r *routine) readInto(buffer []byte) {
	n, now, err := r.hear(buffer, r.until)
	switch {
	case n == 0 && (err == nil || errors.Is(err, os.ErrDeadlineExceeded)):
	case r.writer != nil:
		r.hearing(now, buffer[:n], err)
	default:
		r.deliver(now, buffer[:n], err)
	}
}

// deliver tells what a read brought.
func (r *routine) deliver(now timing.Instant, b []byte, err error) {
	switch {
	case len(b) > 0:
		r.more = len(b) >= smallRead
		r.arrived(now, b)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // the latter: FIN without close_notify
		r.fin(now)
	default:
		r.drop()
		r.failed(now, faultOf(err))
	}
}

// hear reads once, until the limit or the bell, and stamps the return.
func (r *routine) hear(buffer []byte, limit timing.Instant) (int, timing.Instant, error) {
	r.mu.Lock()
	if len(r.inbox) > 0 || r.woken && r.phase != phaseClosing || r.halted {
		r.mu.Unlock()
		return 0, 0, nil
	}
	r.arm(limit)
	r.reading = true
	r.mu.Unlock()
	if r.g.options.QuickAck {
		quickAck(r.conn)
	}
	n, err := r.in.Read(buffer)
	now := r.Now()
	r.mu.Lock()
	r.reading = false
	r.mu.Unlock()
	if err != nil {
		r.armed = 0
	}
	return n, now, err
}

// arm sets the read deadline. One that comes too early is left alone: time-outs
// move away with each step, and one read in vain costs less than a timer a step.
func (r *routine) arm(limit timing.Instant) {
	if limit == 0 {
		limit = timing.Never
	}
	if r.armed != 0 && r.armed <= limit {
		return
	}
	r.armed = limit
	if limit == timing.Never {
		limit = 0
	}
	r.conn.SetReadDeadline(r.g.time(limit))
}

// linger reads and discards for a while, so that the peer hears our last octets
// and not an RST for those of its own that nobody read.
func (r *routine) linger() {
	buffer := largeReads.Get().(*[largeRead]byte)
	n, now, err := r.hear(buffer[:], r.lingerEnd)
	largeReads.Put(buffer)
	r.lingered += n
	again := err == nil || errors.Is(err, os.ErrDeadlineExceeded) && r.Now() < r.lingerEnd
	if again && r.lingered < lingerOctets {
		return
	}
	r.drop()
	r.closed(max(now, r.Now()))
}

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
