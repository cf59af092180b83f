//go:build !linux

package transport

import (
	"net"
	"syscall"
)

// bindWithoutPort, setBacklog and quickAck set options that only Linux has.
func bindWithoutPort(_, _ string, _ syscall.RawConn) error { return nil }

func setBacklog(net.Listener, int) {}

func quickAck(net.Conn) {}
