package transport

import (
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
)

var anyPort = Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:0")}

// An exchange plays both sides of lines and their echoes. It makes nothing on the heap.
type exchange struct {
	to     *Endpoint // the client's
	left   int
	during func(left int)
}

func (x *exchange) Handle(e *Event) Action {
	switch e.Kind {
	case Started:
		if x.to != nil {
			return Action{Do: Dial, Dial: x.to}
		}
	case Opened:
		if x.to != nil {
			return Action{Do: Write, Head: append(e.Scratch, "line\n"...)}
		}
	case Received:
		return x.received(e)
	case Ended:
		return Action{Do: Close}
	case Closed, Broken:
		return Action{Do: Done}
	}
	return Action{}
}

func (x *exchange) received(e *Event) Action {
	if x.to != nil {
		x.during(x.left)
		if x.left--; x.left == 0 {
			return Action{Do: Close, Taken: len(e.In)}
		}
	}
	// The time-out moves away with each step, as that of a session does.
	return Action{Do: Write, Head: append(e.Scratch, e.In...), Taken: len(e.In), Until: e.Now.Add(time.Minute)}
}

// play runs a client and a server over tr.
func (x *exchange) play(t testing.TB, tr Transport) {
	t.Helper()
	l, err := tr.Listen(anyPort, func(int, *Peer) Conversation { return &exchange{} })
	if err != nil {
		t.Fatal(err)
	}
	to := l.Endpoint()
	x.to = &to
	tr.Start(0, speaker(func(e *Event) Action {
		a := x.Handle(e)
		if a.Do == Done {
			l.Close()
		}
		return a
	}))
	if err := tr.Run(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkExchange is a line and its echo.
func BenchmarkExchange(b *testing.B) {
	opens := map[string]func() Transport{
		"goroutines": func() Transport { return NewGoroutines(Options{}) },
		"simulated":  func() Transport { return NewSimulated(SimulatedOptions{}) },
	}
	for name, open := range opens {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			x := &exchange{left: b.N, during: func(int) {}}
			x.play(b, open())
		})
	}
}

// TestAdoptAfterStop: a connection that comes too late is closed.
func TestAdoptAfterStop(t *testing.T) {
	g := NewGoroutines(Options{}).(*goroutines)
	g.Stop()
	near, far := net.Pipe()
	if w := g.adopt(handover{conn: near, conversation: &exchange{}}); w != nil {
		t.Error("a transport that was stopped takes a conversation over")
	}
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("reading from the other end: %v, want EOF", err)
	}
}

// TestRunOnce: a second Run is an error.
func TestRunOnce(t *testing.T) {
	for _, tr := range []Transport{NewGoroutines(Options{}), NewSimulated(SimulatedOptions{})} {
		if err := tr.Run(); err != nil {
			t.Errorf("%s: the first Run: %v", tr.Name(), err)
		}
		if tr.Run() == nil {
			t.Errorf("%s: the second Run is no error", tr.Name())
		}
	}
}
