package sink

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"net/smtp"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mailmill/loadgen/transport"
)

// transports are those that carry sessions over sockets here.
func transports() map[string]func() (transport.Transport, error) {
	all := map[string]func() (transport.Transport, error){
		"goroutines": func() (transport.Transport, error) { return transport.NewGoroutines(transport.Options{}), nil },
	}
	if runtime.GOOS == "linux" {
		all["epoll"] = func() (transport.Transport, error) { return transport.NewEpoll(transport.Options{Loops: 2}) }
	}
	return all
}

// serve runs a sink on a loopback port until the test ends.
func serve(t *testing.T, k *Sink, make func() (transport.Transport, error)) string {
	t.Helper()
	tr, err := make()
	if err != nil {
		t.Fatal(err)
	}
	l, err := tr.Listen(transport.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:0")}, k.Accept)
	if err != nil {
		t.Fatal(err)
	}
	ran := startRun(tr)
	t.Cleanup(func() {
		tr.Stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		k.Close()
	})
	return l.Endpoint().String()
}

func startRun(tr transport.Transport) <-chan error {
	ran := make(chan error, 1)
	go func() { ran <- tr.Run() }()
	return ran
}

// eachTransport runs a test over each transport, and looks for what it left behind.
func eachTransport(t *testing.T, test func(t *testing.T, make func() (transport.Transport, error))) {
	for name, make := range transports() {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, before) })
			test(t, make)
		})
	}
}

// A wire is a talker over a socket.
type wire struct {
	conn    net.Conn
	in      *bufio.Reader
	secured error
}

// errNoHandshake stands for there having been none.
var errNoHandshake = errors.New("no handshake")

func connect(t *testing.T, address string) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return &wire{conn: conn, in: bufio.NewReader(conn), secured: errNoHandshake}
}

func (w *wire) say(octets string) {
	if octets == "@TLS" {
		w.secured = w.handshake(&tls.Config{InsecureSkipVerify: true})
		return
	}
	w.conn.Write([]byte(octets)) // an error shows as EOF
}

// handshake puts TLS over the connection.
func (w *wire) handshake(c *tls.Config) error {
	w.conn.SetDeadline(time.Now().Add(10 * time.Second))
	conn := tls.Client(w.conn, c)
	err := conn.Handshake()
	w.conn, w.in = conn, bufio.NewReader(conn)
	return err
}

func (w *wire) reply(mayBeNone bool) string {
	if w.secured != errNoHandshake {
		err := w.secured
		w.secured = errNoHandshake
		if err != nil {
			return err.Error()
		}
		return "TLSOK"
	}
	wait := 10 * time.Second
	if mayBeNone {
		wait = 50 * time.Millisecond
	}
	w.conn.SetReadDeadline(time.Now().Add(wait))
	for {
		line, err := w.in.ReadString('\n')
		if e, ok := err.(net.Error); ok && e.Timeout() {
			return "NONE"
		}
		if err != nil {
			return "EOF"
		}
		if len(line) > 3 && line[3] == ' ' {
			return line[:3]
		}
	}
}

func TestVectorsHoldOverSockets(t *testing.T) {
	vectors := loadVectors(t)
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		addresses := map[bool]string{}
		for _, lmtp := range []bool{false, true} {
			config := vectorConfig(t)
			config.LMTP = lmtp
			addresses[lmtp] = serve(t, newSink(t, config), make)
		}
		var all sync.WaitGroup
		for _, v := range vectors {
			all.Go(func() {
				w := connect(t, addresses[v.lmtp()])
				defer w.conn.Close()
				replay(t, v, w)
			})
		}
		all.Wait()
	})
}

// The standard library's client is a peer that shares no code with the sink.
func TestForeignClientDelivers(t *testing.T) {
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		const clients, each = 8, 20
		d := &Maildir{Root: t.TempDir()}
		k := newSink(t, Config{Store: d, ExitAfter: clients * each, StoreMemory: largeChunk})
		address := serve(t, k, make)
		body := []byte("Subject: x\r\n\r\n.dot\r\n" + strings.Repeat("0123456789abcdef\r\n", 6000))
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				for range each {
					if err := smtp.SendMail(address, nil, "s@example.com", []string{"r@example.com"}, body); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		within10s(t, k.Done())
		got := stored(t, filepath.Join(d.Root, "r@example.com"))
		if len(got) != clients*each {
			t.Fatalf("%d messages stored of %d", len(got), clients*each)
		}
		for _, m := range got {
			if !strings.HasSuffix(m, "\n\n"+strings.ReplaceAll(string(body[len("Subject: x\r\n\r\n"):]), "\r\n", "\n")) {
				t.Fatalf("stored %.300q", m)
			}
		}
		if n := k.Counters(); n.Messages != clients*each || n.Replies["221"] != clients*each || n.Broken != 0 {
			t.Errorf("counters %+v", n)
		}
	})
}

// A client that pipelines without reading must neither take memory nor be given up before
// its time-out, and gets all replies when it reads at last.
func TestFloodOverSockets(t *testing.T) {
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		const commands = 300_000
		address := serve(t, newSink(t, Config{}), make)
		w := connect(t, address)
		defer w.conn.Close()
		sent := goWrite(w.conn, strings.Repeat("NOOP\r\n", commands)+"QUIT\r\n")
		time.Sleep(50 * time.Millisecond)
		counts := map[string]int{}
		for code := ""; code != "EOF" && code != "NONE"; {
			code = w.reply(false)
			counts[code]++
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		if counts["250"] != commands || counts["221"] != 1 {
			t.Errorf("replies %v", counts)
		}
	})
}

func goWrite(conn net.Conn, s string) <-chan error {
	sent := make(chan error, 1)
	go func() {
		_, err := conn.Write([]byte(s))
		sent <- err
	}()
	return sent
}

func TestBehavioursOverSockets(t *testing.T) {
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		const delay = 30 * time.Millisecond
		k := newSink(t, Config{Behaviours: parseBehaviours(t,
			"mail: delay 30ms", "vrfy: drop", "expn: reset", "help: 421 4.3.2 Enough", "noop: silence")})
		address := serve(t, k, make)
		begin := time.Now()
		for command, want := range map[string]string{
			"MAIL FROM:<s@example.com>": "250", "VRFY x": "EOF", "EXPN x": "EOF", "HELP": "421", "NOOP": "NONE",
		} {
			w := connect(t, address)
			w.reply(false)
			w.say("HELO client.example\r\n" + command + "\r\n")
			w.reply(false)
			if got := w.reply(want == "NONE"); got != want {
				t.Errorf("%s: %s, want %s", command, got, want)
			}
			if command == "HELP" && w.reply(false) != "EOF" {
				t.Error("open after 421")
			}
			w.conn.Close()
		}
		if d := time.Since(begin); d < delay {
			t.Errorf("a delay of %v took %v", delay, d)
		}
	})
}
