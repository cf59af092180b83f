package transport

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"

	"mailmill/loadgen/timing"
)

// pair returns an open connection of a loop, and the descriptor of its peer.
func pair(t *testing.T, l *loop) (*conn, int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fds[0]) })
	c := l.newConn(speaker(func(*Event) Action { return Action{} }))
	c.fd, c.state, c.peer.Remote.Path = int32(fds[0]), connOpen, "a pair"
	if err := c.occupy(inEdges); err != nil {
		t.Fatal(err)
	}
	return c, fds[1]
}

func testLoop(t *testing.T) *loop {
	t.Helper()
	tr, err := NewEpoll(Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := tr.(*epoll).loops[0]
	t.Cleanup(l.close)
	return l
}

// TestWritesLeaveTogether: of writes that leave in one system call, each has its own end.
func TestWritesLeaveTogether(t *testing.T) {
	l := testLoop(t)
	fits, fitsPeer := pair(t, l)
	gone, gonePeer := pair(t, l)
	full, fullPeer := pair(t, l)
	last, lastPeer := pair(t, l)
	defer unix.Close(fitsPeer)
	defer unix.Close(fullPeer)
	defer unix.Close(lastPeer)
	unix.Close(gonePeer)
	for junk := make([]byte, 64<<10); ; {
		if _, err := unix.Write(int(full.fd), junk); err != nil {
			break
		}
	}
	for _, c := range []*conn{fits, gone, full, last} {
		c.write(&Action{Head: []byte("one"), Body: []byte(" two")})
		if !c.queued {
			t.Fatal("a short write was not queued")
		}
	}
	l.submit()
	const said = "one two"
	for _, test := range []struct {
		name   string
		peer   int
		conn   *conn
		heard  string
		left   string
		failed bool
	}{
		{"a write that fits", fitsPeer, fits, said, "", false},
		{"a write to a peer that has gone", -1, gone, "", "", true},
		{"a write to a full socket", -1, full, "", said, false},
		{"a write behind those that failed", lastPeer, last, said, "", false},
	} {
		heard := make([]byte, 64)
		n, _ := unix.Read(test.peer, heard)
		if got := string(heard[:max(0, n)]); got != test.heard {
			t.Errorf("%s: the peer heard %q, want %q", test.name, got, test.heard)
		}
		c := test.conn
		if string(c.head)+string(c.body) != test.left || c.failed != test.failed || c.queued {
			t.Errorf("%s: %q is left, failed %t, queued %t", test.name, string(c.head)+string(c.body), c.failed, c.queued)
		}
	}
	if gone.fault.Kind != timing.Reset && gone.fault.Kind != timing.ClosedEarly {
		t.Errorf("the peer that has gone is the fault %v", gone.fault)
	}
	if l.queue.context == 0 {
		t.Error("the writes did not leave in one system call")
	}
}

// TestQueueHasRoom: whatever is queued, a conversation has the room that it is promised, and what does not
// fit leaves at once.
func TestQueueHasRoom(t *testing.T) {
	l := testLoop(t)
	for _, size := range []int{3, 4 << 10, coalesceLimit, 20 << 10} {
		for range 2 * submitMost {
			c, peer := pair(t, l)
			defer unix.Close(peer)
			c.write(&Action{Head: bytes.Repeat([]byte("h"), size)})
			if room := cap(l.scratch) - l.used; room < leastScratch {
				t.Fatalf("%d octets of scratch are left", room)
			}
			if c.failed || c.writing() {
				t.Fatalf("a write of %d octets did not fit", size)
			}
		}
		l.submit()
		l.queue.n, l.queue.left = 0, 0
	}
}
