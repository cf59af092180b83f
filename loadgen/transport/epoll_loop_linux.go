package transport

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"mailmill/loadgen/timing"
)

const (
	// batch is how many ready descriptors one wait can return. Trials with 64 to
	// 2048 differ by less than their noise.
	batch = 512
	// loopInput holds the largest single read: a whole socket buffer of content for the sink.
	loopInput = 256 << 10
	// loopScratch holds a greeting, a command group, or a header block with a
	// small body behind it.
	loopScratch = 64 << 10
	// restLimit is how many untaken octets are kept before reading stops.
	restLimit = 1 << 20
	// pokeSlot is the epoll datum of the eventfd; listeners have those below it.
	pokeSlot = -1
)

// A loop drives its conversations on one locked thread. Buffers belong to the
// loop, so an idle conversation holds none.
type loop struct {
	epoll      *epoll
	index      int
	epfd       int
	eventfd    int
	conns      []*conn // by slot
	free       []int32
	timers     timers
	listeners  []*epollListener // by -2-slot
	dialing    []*conn          // waiting for a permit to dial
	queue      queue            // writes of this turn
	scratch    []byte
	used       int // of the scratch, by queued writes
	in         []byte
	wakened    timing.Instant // when the last wait returned
	generation uint32
	events     atomic.Uint64
	waits      atomic.Uint64
	idle       atomic.Int64 // nanoseconds spent waiting
	began      atomic.Int64
	dialers    atomic.Int32 // len(dialing), for other loops to see

	mu       sync.Mutex
	inbox    []post
	spare    []post
	posted   atomic.Bool
	sleeping atomic.Bool
	ready    [batch]unix.EpollEvent

	event     Event  // what the conversation at hand is told
	delivered uint64 // events so far; published in events once a turn
	worked    bool   // the last turn delivered events
}

// A post is what another goroutine, or a conversation, asks of a loop.
type post struct {
	op       op
	conn     *conn
	listener *epollListener
}

type op uint8

const (
	opStart op = iota
	opWake
	opListen
	opUnlisten
	opResume // a listener that rested for want of descriptors
)

func newLoop(e *epoll, index int) (*loop, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, sysError("epoll_create1", err)
	}
	eventfd, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		unix.Close(epfd)
		return nil, sysError("eventfd", err)
	}
	l := &loop{epoll: e, index: index, epfd: epfd, eventfd: eventfd,
		in: make([]byte, loopInput), scratch: make([]byte, 0, loopScratch)}
	err = l.watch(eventfd, pokeSlot, 0, unix.EPOLLIN|unix.EPOLLET)
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *loop) watch(fd int, slot int32, gen uint32, events uint32) error {
	event := unix.EpollEvent{Events: events, Fd: slot, Pad: int32(gen)}
	if err := unix.EpollCtl(l.epfd, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		return sysError("epoll_ctl", err)
	}
	return nil
}

// post hands work to the loop from any goroutine. Waking a blocked thread costs more
// than an exchange of octets does, so the loop is poked only if it sleeps.
func (l *loop) post(p post) {
	l.mu.Lock()
	l.inbox = append(l.inbox, p)
	l.posted.Store(true)
	l.mu.Unlock()
	if l.sleeping.Load() {
		l.poke()
	}
}

func (l *loop) poke() {
	one := [8]byte{1}
	unix.Write(l.eventfd, one[:]) // fails only when the counter is full: then the loop is poked already
}

// run drives the loop until the transport stops.
func (l *loop) run() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // the default of 50 µs would be the pacer's error
	l.wakened = l.epoll.Now()
	l.began.Store(int64(l.wakened))
	for !l.epoll.stopped.Load() {
		before := l.delivered
		n := l.wait()
		for i := range l.ready[:n] {
			l.dispatch(&l.ready[i])
			if l.full() {
				l.flush()
			}
		}
		l.flush()
		l.expire()
		l.takePosts()
		l.dialQueued()
		l.flush()
		l.worked = l.delivered != before
	}
	l.hangUp()
	return nil
}

// wait returns the number of ready descriptors. It asks without blocking first, as a raw
// system call that costs the scheduler nothing: under load that is enough. A raw call must never
// block, since the collector would stand still for as long; the blocking one gives up the processor.
func (l *loop) wait() int {
	asked := l.wakened
	if l.worked { // else all since the last wait was for nothing, and counts as waiting
		asked = l.epoll.Now()
	}
	n := l.epollWait(0)
	if n == 0 && !l.epoll.options.Spin {
		if timeout := l.timeout(asked); timeout != 0 {
			n = l.block(timeout)
		}
	}
	l.wakened = l.epoll.Now()
	l.waits.Add(1)
	l.events.Store(l.delivered)
	if n == 0 || l.wakened.Sub(asked) > 5*time.Microsecond {
		l.idle.Add(int64(l.wakened - asked))
	}
	return n
}

// timeout is how long the loop may block: 0 if there is something to do, negative without end.
func (l *loop) timeout(now timing.Instant) time.Duration {
	if l.posted.Load() || l.epoll.stopped.Load() {
		return 0
	}
	switch next := l.timers.next(); {
	case next == timing.Never:
		return -1
	default:
		return max(0, next.Sub(now))
	}
}

// block waits until something is ready, the time-out has passed, or the loop is poked.
func (l *loop) block(timeout time.Duration) int {
	l.sleeping.Store(true)
	defer l.sleeping.Store(false)
	if l.posted.Load() || l.epoll.stopped.Load() {
		return 0
	}
	var limit *unix.Timespec
	if timeout > 0 {
		t := unix.NsecToTimespec(int64(timeout))
		limit = &t
	}
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(l.epfd), uintptr(unsafe.Pointer(&l.ready[0])), batch,
		uintptr(unsafe.Pointer(limit)), 0, 0)
	if errno == unix.ENOSYS { // before Linux 5.11: whole milliseconds
		ms := -1
		if timeout > 0 {
			ms = int(timeout.Milliseconds()) + 1
		}
		got, _ := unix.EpollWait(l.epfd, l.ready[:], ms)
		return max(0, got)
	}
	if errno != 0 {
		return 0
	}
	return int(n)
}

func (l *loop) epollWait(ms int) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.epfd), uintptr(unsafe.Pointer(&l.ready[0])), batch, uintptr(ms), 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

func (l *loop) dispatch(event *unix.EpollEvent) {
	switch slot := event.Fd; {
	case slot >= 0:
		// The generation guards against an event for a descriptor that was closed
		// earlier in this batch and whose slot serves another connection now.
		if c := l.conns[slot]; c != nil && c.gen == uint32(event.Pad) {
			c.ready(event.Events)
		}
	case slot == pokeSlot:
		var counter [8]byte
		unix.Read(l.eventfd, counter[:])
	default:
		if s := l.listeners[-2-slot]; s != nil {
			s.accept(l)
		}
	}
}

// expire delivers the timers that are due. One pass looks at each conversation at
// most once, so that a conversation which is always late cannot hold the loop.
func (l *loop) expire() {
	for range len(l.timers) {
		c := l.timers.due(l.epoll.Now())
		if c == nil {
			return
		}
		c.expired()
		if l.full() {
			l.flush()
		}
	}
}

func (l *loop) takePosts() {
	if !l.posted.Load() {
		return
	}
	l.mu.Lock()
	posts := l.inbox
	l.inbox = l.spare[:0]
	l.posted.Store(false)
	l.mu.Unlock()
	for i, p := range posts {
		posts[i] = post{}
		switch p.op {
		case opStart:
			p.conn.begin()
		case opWake:
			p.conn.wakened()
		case opListen:
			p.listener.watch(l)
		case opUnlisten:
			p.listener.unwatch(l)
		case opResume:
			p.listener.resume(l)
		}
		if l.full() {
			l.flush()
		}
	}
	l.spare = posts
}

// dialQueued begins the dials that a permit has come free for.
func (l *loop) dialQueued() {
	for len(l.dialing) > 0 {
		c := l.dialing[0]
		if c.state == connQueued && !l.epoll.dials.TryAcquire(1) {
			return
		}
		l.dialing[0] = nil
		l.dialing = l.dialing[1:]
		l.dialers.Add(-1)
		l.epoll.waiting.Add(-1)
		if c.state == connQueued {
			c.connectQueued()
		}
	}
	l.dialing = nil
}

// hangUp closes every connection of the loop, with no further event.
func (l *loop) hangUp() {
	for _, c := range l.conns {
		if c != nil && c.fd >= 0 {
			unix.Close(int(c.fd))
			c.fd, c.state = -1, connOver
		}
	}
	for _, s := range l.listeners {
		if s != nil {
			s.unwatch(l)
		}
	}
	for _, p := range l.inbox { // listeners that the loop never came to watch
		if p.op == opListen {
			p.listener.watch(l)
			p.listener.unwatch(l)
		}
	}
}

func (l *loop) close() {
	if l.epfd >= 0 {
		unix.Close(l.epfd)
		unix.Close(l.eventfd)
		l.queue.close()
		l.epfd = -1
	}
}
