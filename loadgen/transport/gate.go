package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// A gate stands between a TLS connection and its socket. A tls.Conn is unusable
// after a write that timed out, so the gate never lets one fail for that: what
// the kernel has not taken when the socket's write deadline passes is kept,
// already protected.
type gate struct {
	net.Conn
	tls    *tls.Conn
	before []byte // read first: octets of the handshake that arrived early

	mu   sync.Mutex
	kept []byte
}

func (g *gate) Read(b []byte) (int, error) {
	if len(g.before) > 0 {
		n := copy(b, g.before)
		g.before = g.before[n:]
		return n, nil
	}
	return g.Conn.Read(b)
}

// Write sends b, or keeps what does not fit.
func (g *gate) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.kept) > 0 {
		g.kept = append(g.kept, b...)
		return len(b), nil
	}
	n, err := g.Conn.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		g.kept = append(g.kept, b[n:]...)
		return len(b), nil
	}
	return n, err
}

// SetDeadline and SetWriteDeadline do nothing: the socket's deadlines are not the tls.Conn's.
func (g *gate) SetDeadline(time.Time) error      { return nil }
func (g *gate) SetWriteDeadline(time.Time) error { return nil }

// flush sends what was kept; the error is a time-out if some of it does not fit.
func (g *gate) flush() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.kept) == 0 {
		return nil
	}
	n, err := g.Conn.Write(g.kept)
	if g.kept = g.kept[n:]; len(g.kept) == 0 {
		g.kept = nil
	}
	return err
}

// send protects b, record by record, and sends it. It returns what was not
// protected because the records before did not fit.
func (g *gate) send(b []byte) (rest []byte, err error) {
	const piece = 64 << 10
	err = g.flush()
	for err == nil && len(b) > 0 {
		n := min(piece, len(b))
		if _, err = g.tls.Write(b[:n]); err == nil {
			b, err = b[n:], g.flush()
		}
	}
	return b, err
}
