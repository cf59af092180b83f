package transport

import (
	"syscall"

	"golang.org/x/sys/windows"

	"mailmill/loadgen/timing"
)

// errnoKinds says which kind of fault an error number of Winsock stands for.
// The POSIX names of package syscall are never returned by the network there.
var errnoKinds = map[syscall.Errno]timing.FaultKind{
	windows.WSAECONNREFUSED: timing.Refused,

	windows.WSAENETUNREACH:       timing.Unreachable,
	windows.WSAEHOSTUNREACH:      timing.Unreachable,
	windows.WSAENETDOWN:          timing.Unreachable,
	windows.WSAEHOSTDOWN:         timing.Unreachable,
	windows.ERROR_FILE_NOT_FOUND: timing.Unreachable, // no UNIX socket of that name

	windows.WSAETIMEDOUT: timing.Timeout,

	windows.WSAECONNRESET:            timing.Reset,
	windows.WSAECONNABORTED:          timing.Reset,
	windows.WSAENETRESET:             timing.Reset,
	windows.WSAESHUTDOWN:             timing.Reset,
	windows.ERROR_NETNAME_DELETED:    timing.Reset,
	windows.ERROR_CONNECTION_ABORTED: timing.Reset,

	windows.WSAEMFILE:        timing.Local,
	windows.WSAEADDRNOTAVAIL: timing.Local, // no local port is left
	windows.WSAEADDRINUSE:    timing.Local,
	windows.WSAENOBUFS:       timing.Local,
	windows.WSAEACCES:        timing.Local,
}
