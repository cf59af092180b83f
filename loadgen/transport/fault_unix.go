//go:build !windows

package transport

import (
	"syscall"

	"mailmill/loadgen/timing"
)

// errnoKinds says which kind of fault an error number stands for.
var errnoKinds = map[syscall.Errno]timing.FaultKind{
	syscall.ECONNREFUSED: timing.Refused,
	syscall.EAGAIN:       timing.Refused, // connect: the accept queue of a UNIX socket is full

	syscall.ENETUNREACH:  timing.Unreachable,
	syscall.EHOSTUNREACH: timing.Unreachable,
	syscall.ENETDOWN:     timing.Unreachable,
	syscall.EHOSTDOWN:    timing.Unreachable,
	syscall.ENOENT:       timing.Unreachable, // no UNIX socket of that name

	syscall.ETIMEDOUT: timing.Timeout,

	syscall.ECONNRESET:   timing.Reset,
	syscall.ECONNABORTED: timing.Reset,
	syscall.ENETRESET:    timing.Reset,
	syscall.EPIPE:        timing.Reset, // written after the peer's RST

	syscall.EMFILE:        timing.Local,
	syscall.ENFILE:        timing.Local,
	syscall.EADDRNOTAVAIL: timing.Local, // no local port is left
	syscall.EADDRINUSE:    timing.Local,
	syscall.ENOBUFS:       timing.Local,
	syscall.ENOMEM:        timing.Local,
	syscall.EACCES:        timing.Local,
	syscall.EPERM:         timing.Local, // the host's own packet filter
}
