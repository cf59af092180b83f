package transport

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// submitMost is how many writes leave together at most. With more, the first of them waits longer
// for its turn than the rest could still gain.
const submitMost = 16

// leastScratch is what every conversation is promised.
const leastScratch = 4096

// A queue holds the writes of a turn until they leave in one system call.
//
// A write wakes its reader. Where that runs on the same processor, the kernel gives it the processor
// at the end of the system call, once it has had less of it than the writer: a switch for each octet
// string, and caches to warm after it. Writes that leave together cost one switch. On one processor a
// message is a quarter cheaper for it, and nowhere dearer.
type queue struct {
	n, left int // queued, and how many of those have left
	writes  [submitMost]queued
	spare   [submitMost]queued // of the flush before

	context  uintptr // of io_submit(2); 0 before the first
	refused  bool    // the kernel has none for us
	blocks   [submitMost]controlBlock
	pointers [submitMost]*controlBlock
	ends     [submitMost]ioEnd
}

// A queued write is one that has not left, or of which the conversation was not told yet.
type queued struct {
	conn   *conn
	gen    uint32 // of the connection
	notify bool
	octets []byte // in the loop's scratch
}

// A controlBlock is the kernel's struct iocb: of what it holds, what a write needs.
type controlBlock struct {
	data   uint64
	_      [2]uint32 // key, flags
	opcode uint16
	_      int16 // priority
	fd     uint32
	buffer uint64
	length uint64
	_      [2]uint64 // offset, reserved
	_      [2]uint32 // flags, the descriptor to notify
}

const opWrite = 1 // IOCB_CMD_PWRITE

// An ioEnd is the kernel's struct io_event.
type ioEnd struct {
	data   uint64
	_      uint64 // the control block
	result int64
	_      int64
}

// enqueue takes a write that lies in the scratch, unless the queue is full.
func (l *loop) enqueue(c *conn, octets []byte, notify bool) bool {
	q := &l.queue
	if q.n == submitMost || cap(l.scratch)-l.used-len(octets) < leastScratch {
		return false
	}
	q.writes[q.n] = queued{conn: c, gen: c.gen, notify: notify, octets: octets}
	q.n++
	c.queued = true
	l.used += len(octets)
	return true
}

// full tells that the next conversation may find no room to queue.
func (l *loop) full() bool {
	return l.queue.n == submitMost || cap(l.scratch)-l.used < loopScratch/4
}

// flush lets the queued writes leave, and tells the conversations what they are to hear of it.
func (l *loop) flush() {
	for l.queue.n > 0 {
		l.submit()
		q := &l.queue
		q.writes, q.spare = q.spare, q.writes
		n := q.n
		q.n, q.left = 0, 0
		now := l.epoll.Now()
		for i := range q.spare[:n] {
			w := &q.spare[i]
			c := w.conn
			switch {
			case c.state != connOpen || c.gen != w.gen:
			case c.failed:
				c.pump()
			case w.notify && !c.writing():
				c.step(Event{Kind: Written, Now: now})
				c.pump()
			}
			*w = queued{}
		}
	}
}

// submit lets the queued writes leave. Their ends are noted in their connections.
func (l *loop) submit() {
	q := &l.queue
	for i := q.left; i < q.n; i++ {
		q.writes[i].conn.queued = false
	}
	if q.n-q.left > 1 && q.prepare() {
		q.together()
	}
	for ; q.left < q.n; q.left++ {
		w := &q.writes[q.left]
		n, errno := send(w.conn.fd, w.octets, nil)
		w.end(n, errno)
	}
	l.used = 0
}

// prepare makes the context of io_submit, and reports whether there is one.
func (q *queue) prepare() bool {
	if q.context == 0 && !q.refused {
		_, _, errno := unix.RawSyscall(unix.SYS_IO_SETUP, submitMost, uintptr(unsafe.Pointer(&q.context)), 0)
		q.refused = errno != 0
		for i := range q.blocks {
			q.pointers[i] = &q.blocks[i]
		}
	}
	return q.context != 0
}

// together submits writes until all have left, or the kernel takes no more of them. A write to a
// non-blocking socket is complete when io_submit returns.
func (q *queue) together() {
	for i := q.left; i < q.n; i++ {
		octets := q.writes[i].octets
		q.blocks[i] = controlBlock{data: uint64(i), opcode: opWrite, fd: uint32(q.writes[i].conn.fd),
			buffer: uint64(uintptr(unsafe.Pointer(unsafe.SliceData(octets)))), length: uint64(len(octets))}
	}
	for q.left < q.n {
		n, _, errno := unix.RawSyscall(unix.SYS_IO_SUBMIT, q.context, uintptr(q.n-q.left), uintptr(unsafe.Pointer(&q.pointers[q.left])))
		if errno != 0 || n == 0 {
			return
		}
		q.left += int(n)
		for taken := 0; taken < int(n); {
			got, _, errno := unix.Syscall6(unix.SYS_IO_GETEVENTS, q.context, 1, submitMost, uintptr(unsafe.Pointer(&q.ends[0])), 0, 0)
			if errno != 0 && errno != unix.EINTR {
				panic("transport: io_getevents: " + errno.Error())
			}
			for _, end := range q.ends[:got] {
				q.writes[end.data].end(int(max(0, end.result)), unix.Errno(max(0, -end.result)))
			}
			taken += int(got)
		}
	}
}

// end notes how much of a write has left.
func (w *queued) end(n int, errno unix.Errno) {
	if n < len(w.octets) {
		w.conn.remain(w.octets[n:], nil, errno)
	}
}

func (q *queue) close() {
	if q.context != 0 {
		unix.Syscall(unix.SYS_IO_DESTROY, q.context, 0, 0)
		q.context = 0
	}
}
