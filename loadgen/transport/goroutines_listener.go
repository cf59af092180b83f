package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// A netListener accepts for the goroutines transport.
type netListener struct {
	net.Listener
	g      *goroutines
	at     Endpoint
	accept func(loop int, p *Peer) Conversation
	once   sync.Once
	unhook func() bool // from Stop
}

func (g *goroutines) Listen(at Endpoint, accept func(loop int, p *Peer) Conversation) (Listener, error) {
	config := net.ListenConfig{KeepAlive: -1}
	config.SetMultipathTCP(false)
	network, address := "tcp", at.Addr.String()
	if !at.Addr.IsValid() {
		network, address = "unix", at.Path
	}
	inner, err := config.Listen(g.context, network, address)
	if err != nil {
		return nil, err
	}
	if g.options.Backlog > 0 {
		setBacklog(inner, g.options.Backlog)
	}
	l := &netListener{Listener: inner, g: g, at: at, accept: accept}
	if at.Addr.IsValid() {
		port := inner.Addr().(*net.TCPAddr).AddrPort().Port()
		l.at.Addr = netip.AddrPortFrom(at.Addr.Addr(), port)
	}
	l.unhook = context.AfterFunc(g.context, func() { l.Close() })
	if !g.begin(l.serve) {
		inner.Close()
		return nil, net.ErrClosed
	}
	return l, nil
}

func (l *netListener) Endpoint() Endpoint { return l.at }

func (l *netListener) Close() error {
	err := error(nil)
	l.once.Do(func() { err = l.Listener.Close() })
	return err
}

// serve accepts until the listener is closed. Every other error passes: when
// descriptors run out, sessions that end free some.
func (l *netListener) serve() error {
	defer l.g.ended()
	defer l.unhook()
	pause := acceptPauses[0]
	for {
		for room := l.g.options.Room; room != nil && !room() && l.g.context.Err() == nil; {
			l.pause(roomPause)
		}
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			pause = acceptPauses[0]
			l.welcome(conn)
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			l.pause(pause)
			pause = min(2*pause, acceptPauses[1])
		}
	}
}

// acceptPauses are the shortest and the longest pause after an accept that failed.
var acceptPauses = [2]time.Duration{5 * time.Millisecond, 500 * time.Millisecond}

// roomPause is the time between two questions whether there is room.
const roomPause = 50 * time.Millisecond

func (l *netListener) pause(d time.Duration) {
	select {
	case <-l.g.context.Done():
	case <-time.After(d):
	}
}

// welcome gives an accepted connection to a goroutine of its own.
func (l *netListener) welcome(conn net.Conn) {
	loop := int(l.g.next.Add(1)) % len(l.g.books)
	peer := peerOf(conn)
	c := l.accept(loop, peer) // here, so that it is known of before Room is asked again
	if c == nil {
		conn.Close()
		return
	}
	taken := l.g.begin(func() error {
		r := l.g.newRoutine(loop, c)
		return r.live(func() { r.greet(conn, peer) })
	})
	if !taken {
		conn.Close()
	}
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
