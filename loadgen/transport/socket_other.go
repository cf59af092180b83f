//go:build !linux

package transport

import (
	"net"
	"syscall"
)

// bindWithoutPort and quickAck set options that only Linux has.
func bindWithoutPort(_, _ string, _ syscall.RawConn) error { return nil }

func quickAck(net.Conn) {}
