package transport

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// bindWithoutPort has the port of a bound source chosen at connect(2), by the
// whole four-tuple: so each source address has every port for each destination.
func bindWithoutPort(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		// It fails only on kernels too old to know the option, which do without.
		unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	})
}

// setBacklog changes how many connections may wait to be accepted, which listen(2) does to a socket that listens.
func setBacklog(l net.Listener, most int) {
	s, ok := l.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := s.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { unix.Listen(int(fd), most) })
	}
}

// quickAck has the next octets acknowledged at once. The kernel forgets it again.
func quickAck(c net.Conn) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	if raw, err := tcp.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) })
	}
}
