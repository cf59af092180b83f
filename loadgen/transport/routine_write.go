package transport

import (
	"errors"
	"net"
	"os"
	"time"

	"mailmill/loadgen/timing"
)

// patience is how long a write may block the conversation's goroutine. What the
// kernel has not taken by then is written by a goroutine of its own, and the
// conversation hears its peer meanwhile. Short writes never come to that.
const patience = time.Millisecond

// An outlet sends octets as they stand on the socket, or under TLS. The error of
// octets that did not fit before the write deadline is a time-out.
type outlet interface {
	// send returns what is left of both.
	send(head, body []byte) (restHead, restBody []byte, err error)
}

// A plainOutlet writes to the socket.
type plainOutlet struct {
	conn    net.Conn
	vectors [2][]byte // here, so that a write does not allocate
	buffers net.Buffers
}

func (o *plainOutlet) send(head, body []byte) ([]byte, []byte, error) {
	if len(body) == 0 {
		n, err := o.conn.Write(head)
		return head[n:], nil, err
	}
	o.vectors = [2][]byte{head, body}
	o.buffers = o.vectors[:]
	n, err := o.buffers.WriteTo(o.conn)
	o.vectors, o.buffers = [2][]byte{}, nil
	fromHead := min(int(n), len(head))
	return head[fromHead:], body[int(n)-fromHead:], err
}

// A tlsOutlet writes through a gate. A head and a body that are not large
// together are one record.
type tlsOutlet struct{ gate *gate }

func (o tlsOutlet) send(head, body []byte) ([]byte, []byte, error) {
	if len(body) > 0 && len(head)+len(body) <= largeRead {
		buffer := largeReads.Get().(*[largeRead]byte)
		defer largeReads.Put(buffer)
		rest, err := o.gate.send(append(append(buffer[:0], head...), body...))
		if len(rest) > 0 { // what was kept before did not fit: nothing of these is protected yet
			return head, body, err
		}
		return nil, nil, err
	}
	head, err := o.gate.send(head)
	if err == nil {
		body, err = o.gate.send(body)
	}
	return head, body, err
}

// A writer is an unfinished write on its goroutine.
type writer struct {
	head, body []byte // what the outlet has not sent
	done       chan struct{}
	now        timing.Instant // when it ended
	err        error          // a time-out if it was interrupted
}

// write implements carrier.
func (r *routine) write(head, body []byte) bool {
	r.conn.SetWriteDeadline(r.g.time(r.Now().Add(patience)))
	head, body, err := r.out.send(head, body)
	switch {
	case err == nil:
		return true
	case errors.Is(err, os.ErrDeadlineExceeded):
		r.finish(append([]byte(nil), head...), body) // the head lies in the scratch
	default:
		w := &writer{now: r.Now(), err: err}
		r.writer = w
		r.tell(func() { r.written(w) })
	}
	return false
}

// finish has a goroutine do the rest of a write.
func (r *routine) finish(head, body []byte) {
	w := &writer{head: head, body: body, done: make(chan struct{})}
	r.writer = w
	out := r.out
	r.conn.SetWriteDeadline(time.Time{})
	r.g.group.Go(func() error {
		w.head, w.body, w.err = out.send(w.head, w.body)
		w.now = r.Now()
		close(w.done)
		r.tell(func() { r.written(w) })
		return nil
	})
}

// join takes the unfinished write from its goroutine, which lets go of the Body.
// A connection that is to be used after that is not closed yet.
func (r *routine) join() *writer {
	w := r.writer
	r.writer = nil
	if w != nil && w.done != nil {
		r.conn.SetWriteDeadline(past)
		<-w.done
	}
	return w
}

// written takes word of the end of an unfinished write, unless it was joined.
func (r *routine) written(w *writer) {
	if r.writer != w {
		return
	}
	r.writer = nil
	if w.err == nil {
		r.wrote(w.now)
		return
	}
	number := r.number
	r.hearOut(number)
	if r.holds(number) {
		r.drop()
		r.failed(r.Now(), faultOf(w.err))
	}
}

// holds reports whether the connection of that number is still in use.
func (r *routine) holds(number int) bool { return r.number == number && r.phase == phaseOpen }

// hearOut delivers what the peer had sent before the write failed: a reply that
// says why, most often.
func (r *routine) hearOut(number int) {
	buffer := largeReads.Get().(*[largeRead]byte)
	defer largeReads.Put(buffer)
	for r.holds(number) && r.listening() {
		r.armed = 0
		r.conn.SetReadDeadline(time.Now().Add(patience))
		n, err := r.in.Read(buffer[:])
		if n > 0 {
			r.arrived(r.Now(), buffer[:n])
		} else if err != nil {
			return
		}
	}
}

// hearing delivers what a read brought while a write is unfinished. Whether all
// had been written before is not left to the order in which two goroutines run:
// the peer may have answered the last octet, and then Written comes first.
func (r *routine) hearing(now timing.Instant, b []byte, err error) {
	number, w := r.number, r.join()
	finished := w.err == nil
	if finished {
		r.wrote(min(now, w.now))
	}
	// After a reset the read may end like one of a FIN: what the write says of it is the truth.
	broke := !finished && !errors.Is(w.err, os.ErrDeadlineExceeded)
	if r.holds(number) && r.listening() && (len(b) > 0 || !broke) {
		r.deliver(now, b, err)
	}
	if finished || !r.holds(number) {
		return
	}
	if errors.Is(w.err, os.ErrDeadlineExceeded) {
		r.finish(w.head, w.body)
		return
	}
	r.writer = w
	r.written(w)
}
