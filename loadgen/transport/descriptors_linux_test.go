package transport

import (
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// TestAcceptOutlivesEMFILE: a listener that runs out of descriptors goes on
// when there are some again.
func TestAcceptOutlivesEMFILE(t *testing.T) {
	for _, name := range []string{"goroutines", "epoll"} {
		t.Run(name, func(t *testing.T) {
			tr, err := New(name, Options{Loops: 1})
			if err != nil {
				t.Fatal(err)
			}
			opened := make(chan struct{}, 8)
			l, err := tr.Listen(anyPort, func(int, *Peer) Conversation {
				return speaker(func(e *Event) Action {
					if e.Kind == Opened {
						opened <- struct{}{}
					}
					return Action{}
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- tr.Run() }()
			connectWithoutDescriptors(t, l.Endpoint().Addr, 3, func() {
				time.Sleep(100 * time.Millisecond)
				if len(opened) > 0 {
					t.Error("a connection was accepted without a descriptor for it")
				}
			})
			for range 3 {
				select {
				case <-opened:
				case <-time.After(10 * time.Second):
					t.Error("no connection is accepted any more")
				}
			}
			tr.Stop()
			if err := <-ended; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
}

// connectWithoutDescriptors connects n sockets while the process can open no
// further descriptor, and calls f before it can again.
func connectWithoutDescriptors(t *testing.T, to netip.AddrPort, n int, f func()) {
	t.Helper()
	var sockets []int
	for range n {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Close(fd) })
		sockets = append(sockets, fd)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	free, err := syscall.Dup(sockets[0]) // the lowest number that is free
	if err != nil {
		t.Fatal(err)
	}
	syscall.Close(free)
	none := limit
	none.Cur = uint64(free)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	for _, fd := range sockets {
		if err := syscall.Connect(fd, &syscall.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())}); err != nil {
			t.Errorf("connect: %v", err)
		}
	}
	f()
}
