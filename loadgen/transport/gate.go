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
// the kernel does not take within patience is kept, already protected, for
// a goroutine that may wait.
type gate struct {
	net.Conn
	tls    *tls.Conn
	before []byte // read first: octets of the handshake that arrived early

	mu      sync.Mutex
	waiting bool // Write waits for as long as it takes
	kept    []byte
}

// newGate returns a gate that waits, as a handshake may.
func newGate(c net.Conn, before []byte) *gate {
	return &gate{Conn: c, before: before, waiting: true}
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
	switch {
	case len(g.kept) > 0:
		g.kept = append(g.kept, b...)
		return len(b), nil
	case g.waiting:
		return g.Conn.Write(b)
	}
	g.Conn.SetWriteDeadline(time.Now().Add(patience))
	n, err := g.Conn.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		g.kept = append(g.kept, b[n:]...)
		return len(b), nil
	}
	return n, err
}

// SetDeadline and SetWriteDeadline are the gate's own business, not the tls.Conn's.
func (g *gate) SetDeadline(time.Time) error      { return nil }
func (g *gate) SetWriteDeadline(time.Time) error { return nil }

// patient says whether writes wait for as long as it takes, or keep what does
// not fit. Only the routine's goroutine calls it with true, before it starts a
// writer: so a deadline that is set to stop the writer is not undone by it.
func (g *gate) patient(yes bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = yes
	if yes {
		g.Conn.SetWriteDeadline(time.Time{})
	}
}

// empty reports whether all that was written has gone.
func (g *gate) empty() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.kept) == 0
}

// send protects b and sends what fits.
func (g *gate) send(b []byte) error {
	_, err := g.tls.Write(b)
	return err
}

// sendAll sends what was kept, then b. The gate is patient until it returns.
func (g *gate) sendAll(b []byte) error {
	defer g.patient(false)
	if err := g.flush(); err != nil {
		return err
	}
	return g.send(b)
}

func (g *gate) flush() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, err := g.Conn.Write(g.kept)
	g.kept = nil
	return err
}

// farewell sends close_notify, if it fits.
func (g *gate) farewell() { g.tls.CloseWrite() }
