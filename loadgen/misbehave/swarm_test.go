package misbehave

import (
	"net"
	"net/netip"
	"net/textproto"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"mailmill/loadgen/manners"
	"mailmill/loadgen/sink"
	"mailmill/loadgen/transport"
)

// Ten thousand sessions of bad clients, over sockets and all kinds at the same time, and the sink answers as before,
// has kept nothing of them, and leaves no descriptor and no goroutine behind.
func TestTenThousandHostileSessions(t *testing.T) {
	const sessions = 10_000
	defer goleak.VerifyNone(t)
	files := openFiles()
	heap := heapInUse()

	server, err := transport.New("auto", transport.Options{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	const short = 100 * time.Millisecond
	k, l := listening(t, server, sink.Config{CommandTimeout: short, DataTimeout: short, WriteTimeout: short, MaxErrors: 5, MaxSize: 64 << 10, MaxSessions: -1})
	var group errgroup.Group
	group.Go(server.Run)

	client, err := transport.New("auto", transport.Options{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	crowd := New(swarm(t, client, l.Endpoint()))
	for _, c := range crowd.Clients() {
		client.Start(0, c)
	}
	group.Go(client.Run)
	most := uint64(0)
	for end := time.Now().Add(time.Minute); begun(crowd) < sessions && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
		most = max(most, heapInUse())
	}
	crowd.Dismiss()
	answers(t, l.Endpoint())
	for end := time.Now().Add(10 * time.Second); k.Counters().Active > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	n := k.Counters()
	server.Stop()
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	if begun(crowd) < sessions || n.Active != 0 {
		t.Errorf("%d sessions were begun, %d are open at the sink: %+v", begun(crowd), n.Active, n.Tallies)
	}
	for _, tally := range crowd.Tallies() {
		if tally.Sessions == 0 || tally.Endings[Local] > 0 {
			t.Errorf("%v: %s", tally.Manner, told(tally))
		}
	}
	if left := openFiles(); left > files {
		t.Errorf("%d descriptors are open, before there were %d", left, files)
	}
	const allowed = 64 << 20
	if now := heapInUse(); most > heap+allowed || now > heap+allowed/4 {
		t.Errorf("%d octets of memory were in use at most, and %d at the end; before there were %d", most, now, heap)
	}
}

// swarm is twenty clients of each kind, and of each step to drop at, who hardly pause.
func swarm(t *testing.T, tr transport.Transport, to transport.Endpoint) Config {
	texts := []string{"early-talker", "slow-writer=100", "slow-reader", "half-open", "silent", "no-quit", "long-line=100000", "bare-lf", "pipeline",
		"endless-content=1000000", "bad-syntax"}
	for _, step := range manners.StepNames() {
		texts = append(texts, "drop="+step, "reset="+step)
	}
	for i := range texts {
		texts[i] += "@20"
	}
	c := config(t, texts...)
	c.Begin, c.Every = tr.Now(), 50*time.Millisecond
	c.Servers = nil
	for last := range byte(8) { // as many source addresses, so that ports do not run out
		from := to
		from.Local = netip.AddrFrom4([4]byte{127, 0, 0, 1 + last})
		c.Servers = append(c.Servers, Server{Endpoints: []transport.Endpoint{from}})
	}
	return c
}

func begun(c *Crowd) (sessions int64) {
	for _, t := range c.Tallies() {
		sessions += t.Sessions
	}
	return sessions
}

// answers holds a session as it should be.
func answers(t *testing.T, at transport.Endpoint) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", at.Addr.String(), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	text := textproto.NewConn(conn)
	for _, turn := range []struct {
		say  string
		want int
	}{{"", 220}, {"EHLO good.example.com", 250}, {"MAIL FROM:<a@example.com>", 250}, {"RCPT TO:<b@example.com>", 250}, {"DATA", 354},
		{"Subject: x\r\n\r\nx\r\n.", 250}, {"QUIT", 221}} {
		if turn.say != "" {
			text.PrintfLine("%s", turn.say)
		}
		if _, reply, err := text.ReadResponse(turn.want); err != nil {
			t.Fatalf("to %q the sink said %q: %v", turn.say, reply, err)
		}
	}
}

// heapInUse is the memory that cannot be collected.
func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
