package transport

import (
	"crypto/tls"
	"net/netip"
	"time"

	"mailmill/loadgen/timing"
)

// A Transport drives conversations until all of them are Done.
//
// Start, Listen, Now and Wake may be called from any goroutine at any time.
type Transport interface {
	// Name is epoll, goroutines or simulated.
	Name() string
	// Loops is the number of event loops. Conversations of one loop never run at
	// the same time on epoll and in simulation; on goroutines they may, so what
	// conversations share needs a lock of its own.
	Loops() int
	// Now reads the transport's clock.
	Now() timing.Instant
	// Start gives a conversation to a loop (0 <= loop < Loops). Its first event
	// is Started.
	Start(loop int, c Conversation)
	// Listen accepts connections on e. For each one, accept is called on the loop
	// that will drive it and returns its conversation, which is given Started and
	// then Opened; nil refuses the connection (it is closed at once).
	Listen(e Endpoint, accept func(loop int, p *Peer) Conversation) (Listener, error)
	// Run drives conversations and listeners until Stop is called, or, if there is
	// no open listener, until every conversation is Done. It may be called once.
	// On return no socket, goroutine or thread of the transport is left.
	Run() error
	// Stop makes Run return soon: listeners are closed, conversations get no
	// further event, connections are closed at once.
	Stop()
	// Stats reports the work of the loops so far.
	Stats() Stats
}

// A Listener is a bound address on which connections are accepted.
type Listener interface {
	// Endpoint is the bound address, with the port that was chosen for port 0.
	Endpoint() Endpoint
	// Close stops accepting. Conversations already accepted go on.
	Close() error
}

// An Endpoint is an address to dial or to listen on: TCP if Addr is valid, else
// the UNIX socket at Path.
type Endpoint struct {
	Addr netip.AddrPort
	Path string
	// Local is the source address to bind before dialing; invalid: the system chooses.
	Local netip.Addr
}

// String returns the address as "127.0.0.1:25", "[::1]:25" or "unix:/path".
func (e Endpoint) String() string {
	if e.Path != "" {
		return "unix:" + e.Path
	}
	return e.Addr.String()
}

// A Peer describes an open connection. Local of a dialed one holds the source
// address if one was asked for; its port is not looked up.
type Peer struct {
	Local, Remote Endpoint
	TLS           *tls.ConnectionState // nil before Secured
}

// Options are the settings that all transports share. The zero value is usable.
type Options struct {
	// Loops is the number of event loops; 0 lets the transport choose.
	Loops int
	// Dials caps the connection attempts in flight over all loops; 0 is 256. A full
	// SYN queue makes the kernel back off, and then the back-off is measured.
	Dials int
	// Spin makes event loops poll without ever blocking.
	Spin bool
	// QuickAck sets TCP_QUICKACK before each read (Linux; costs 1.4 times the CPU).
	QuickAck bool
	// Linger0 closes connections with RST, so that no TIME_WAIT holds the port.
	Linger0 bool
	// Backlog is how many connections may wait to be accepted on each socket that listens; 0 is as many as
	// the system allows. Beyond them the system answers no attempt. It is kept on Linux alone.
	Backlog int
	// Room is asked before each connection is accepted, by several goroutines at once; nil is always. While
	// it says no, connections wait, and it is asked again some twenty times a second.
	Room func() bool
	// Allow is asked for every address before it is dialed; nil allows all. Its
	// error becomes the text of a Local fault.
	Allow func(Endpoint) error
}

// Stats are figures of a transport since it began.
type Stats struct {
	Loops []LoopStats
}

// LoopStats are the figures of one loop.
type LoopStats struct {
	// Busy is the time not spent waiting for something to happen.
	Busy time.Duration
	// Waits counts the waits; Events the conversations' events.
	Waits, Events uint64
}
