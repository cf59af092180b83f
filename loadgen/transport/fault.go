package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"mailmill/loadgen/timing"
)

// faultOf says what an error of the system means for a conversation. What the
// table of the system does not list is Local: nothing shows that it is the peer's fault.
func faultOf(err error) timing.Fault {
	var errno syscall.Errno
	switch {
	case err == nil:
		return timing.Fault{}
	case errors.As(err, &errno):
		kind, listed := errnoKinds[errno]
		if !listed {
			kind = timing.Local
		}
		return timing.Fault{Kind: kind, Text: faultText(err, errno)}
	case isAlert(err):
		return timing.Fault{Kind: timing.TLSFailed, Text: err.Error()}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return timing.Fault{Kind: timing.Timeout, Text: err.Error()}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return timing.Fault{Kind: timing.ClosedEarly, Text: "closed by the peer"}
	}
	return timing.Fault{Kind: timing.Local, Text: err.Error()}
}

// isAlert tells an alert of TLS (RFC 8446 section 6): in TLS 1.3 a server refuses a client's certificate by
// one, when for the client the handshake is complete.
func isAlert(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) && network.Op == "remote error"
}

// faultText names the system call that failed, where it is known, and leaves
// out addresses: one text per cause can be counted.
func faultText(err error, errno syscall.Errno) string {
	var call *os.SyscallError
	if errors.As(err, &call) {
		return call.Error()
	}
	return errno.Error()
}

// localFault is a fault of mailmill's own.
func localFault(text string) timing.Fault {
	return timing.Fault{Kind: timing.Local, Text: text}
}

// handshakeFault says what a failed handshake means. A broken connection keeps
// its own kind; a connection on which the peer said the wrong thing is TLSFailed.
func handshakeFault(err error) timing.Fault {
	f := faultOf(err)
	var errno syscall.Errno
	if f.Kind == timing.Local && !errors.As(err, &errno) {
		f.Kind = timing.TLSFailed
	}
	return f
}
