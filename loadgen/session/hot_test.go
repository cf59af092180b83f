package session

import (
	"slices"
	"strings"
	"testing"

	"mailmill/loadgen/message"
	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A mill drives one session through mail transactions, with no work of its own: the server's
// replies are ready, and what the client says is not looked at.
type mill struct {
	session Session
	shard   *record.Shard
	mail    message.Mail
	event   transport.Event
	scratch []byte
	says    [][]byte // by the server in a mail transaction, read by read; nil: the client's write is complete
}

// The server's replies to the steps of a mail transaction. Postfix says the like.
var (
	replyMail   = []byte("250 2.1.0 Ok\r\n")
	replyRcpt   = []byte("250 2.1.5 Ok\r\n")
	replyData   = []byte("354 End data with <CR><LF>.<CR><LF>\r\n")
	replyAccept = []byte("250 2.0.0 Ok: queued as 4hDgQS0vR4z1Y\r\n")
)

// mills are what mail transactions can be like, with what a server says to each.
var mills = []struct {
	name   string
	config Config
	says   [][]byte
}{
	{"one by one", Config{}, [][]byte{replyMail, replyRcpt, replyData, nil, replyAccept}},
	{"in groups", Config{Pipeline: true}, [][]byte{slices.Concat(replyMail, replyRcpt, replyData), nil, replyAccept}},
	{"in chunks", Config{Chunk: 500}, [][]byte{replyMail, replyRcpt, nil, replyAccept, nil, replyAccept, nil, replyAccept}},
	{"in chunks and groups", Config{Chunk: 500, Pipeline: true}, [][]byte{slices.Concat(replyMail, replyRcpt), nil, nil, nil,
		slices.Concat(replyAccept, replyAccept, replyAccept)}},
	{"within limits", Config{Limits: true}, [][]byte{replyMail, replyRcpt, replyData, nil, replyAccept}},
}

// newMill opens a session that is ready for mail.
func newMill(t testing.TB, config Config, says [][]byte) *mill {
	config.Names, config.Timeouts = []string{"client.example"}, stepTimeouts()
	m := &mill{says: says, scratch: make([]byte, 0, 4096), shard: record.New(record.Config{}).Shard(0)}
	source, err := message.New(message.Config{Seed: 1, Classes: []message.ClassConfig{
		{From: "sender@example.com", To: "user{n}@example.com", Size: message.Fixed(1000), Chunked: config.Chunk > 0}}})
	if err != nil {
		t.Fatal(err)
	}
	source.Fill(12345, sent, &m.mail)
	m.session.Loop = &Loop{
		Shard:   m.shard,
		Servers: []Server{{Endpoints: make([]transport.Endpoint, 1)}},
	}
	m.event = transport.Event{Now: 1_000_000_000, Since: 1_000_000_000}
	m.session.Open(m.event.Now, Opening{Config: &config}, nil, true)
	m.happens(transport.Opened, nil)
	m.happens(transport.Received, []byte("220 mail.example.com ESMTP Postfix\r\n"))
	m.happens(transport.Received, []byte("250-mail.example.com\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-8BITMIME\r\n250-CHUNKING\r\n250-LIMITS RCPTMAX=9\r\n250 ENHANCEDSTATUSCODES\r\n"))
	if m.session.Phase() != Ready {
		t.Fatal("the session is not ready")
	}
	return m
}

func (m *mill) happens(k transport.EventKind, in []byte) {
	m.event.Kind, m.event.In, m.event.Scratch = k, in, m.scratch
	m.event.Now += 1000
	m.session.Handle(&m.event)
}

// transact sends one message: what a worker and its transport make of it in steady state, without
// either of them. It reports whether the message was accepted.
func (m *mill) transact() bool {
	m.shard.Begin(m.event.Now)
	m.session.Send(m.event.Now, m.scratch, &m.mail, true)
	for _, in := range m.says {
		if in == nil {
			m.happens(transport.Written, nil)
			continue
		}
		m.happens(transport.Received, in)
	}
	r, _ := m.session.Result()
	m.shard.End(record.SlotEnd{
		Timing:  timing.Slot{Due: r.Began, Claimed: r.Began, Begun: r.Began, Ended: r.Ended},
		Outcome: r.Outcome, Begun: true, RecipientsAccepted: r.Accepted, Octets: r.Octets,
	})
	return r.Outcome == timing.Accepted
}

func TestTransactionAllocatesNothing(t *testing.T) {
	for _, row := range mills {
		m := newMill(t, row.config, row.says)
		accepted := true
		if n := testing.AllocsPerRun(1000, func() { accepted = m.transact() && accepted }); n != 0 || !accepted {
			t.Errorf("%s: %v allocations a mail transaction, want none; all accepted: %t", row.name, n, accepted)
		}
	}
}

// BenchmarkTransaction is one mail transaction without its transport: its replies and a content, recorded.
func BenchmarkTransaction(b *testing.B) {
	for _, row := range mills {
		b.Run(strings.ReplaceAll(row.name, " ", "-"), func(b *testing.B) {
			m := newMill(b, row.config, row.says)
			b.ReportAllocs()
			for b.Loop() {
				m.transact()
			}
		})
	}
}
