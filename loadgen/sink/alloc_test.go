package sink

import (
	"testing"
	"unsafe"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// pieces are a mail transaction as pipelining clients send it, in the pieces in
// which it arrives.
var pieces = [][]byte{
	[]byte("MAIL FROM:<s@example.com> SIZE=40\r\nRCPT TO:<r@example.com>\r\nDATA\r\n"),
	[]byte("Subject: t\r\n\r\nhello, world\r\n..dots\r\n.\r\n"),
}

// A mill feeds transactions to a session without any work of its own.
type mill struct {
	event   transport.Event
	conv    transport.Conversation
	scratch []byte
}

func newMill(t testing.TB, c Config) *mill {
	k, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	m := &mill{conv: k.Accept(0, nil), scratch: make([]byte, 0, 4096)}
	m.feed(transport.Event{Kind: transport.Started})
	m.feed(transport.Event{Kind: transport.Opened, Peer: &transport.Peer{}})
	m.feed(transport.Event{Kind: transport.Received, In: []byte("EHLO client.example\r\n")})
	return m
}

func (m *mill) feed(e transport.Event) {
	e.Now, e.Scratch = 1, m.scratch
	m.event = e // as a transport has it: on the heap, once
	for m.conv.Handle(&m.event).Do == transport.Write {
		m.event.Kind, m.event.In = transport.Written, nil
	}
}

func (m *mill) transact() {
	for _, p := range pieces {
		m.feed(transport.Event{Kind: transport.Received, In: p})
	}
}

func TestTransactionAllocatesNothing(t *testing.T) {
	for name, c := range map[string]Config{
		"when discarding":              {},
		"with known users":             {Users: []User{{Address: "r@example.com"}}},
		"with quotas":                  {Users: []User{{Address: "r@example.com", Quota: 1 << 40}}},
		"with behaviours":              {Behaviours: parseBehaviours(t, "rcpt: 250 2.1.5 fine", "accept: 250 50%", "mail: 450 0.000001%")},
		"with messages to count up to": {ExitAfter: 1 << 40},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMill(t, c)
			if n := testing.AllocsPerRun(1000, m.transact); n != 0 {
				t.Errorf("%v allocations a transaction, want none", n)
			}
		})
	}
}

// chunks are the same mail transaction with BDAT.
var chunks = [][]byte{
	[]byte("MAIL FROM:<s@example.com> BODY=BINARYMIME\r\nRCPT TO:<r@example.com>\r\nBDAT 14\r\nSubject: t\r\n\r\n"),
	[]byte("BDAT 14 LAST\r\nhello, world\r\n"),
}

func TestChunksAllocateNothing(t *testing.T) {
	m := newMill(t, Config{})
	transact := func() {
		for _, p := range chunks {
			m.feed(transport.Event{Kind: transport.Received, In: p})
		}
	}
	if n := testing.AllocsPerRun(1000, transact); n != 0 {
		t.Errorf("%v allocations a transaction, want none", n)
	}
}

func TestIdleSessionIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(session{}); size >= 400 {
		t.Errorf("a session is %d octets; thousands of them wait at the same time", size)
	}
}

func BenchmarkTransaction(b *testing.B) {
	for name, c := range map[string]Config{
		"discard":    {},
		"behaviours": {Behaviours: []Behaviour{{Step: timing.Rcpt, Code: 450, Odds: 1e-9}}},
	} {
		b.Run(name, func(b *testing.B) {
			m := newMill(b, c)
			b.ReportAllocs()
			for b.Loop() {
				m.transact()
			}
		})
	}
}
