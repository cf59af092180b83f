package transport

import (
	"errors"
	"os"
	"time"

	"mailmill/loadgen/timing"
)

// patience is how long a write may block the conversation's goroutine. What the
// kernel has not taken by then is written by a goroutine of its own, and the
// conversation hears its peer meanwhile. Short writes never come to that.
const patience = time.Millisecond

// write implements carrier.
func (r *routine) write(head, body []byte) bool {
	if r.gate != nil {
		return r.writeSecured(head, body)
	}
	r.conn.SetWriteDeadline(r.g.time(r.Now().Add(patience)))
	n, err := r.send(head, body)
	switch {
	case err == nil:
		return true
	case !errors.Is(err, os.ErrDeadlineExceeded):
		r.wroteSoon(err)
		return false
	}
	head, body = unsent(head, body, n)
	conn := r.conn
	conn.SetWriteDeadline(time.Time{})
	r.finish(func() error {
		_, err := conn.Write(head)
		if err == nil {
			_, err = conn.Write(body)
		}
		return err
	})
	return false
}

// send writes head and body in one system call, if they fit.
func (r *routine) send(head, body []byte) (int64, error) {
	if len(body) == 0 {
		n, err := r.conn.Write(head)
		return int64(n), err
	}
	r.vectors = [2][]byte{head, body}
	r.buffers = r.vectors[:]
	n, err := r.buffers.WriteTo(r.conn)
	r.vectors, r.buffers = [2][]byte{}, nil
	return n, err
}

// unsent is what is left of head and body after n octets. The head is copied:
// it lies in the scratch.
func unsent(head, body []byte, n int64) ([]byte, []byte) {
	if n < int64(len(head)) {
		return append([]byte(nil), head[n:]...), body
	}
	return nil, body[n-int64(len(head)):]
}

// writeSecured writes the head, and a body that is not large in the same record,
// without waiting; a large one is protected and sent by a goroutine.
func (r *routine) writeSecured(head, body []byte) bool {
	if len(head)+len(body) <= largeRead {
		buffer := largeReads.Get().(*[largeRead]byte)
		defer largeReads.Put(buffer)
		head, body = append(append(buffer[:0], head...), body...), nil
	}
	err := r.gate.send(head)
	switch {
	case err != nil:
		r.wroteSoon(err)
		return false
	case len(body) == 0 && r.gate.empty():
		return true
	}
	gate := r.gate
	gate.patient(true)
	r.finish(func() error { return gate.sendAll(body) })
	return false
}

// finish has a goroutine do the rest of a write.
func (r *routine) finish(write func() error) {
	done := make(chan struct{})
	number := r.number
	r.writer = done
	r.g.group.Go(func() error {
		err := write()
		now := r.Now()
		close(done)
		r.tell(func() { r.written(number, done, now, err) })
		return nil
	})
}

// wroteSoon lets a write that failed at once end like one that failed later.
func (r *routine) wroteSoon(err error) {
	number, now := r.number, r.Now()
	r.tell(func() { r.written(number, r.writer, now, err) })
}

// join waits for the goroutine of an unfinished write, so that it lets go of the Body.
func (r *routine) join() {
	if r.writer != nil {
		<-r.writer
		r.writer = nil
	}
}

// written takes word of the end of an unfinished write.
func (r *routine) written(number int, writer chan struct{}, now timing.Instant, err error) {
	if r.number != number || r.writer != writer || r.phase != phaseOpen {
		return
	}
	r.writer = nil
	if err == nil {
		r.wrote(now)
		return
	}
	r.hearOut()
	if r.number == number && r.phase == phaseOpen {
		r.drop()
		r.failed(r.Now(), faultOf(err))
	}
}

// hearOut delivers what the peer had sent before the write failed: a reply that
// says why, most often.
func (r *routine) hearOut() {
	buffer := largeReads.Get().(*[largeRead]byte)
	defer largeReads.Put(buffer)
	number := r.number
	for r.number == number && r.listening() {
		r.conn.SetReadDeadline(time.Now().Add(patience))
		r.armed = 0
		n, err := r.in.Read(buffer[:])
		if n > 0 {
			r.arrived(r.Now(), buffer[:n])
		} else if err != nil {
			return
		}
	}
}
