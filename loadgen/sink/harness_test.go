package sink

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A client is the other end of one session: it plays the transport, in memory and
// without a clock, and holds the session to the seam's contract.
type client struct {
	t    *testing.T
	conv transport.Conversation
	peer transport.Peer
	now  timing.Instant

	unread  []byte // sent by the client, not yet taken
	out     []byte // said by the session, not yet looked at
	scratch []byte
	deaf    bool
	until   timing.Instant
	held    bool // writes do not fit until release is called
	writing bool
	ended   bool
	closed  bool
	how     transport.Closing
	writes  int
	wakes   chan struct{}
}

func newSink(t *testing.T, c Config) *Sink {
	t.Helper()
	if c.Hostname == "" {
		c.Hostname = "sink.example"
	}
	k, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

// dial opens a session, up to and including what the sink does unasked.
func dial(t *testing.T, k *Sink) *client {
	c := newClient(t, k)
	c.open()
	return c
}

func newClient(t *testing.T, k *Sink) *client {
	c := &client{t: t, now: 1e9, scratch: make([]byte, 0, 4096), wakes: make(chan struct{}, 1)}
	c.peer.Remote = transport.Endpoint{Addr: netip.MustParseAddrPort("192.0.2.1:4321")}
	c.conv = k.Accept(0, &c.peer)
	return c
}

// from makes the client come from another address; "" is a UNIX socket.
func (c *client) from(address string) {
	c.peer.Remote = transport.Endpoint{Path: "/run/sink"}
	if address != "" {
		c.peer.Remote = transport.Endpoint{Addr: netip.MustParseAddrPort(address)}
	}
}

func (c *client) open() {
	c.event(transport.Event{Kind: transport.Started, Waker: c})
	c.event(transport.Event{Kind: transport.Opened, Peer: &c.peer})
}

// Wake implements transport.Waker.
func (c *client) Wake() {
	select {
	case c.wakes <- struct{}{}:
	default:
	}
}

// woken waits for a Wake and delivers it.
func (c *client) woken() {
	c.t.Helper()
	select {
	case <-c.wakes:
		c.event(transport.Event{Kind: transport.Woken})
	case <-time.After(10 * time.Second):
		c.t.Fatal("no Wake within 10 s")
	}
}

// event delivers an event and carries out what comes of it.
func (c *client) event(e transport.Event) {
	for again := true; again && !c.closed; {
		e.Now, e.In, e.Scratch = c.now, c.unread, c.scratch[:0]
		if e.Kind != transport.Received && e.Kind != transport.Ended {
			c.deaf = false
		}
		if e.Kind == transport.Written {
			c.writing = false
		}
		a := c.conv.Handle(&e)
		if a.Taken < 0 || a.Taken > len(e.In) {
			c.t.Fatalf("took %d of %d octets", a.Taken, len(e.In))
		}
		c.unread = c.unread[a.Taken:]
		c.deaf, c.until = a.Deaf, a.Until
		e, again = c.act(a)
		if !again && a.Taken > 0 && len(c.unread) > 0 && !c.deaf {
			e, again = transport.Event{Kind: transport.Received}, true
		}
	}
}

func (c *client) act(a transport.Action) (next transport.Event, again bool) {
	switch a.Do {
	case transport.Write:
		if c.writing {
			c.t.Fatal("a Write before the last one was finished")
		}
		if !a.Notify {
			c.t.Fatal("a Write without Notify")
		}
		c.writes++
		c.out = append(append(c.out, a.Head...), a.Body...)
		c.writing = true
		return transport.Event{Kind: transport.Written}, !c.held
	case transport.StartTLS:
		if len(c.unread) > 0 {
			c.t.Fatalf("a handshake begins over %q", c.unread)
		}
		c.peer.TLS = &tls.ConnectionState{HandshakeComplete: true}
		return transport.Event{Kind: transport.Secured, Peer: &c.peer}, true
	case transport.Close:
		c.how = a.How
		return transport.Event{Kind: transport.Closed}, true
	case transport.Done:
		c.closed = true
	}
	return next, false
}

// send gives octets to the session, all in one piece, as a kernel would that has them.
func (c *client) send(s string) {
	c.unread = append(bytes.Clone(c.unread), s...)
	c.receive()
}

func (c *client) receive() {
	if !c.deaf && !c.closed && len(c.unread) > 0 {
		c.event(transport.Event{Kind: transport.Received})
	}
}

// trickle sends one octet at a time.
func (c *client) trickle(s string) {
	for i := range len(s) {
		c.send(s[i : i+1])
	}
}

// hangUp sends FIN.
func (c *client) hangUp() {
	c.ended = true
	if !c.deaf && !c.closed {
		c.event(transport.Event{Kind: transport.Ended})
	}
}

// release lets an unfinished write finish.
func (c *client) release() {
	c.held = false
	if c.writing {
		c.event(transport.Event{Kind: transport.Written})
	}
	c.receive()
}

// wait lets time pass, in which the timer may fire.
func (c *client) wait(d time.Duration) {
	for end := c.now.Add(d); ; {
		if c.closed || c.until == 0 || c.until > end {
			c.now = end
			return
		}
		c.now = max(c.now, c.until)
		c.event(transport.Event{Kind: transport.Expired})
		c.receive()
	}
}

// said returns what the session said since the last call.
func (c *client) said() string {
	s := string(c.out)
	c.out = c.out[:0]
	return s
}

// expect compares what was said, by prefix of each reply's last line.
func (c *client) expect(codes ...string) {
	c.t.Helper()
	lines := finalLines(c.said())
	ok := len(lines) == len(codes)
	for i := 0; ok && i < len(codes); i++ {
		ok = len(lines[i]) >= len(codes[i]) && lines[i][:len(codes[i])] == codes[i]
	}
	if !ok {
		c.t.Fatalf("said %q, want replies %q", lines, codes)
	}
}

// finalLines returns the last line of each reply.
func finalLines(s string) (lines []string) {
	for _, line := range bytes.Split([]byte(s), []byte("\r\n")) {
		if len(line) >= 4 && line[3] == ' ' {
			lines = append(lines, string(line))
		}
	}
	return lines
}

// transact sends one message and checks that it is accepted.
func (c *client) transact(body string) {
	c.t.Helper()
	c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
	c.expect("250 2.1.0", "250 2.1.5", "354 ")
	c.send(body + ".\r\n")
	c.expect("250 2.0.0")
}

func hello(t *testing.T, k *Sink) *client {
	t.Helper()
	c := dial(t, k)
	c.send("EHLO client.example\r\n")
	c.expect("220 ", "250 ")
	return c
}

func parseBehaviours(t *testing.T, lines ...string) (all []Behaviour) {
	t.Helper()
	for _, line := range lines {
		b, err := ParseBehaviour(line)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

func (c *client) String() string { return fmt.Sprintf("%q", c.out) }
