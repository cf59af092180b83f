package sink

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A vandal is one hostile session: it sends octets in pieces, and then stays, goes or breaks off.
type vandal struct {
	to     *transport.Endpoint
	pieces [][]byte
	how    transport.Closing
	stays  bool
}

// Handle implements transport.Conversation.
func (v *vandal) Handle(e *transport.Event) transport.Action {
	switch e.Kind {
	case transport.Started:
		return transport.Action{Do: transport.Dial, Dial: v.to}
	case transport.Opened, transport.Written:
		return v.next(e.Now)
	case transport.Received:
		return transport.Action{Taken: len(e.In), Until: e.Now.Add(time.Hour)}
	case transport.Expired, transport.Ended:
		return transport.Action{Do: transport.Close, How: v.how}
	}
	return transport.Action{Do: transport.Done}
}

func (v *vandal) next(now timing.Instant) transport.Action {
	if len(v.pieces) == 0 {
		if v.stays {
			return transport.Action{Until: now.Add(time.Hour)}
		}
		return transport.Action{Do: transport.Close, How: v.how}
	}
	piece := v.pieces[0]
	v.pieces = v.pieces[1:]
	return transport.Action{Do: transport.Write, Head: piece, Notify: true}
}

// weapons are what vandals send pieces of.
var weapons = []string{
	"", "EHLO x\r\n", "EHLO x\r\n" + envelope + "DATA\r\n", "x\r\n.\r\n", "BDAT 999999\r\n", "BDAT -1\r\n", "STARTTLS\r\n", "STARTTLS\r\nNOOP\r\n",
	"\x16\x03\x01\x00\x05hello", "AUTH LOGIN\r\n", "AUTH SCRAM-SHA-1\r\n", "=\r\n", "GET / HTTP/1.1\r\n", "\r\n.\r\n", "\x00\xff\n\r\r\n",
	strings.Repeat("NOOP\r\n", 500), strings.Repeat("x", 9000), "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "QUIT\r\n", "XCLIENT ADDR=\r\n",
}

func newVandal(r *rand.Rand, to *transport.Endpoint) *vandal {
	v := &vandal{to: to, how: []transport.Closing{transport.Polite, transport.Now, transport.Reset}[r.IntN(3)], stays: r.IntN(4) == 0}
	for range r.IntN(6) {
		v.pieces = append(v.pieces, []byte(weapons[r.IntN(len(weapons))]))
	}
	return v
}

// Ten thousand hostile sessions, in virtual time, and the sink has forgotten them all and answers.
func TestSwarmOfHostileSessions(t *testing.T) {
	const sessions = 10_000
	config := hostileConfig()
	config.Store = nil
	k := newSink(t, config)
	tr := transport.NewSimulated(transport.SimulatedOptions{Seed: 1})
	l, err := tr.Listen(transport.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:0")}, k.Accept)
	if err != nil {
		t.Fatal(err)
	}
	to := l.Endpoint()
	r := rand.New(rand.NewPCG(1, 2))
	for range sessions {
		tr.Start(0, newVandal(r, &to))
	}
	ran := startRun(tr)
	for end := time.Now().Add(20 * time.Second); k.Counters().Sessions < sessions || k.Counters().Active > 0; {
		if time.Now().After(end) {
			t.Fatalf("counters %+v", k.Counters())
		}
		time.Sleep(time.Millisecond)
	}
	tr.Stop()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	hello(t, k).transact("x\r\n")
	if n := k.Counters(); n.Sessions != sessions+1 || n.Active != 1 || n.TLSFailures == 0 || n.StartTLSInjections == 0 || n.Timeouts == 0 || n.Broken == 0 {
		t.Errorf("counters %+v", n.Tallies)
	}
}
