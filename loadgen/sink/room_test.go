package sink

import (
	"errors"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"mailmill/loadgen/transport"
)

// greets reports whether a connection is greeted soon.
func greets(t *testing.T, c net.Conn, soon time.Duration) bool {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(soon))
	_, err := c.Read(make([]byte, 512))
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return err == nil
}

// A sink with room for one session leaves the next connections in the system's queue, and takes them in their turn.
// Where the queue is full, the system answers nobody.
func TestConnectionsWaitForRoom(t *testing.T) {
	for name := range transports() {
		t.Run(name, func(t *testing.T) {
			k := newSink(t, Config{MaxAccepted: 1})
			address := serve(t, k, func() (transport.Transport, error) {
				return transport.New(name, transport.Options{Loops: 1, Backlog: 1, Room: k.Room})
			})
			var conns []net.Conn
			for range 3 { // a queue of 1 holds 2
				c, err := net.DialTimeout("tcp", address, 10*time.Second)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if conns = append(conns, c); len(conns) == 1 && !greets(t, c, 10*time.Second) {
					t.Fatal("the first session is not greeted")
				}
			}
			if greets(t, conns[1], 150*time.Millisecond) {
				t.Error("a second session is greeted where there is room for one")
			}
			if runtime.GOOS == "linux" {
				if c, err := net.DialTimeout("tcp", address, 150*time.Millisecond); err == nil {
					c.Close()
					t.Error("a fourth connection finds the queue not full")
				}
			}
			if n := k.Counters(); n.Sessions != 1 {
				t.Errorf("%d sessions, want one", n.Sessions)
			}
			for i, c := range conns[:2] {
				c.Write([]byte("QUIT\r\n"))
				c.Close()
				if !greets(t, conns[i+1], 10*time.Second) {
					t.Errorf("session %d is not greeted when there is room", i+2)
				}
			}
		})
	}
}
