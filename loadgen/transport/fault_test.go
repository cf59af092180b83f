//go:build !windows

package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"mailmill/loadgen/timing"
)

func TestFaultOf(t *testing.T) {
	dialed := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	tests := []struct {
		says string
		err  error
		want timing.Fault
	}{
		{"no error is no fault", nil, timing.Fault{}},
		{"a refused connect names the call and not the address", dialed(syscall.ECONNREFUSED), timing.Fault{Kind: timing.Refused, Text: "connect: connection refused"}},
		{"a bare error number is enough", syscall.ECONNREFUSED, timing.Fault{Kind: timing.Refused, Text: "connection refused"}},
		{"no route is unreachable", dialed(syscall.EHOSTUNREACH), timing.Fault{Kind: timing.Unreachable, Text: "connect: no route to host"}},
		{"the kernel's own time-out is one", dialed(syscall.ETIMEDOUT), timing.Fault{Kind: timing.Timeout, Text: "connect: connection timed out"}},
		{"a deadline is a time-out", context.DeadlineExceeded, timing.Fault{Kind: timing.Timeout, Text: "context deadline exceeded"}},
		{"a reset is one", syscall.ECONNRESET, timing.Fault{Kind: timing.Reset, Text: "connection reset by peer"}},
		{"a write after a reset is one", syscall.EPIPE, timing.Fault{Kind: timing.Reset, Text: "broken pipe"}},
		{"an end where more was due is the peer's", fmt.Errorf("read: %w", io.ErrUnexpectedEOF), timing.Fault{Kind: timing.ClosedEarly, Text: "closed by the peer"}},
		{"no descriptor is local", dialed(syscall.EMFILE), timing.Fault{Kind: timing.Local, Text: "connect: too many open files"}},
		{"no port is local", dialed(syscall.EADDRNOTAVAIL), timing.Fault{Kind: timing.Local, Text: "connect: cannot assign requested address"}},
		{"no buffer is local", syscall.ENOBUFS, timing.Fault{Kind: timing.Local, Text: "no buffer space available"}},
		{"an unlisted error number is local", syscall.EDOM, timing.Fault{Kind: timing.Local, Text: syscall.EDOM.Error()}},
		{"an alert of TLS is the peer's", &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")},
			timing.Fault{Kind: timing.TLSFailed, Text: "remote error: tls: certificate required"}},
		{"any other error is local", errors.New("odd"), timing.Fault{Kind: timing.Local, Text: "odd"}},
	}
	for _, test := range tests {
		got := faultOf(test.err)
		if got.Kind != test.want.Kind {
			t.Errorf("%s: got %v, want %v", test.says, got, test.want)
		}
		if got.Text != test.want.Text && test.want.Kind != timing.Timeout && test.want.Kind != timing.Local {
			t.Errorf("%s: the text is %q, want %q", test.says, got.Text, test.want.Text) // words of others differ between systems
		}
	}
}

func TestHandshakeFault(t *testing.T) {
	tests := []struct {
		says string
		err  error
		want timing.FaultKind
	}{
		{"an alert of the peer's is of TLS", errors.New("remote error: tls: handshake failure"), timing.TLSFailed},
		{"a reset stays a reset", syscall.ECONNRESET, timing.Reset},
		{"an end stays an end", io.EOF, timing.ClosedEarly},
		{"a local error number stays local", syscall.ENOBUFS, timing.Local},
	}
	for _, test := range tests {
		if got := handshakeFault(test.err); got.Kind != test.want || got.Text == "" {
			t.Errorf("%s: got %v, want %v with a text", test.says, got, test.want)
		}
	}
}
