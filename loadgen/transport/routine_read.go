package transport

import (
	"errors"
	"io"
	"os"
	"sync"

	"mailmill/loadgen/timing"
)

// Two sizes of read buffer, shared by all routines. A reader that fills one is
// given the large one next; one that waits for a reply holds the small one.
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
	r.more = n == len(buffer)
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
