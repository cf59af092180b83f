package transport

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// acceptBatch bounds the connections accepted at one wake, so that a storm of them does
// not hold up the conversations under way.
const acceptBatch = 64

// acceptPause is how long a listener rests when descriptors have run out, or there is no room.
const acceptPause = 50 * time.Millisecond

// backlog is the accept queue asked for; the kernel caps it at net.core.somaxconn.
const backlog = 4096

// An epollListener accepts on one address: for TCP with a socket for each loop, between
// which the kernel spreads connections (SO_REUSEPORT), else with one socket that the loops share.
type epollListener struct {
	epoll    *epoll
	endpoint Endpoint
	make     func(loop int, p *Peer) Conversation
	fds      []int // by loop
	slots    []int32
	shared   bool
	watching atomic.Int32
	close1   sync.Once
}

func (e *epoll) Listen(at Endpoint, accept func(loop int, p *Peer) Conversation) (Listener, error) {
	s := &epollListener{epoll: e, endpoint: at, make: accept, shared: !at.Addr.IsValid(), slots: make([]int32, len(e.loops))}
	for range e.loops {
		fd, err := s.open()
		if err != nil {
			s.closeAll()
			return nil, err
		}
		s.fds = append(s.fds, fd)
	}
	e.live.Add(1)
	s.watching.Store(int32(len(e.loops)))
	for _, l := range e.loops {
		l.post(post{op: opListen, listener: s})
	}
	return s, nil
}

// open binds and listens. The first socket of an address chooses the port where it is 0.
func (s *epollListener) open() (int, error) {
	if s.shared && len(s.fds) > 0 {
		return s.fds[0], nil
	}
	family := familyOf(s.endpoint)
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, sysError("socket", err)
	}
	if err := s.bind(fd, family); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func (s *epollListener) bind(fd, family int) error {
	if family != unix.AF_UNIX {
		setOption(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR)
		if len(s.epoll.loops) > 1 {
			setOption(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT)
		}
		setOption(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY) // accepted sockets inherit it
	}
	if family == unix.AF_INET6 {
		setOption(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY)
	}
	if err := unix.Bind(fd, sockaddr(s.endpoint)); err != nil {
		return sysError("bind "+s.endpoint.String(), err)
	}
	queue := backlog
	if most := s.epoll.options.Backlog; most > 0 {
		queue = most
	}
	if err := unix.Listen(fd, queue); err != nil {
		return sysError("listen "+s.endpoint.String(), err)
	}
	if name, err := unix.Getsockname(fd); err == nil && family != unix.AF_UNIX {
		bound := endpointOf(name)
		s.endpoint.Addr = netip.AddrPortFrom(s.endpoint.Addr.Addr(), bound.Addr.Port())
	}
	return nil
}

func (s *epollListener) Endpoint() Endpoint { return s.endpoint }

func (s *epollListener) Close() error {
	s.close1.Do(func() {
		for _, l := range s.epoll.loops {
			l.post(post{op: opUnlisten, listener: s})
		}
	})
	return nil
}

// watch registers the loop's socket with it.
func (s *epollListener) watch(l *loop) {
	l.listeners = append(l.listeners, s)
	s.slots[l.index] = int32(-1 - len(l.listeners))
	s.resume(l)
}

func (s *epollListener) resume(l *loop) {
	l.watch(s.fds[l.index], s.slots[l.index], 0, unix.EPOLLIN|unix.EPOLLEXCLUSIVE)
}

// unwatch closes the loop's socket. The last loop to do so ends the listener.
func (s *epollListener) unwatch(l *loop) {
	i := -2 - s.slots[l.index]
	if s.slots[l.index] == 0 || l.listeners[i] == nil {
		return
	}
	l.listeners[i] = nil
	unix.EpollCtl(l.epfd, unix.EPOLL_CTL_DEL, s.fds[l.index], nil)
	if !s.shared {
		unix.Close(s.fds[l.index])
	}
	if s.watching.Add(-1) == 0 {
		if s.shared {
			s.closeAll()
		}
		s.epoll.ended()
	}
}

func (s *epollListener) closeAll() {
	for i, fd := range s.fds {
		if i == 0 || !s.shared {
			unix.Close(fd)
		}
	}
	if s.endpoint.Path != "" {
		unix.Unlink(s.endpoint.Path)
	}
	s.fds = nil
}

// accept takes the connections that wait, up to a batch; level triggering tells of the rest.
func (s *epollListener) accept(l *loop) {
	for range acceptBatch {
		if room := s.epoll.options.Room; room != nil && !room() {
			s.rest(l)
			return
		}
		var from unix.RawSockaddrAny
		size := uint32(unsafe.Sizeof(from))
		fd, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(s.fds[l.index]), uintptr(unsafe.Pointer(&from)),
			uintptr(unsafe.Pointer(&size)), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
		switch errno {
		case 0:
			s.accepted(l, int(fd), rawEndpoint(&from))
		case unix.EINTR, unix.ECONNABORTED:
		case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
			s.rest(l)
			return
		default:
			return
		}
	}
}

// rest stops accepting for a moment: descriptors come free when sessions end, and a level-triggered
// listener would spin until then.
func (s *epollListener) rest(l *loop) {
	unix.EpollCtl(l.epfd, unix.EPOLL_CTL_DEL, s.fds[l.index], nil)
	time.AfterFunc(acceptPause, func() { l.post(post{op: opResume, listener: s}) })
}

func (s *epollListener) accepted(l *loop, fd int, from Endpoint) {
	c := l.newConn(nil)
	c.peer = Peer{Local: s.endpoint, Remote: from}
	c.conv = s.make(l.index, &c.peer)
	if c.conv == nil {
		unix.Close(fd)
		return
	}
	s.epoll.live.Add(1)
	c.fd, c.state, c.prompt = int32(fd), connOpen, true
	if err := c.occupy(inEdges); err != nil {
		c.hangUp()
	}
	c.greet()
}
