package transport

import (
	"encoding/binary"
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// receive reads from a non-blocking socket as a raw system call: it cannot block, and the
// scheduler need not hear of it.
func receive(fd int32, into []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(into))), uintptr(len(into)), 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// send writes head, then body, in one system call.
func send(fd int32, head, body []byte) (int, unix.Errno) {
	var n uintptr
	var errno unix.Errno
	if len(body) == 0 {
		n, _, errno = unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(head))), uintptr(len(head)), unix.MSG_NOSIGNAL, 0, 0)
	} else {
		vectors := [2]unix.Iovec{
			{Base: unsafe.SliceData(head), Len: uint64(len(head))},
			{Base: unsafe.SliceData(body), Len: uint64(len(body))},
		}
		message := unix.Msghdr{Iov: &vectors[0], Iovlen: 2}
		n, _, errno = unix.RawSyscall6(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&message)), unix.MSG_NOSIGNAL, 0, 0, 0)
	}
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// closeSocket is a raw system call too: with no time to linger, close(2) does not block.
func closeSocket(fd int32) { unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

// openSocket returns a non-blocking socket for the endpoint, bound to its source if it names one.
func openSocket(to *Endpoint) (int, error) {
	family := familyOf(*to)
	fd, _, errno := unix.RawSyscall(unix.SYS_SOCKET, uintptr(family), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if errno != 0 {
		return -1, errno
	}
	if family == unix.AF_UNIX {
		return int(fd), nil
	}
	if to.Local.IsValid() {
		// The port is chosen at connect(2), by the whole four-tuple: so each source address
		// has the whole range for each destination.
		setOption(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT)
		if err := unix.Bind(int(fd), sockaddr(Endpoint{Addr: netip.AddrPortFrom(to.Local, 0)})); err != nil {
			unix.Close(int(fd))
			return -1, err
		}
	}
	return int(fd), nil
}

func familyOf(e Endpoint) int {
	switch {
	case !e.Addr.IsValid():
		return unix.AF_UNIX
	case e.Addr.Addr().Unmap().Is4():
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// setOption switches an option on. It fails only for options that the kernel is too old to know.
func setOption(fd, level, option int) {
	one := int32(1)
	unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option), uintptr(unsafe.Pointer(&one)), 4, 0)
}

// connectSocket calls connect(2) without allocating: a run with a session per message does it as often as it sends.
func connectSocket(fd int, to *Endpoint) error {
	var errno unix.Errno
	switch port := swap16(to.Addr.Port()); familyOf(*to) {
	case unix.AF_INET:
		a := unix.RawSockaddrInet4{Family: unix.AF_INET, Port: port, Addr: to.Addr.Addr().Unmap().As4()}
		_, _, errno = unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&a)), unix.SizeofSockaddrInet4)
	case unix.AF_INET6:
		a := unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: port, Addr: to.Addr.Addr().As16(), Scope_id: scopeOf(to.Addr.Addr())}
		_, _, errno = unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&a)), unix.SizeofSockaddrInet6)
	default:
		return unix.Connect(fd, sockaddr(*to))
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// sockaddr is the endpoint in the kernel's terms.
func sockaddr(e Endpoint) unix.Sockaddr {
	switch a := e.Addr.Addr(); familyOf(e) {
	case unix.AF_INET:
		return &unix.SockaddrInet4{Port: int(e.Addr.Port()), Addr: a.Unmap().As4()}
	case unix.AF_INET6:
		return &unix.SockaddrInet6{Port: int(e.Addr.Port()), Addr: a.As16(), ZoneId: scopeOf(a)}
	}
	return &unix.SockaddrUnix{Name: e.Path}
}

// scopeOf is the number of an IPv6 zone: the interface that a link-local address belongs to.
func scopeOf(a netip.Addr) uint32 {
	if a.Zone() == "" {
		return 0
	}
	i, err := net.InterfaceByName(a.Zone())
	if err != nil {
		return 0
	}
	return uint32(i.Index)
}

func endpointOf(a unix.Sockaddr) Endpoint {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return Endpoint{Addr: netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))}
	case *unix.SockaddrInet6:
		return Endpoint{Addr: netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))}
	case *unix.SockaddrUnix:
		return Endpoint{Path: a.Name}
	}
	return Endpoint{}
}

// rawEndpoint reads what the kernel stored.
func rawEndpoint(a *unix.RawSockaddrAny) Endpoint {
	switch a.Addr.Family {
	case unix.AF_INET:
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(a))
		return Endpoint{Addr: netip.AddrPortFrom(netip.AddrFrom4(in.Addr), swap16(in.Port))}
	case unix.AF_INET6:
		in := (*unix.RawSockaddrInet6)(unsafe.Pointer(a))
		return Endpoint{Addr: netip.AddrPortFrom(netip.AddrFrom16(in.Addr), swap16(in.Port))}
	}
	return Endpoint{}
}

// swap16 changes a port between the host's order of octets and the network's.
func swap16(p uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], p)
	return binary.NativeEndian.Uint16(b[:])
}
