package sink

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/transport"
)

// A memoryStore keeps what it is given, and answers what it is told to, when it is
// told to.
type memoryStore struct {
	mu       sync.Mutex
	messages []string        // envelope and content
	answers  map[int]Verdict // by number of the message; none: stored
	gate     chan struct{}   // if not nil, each delivery takes one
	begun    chan struct{}   // if not nil, each delivery gives one
}

func (s *memoryStore) Deliver(ctx context.Context, m *Message) Verdict {
	if s.begun != nil {
		s.begun <- struct{}{}
	}
	if s.gate != nil {
		select {
		case <-s.gate:
		case <-ctx.Done():
			return TryLater("closed")
		}
	}
	content, err := io.ReadAll(m.Content())
	if err != nil {
		return Refused(err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, fmt.Sprintf("%s %s <%s> %q %q %d",
		m.Client, m.HELO, m.ReversePath, m.Recipients, content, m.Size))
	if v, ok := s.answers[int(m.Number)]; ok {
		return v
	}
	return Stored()
}

func TestStoreGetsEnvelopeAndContent(t *testing.T) {
	store := &memoryStore{}
	c := hello(t, newSink(t, Config{Store: store}))
	c.send("MAIL FROM:<>\r\nRCPT TO:<\"a b\"@example.com>\r\nRCPT TO:<nobody>\r\nRCPT TO:<postmaster>\r\nDATA\r\n")
	c.expect("250", "250", "501", "250", "354")
	c.send("Subject: x\r\n\r\n..\r\na.\r\n")
	c.send(".\r\nNOOP\r\n")
	c.expect()
	c.woken()
	c.expect("250 2.0.0 Ok: queued as 1", "250 2.0.0")
	want := `192.0.2.1 client.example <> ["\"a b\"@example.com" "postmaster"] "Subject: x\r\n\r\n.\r\na.\r\n" 21`
	if len(store.messages) != 1 || store.messages[0] != want {
		t.Errorf("stored %q, want %q", store.messages, want)
	}
}

func TestProtocolIsTold(t *testing.T) {
	for hello, want := range map[string]string{
		"HELO c.example\r\nMAIL FROM:<>\r\n":          "SMTP",
		"EHLO c.example\r\nMAIL FROM:<>\r\n":          "ESMTP",
		"EHLO c.example\r\nMAIL FROM:<> SMTPUTF8\r\n": "UTF8SMTP",
	} {
		d := &Maildir{Root: t.TempDir()}
		c := dial(t, newSink(t, Config{Store: d}))
		c.send(hello + "RCPT TO:<r@example.com>\r\nDATA\r\nx\r\n.\r\n")
		c.woken()
		got := stored(t, filepath.Join(d.Root, "r@example.com"))
		if len(got) != 1 || !strings.Contains(got[0], " with "+want+" id ") {
			t.Errorf("%q: stored %q", hello, got)
		}
	}
}

func TestStoredContentIsTheSameInAnyPieces(t *testing.T) {
	content := strings.Repeat("line\r\n..\r\n\r\x00\n.x\r\n", 1000) + strings.Repeat("x", 3*largeChunk) + "\r\n"
	want := fmt.Sprintf("%q", strings.ReplaceAll(content, "\r\n..", "\r\n."))
	for _, size := range []int{1, 7, 4096, 1 << 20} {
		store := &memoryStore{}
		c := hello(t, newSink(t, Config{Store: store}))
		c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
		for rest := content + ".\r\n"; rest != ""; {
			n := min(size, len(rest))
			c.send(rest[:n])
			rest = rest[n:]
		}
		c.woken()
		c.expect("250", "250", "354", "250")
		if len(store.messages) != 1 || !strings.Contains(store.messages[0], want) {
			t.Errorf("in pieces of %d: stored something else", size)
		}
	}
}

func TestVerdictIsTheReply(t *testing.T) {
	store := &memoryStore{answers: map[int]Verdict{1: TryLater("disk\nfull"), 2: Refused("never"), 3: {Code: 421, Text: "bye"}}}
	k := newSink(t, Config{Store: store, Users: []User{{Address: "r@example.com", Quota: 5}}})
	c := hello(t, k)
	for _, want := range []string{"451 4.3.0 full", "554 5.3.0 never", "421 bye"} {
		c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
		c.expect("250", "250", "354") // what was refused is not charged to the quota
		c.send("123\r\n.\r\n")
		c.woken()
		c.expect(want)
	}
	if n := k.Counters(); !c.closed || n.Messages != 0 || n.MessagesRefused != 3 {
		t.Errorf("closed %v, counters %+v", c.closed, n.Tallies)
	}
}

func TestBehaviourRewordsAStoredMessage(t *testing.T) {
	c := hello(t, newSink(t, Config{Store: &memoryStore{}, Behaviours: parseBehaviours(t, "accept: 250 2.6.0 Thanks")}))
	c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\nx\r\n.\r\n")
	c.woken()
	c.expect("250", "250", "354", "250 2.6.0 Thanks")
}

func TestSessionIsDeafWhileItsMessageIsStored(t *testing.T) {
	store := &memoryStore{gate: make(chan struct{})}
	c := hello(t, newSink(t, Config{Store: store}))
	c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\nx\r\n.\r\nNOOP\r\n")
	c.send("NOOP\r\n")
	if !c.deaf || c.until != 0 {
		t.Errorf("deaf %v, timer %v; want to wait for the store, however long", c.deaf, c.until)
	}
	c.event(transport.Event{Kind: transport.Woken})
	c.expect("250", "250", "354")
	store.gate <- struct{}{}
	c.woken()
	c.expect("250", "250", "250")
}

func TestSessionMayEndBeforeItsMessageIsStored(t *testing.T) {
	for name, v := range map[string]Verdict{"stored": Stored(), "refused": Refused("no")} {
		t.Run(name, func(t *testing.T) {
			store := &memoryStore{gate: make(chan struct{}), answers: map[int]Verdict{1: v}}
			k := newSink(t, Config{Store: store, ExitAfter: 1})
			c := hello(t, k)
			c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\nx\r\n.\r\n")
			c.event(transport.Event{Kind: transport.Broken})
			store.gate <- struct{}{}
			if n := k.Counters(); n.Messages != 0 || n.MessagesUnknown != 1 {
				t.Errorf("counters %+v", n.Tallies)
			}
			if v.Code == 250 {
				within10s(t, k.Done())
				return
			}
			// The refused one is not of the ExitAfter messages: another is taken.
			c = hello(t, k)
			for k.claimed.Load() != 0 {
				time.Sleep(time.Millisecond)
			}
			close(store.gate)
			c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\nx\r\n.\r\n")
			c.woken()
			c.expect("250", "250", "354", "250")
			within10s(t, k.Done())
		})
	}
}

func within10s(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("not done within 10 s")
	}
}

func isDone(k *Sink) bool {
	select {
	case <-k.Done():
		return true
	default:
		return false
	}
}

// A sink that ends with its last message must not end before the reply has left.
func TestDoneWaitsForTheLastReply(t *testing.T) {
	k := newSink(t, Config{ExitAfter: 3})
	fast, slow, late := hello(t, k), hello(t, k), hello(t, k)
	fast.transact("x\r\n")
	slow.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
	slow.held = true
	slow.send("x\r\n.\r\n")
	fast.transact("x\r\n")
	if isDone(k) {
		t.Fatal("done with a reply unfinished")
	}
	late.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\nx\r\n.\r\n")
	late.expect("250", "250", "354", "421 4.3.2")
	if n := k.Counters().Messages; n != 3 {
		t.Errorf("%d messages accepted, want 3", n)
	}
	slow.release()
	if !isDone(k) {
		t.Error("not done although all replies have left")
	}
}

func TestDoneDoesNotWaitForTheLost(t *testing.T) {
	k := newSink(t, Config{ExitAfter: 1})
	c := hello(t, k)
	c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
	c.held = true
	c.send("x\r\n.\r\n")
	c.event(transport.Event{Kind: transport.Broken})
	if !isDone(k) || k.Counters().MessagesUnknown != 1 {
		t.Errorf("done %v, counters %+v", isDone(k), k.Counters().Tallies)
	}
}

func TestCloseRefusesWhatHasNotBegun(t *testing.T) {
	store := &memoryStore{gate: make(chan struct{}), begun: make(chan struct{}, 8)}
	k := newSink(t, Config{Store: store, StoreWorkers: 1})
	var all []*client
	for range 3 {
		c := hello(t, k)
		c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\nx\r\n.\r\n")
		c.expect("250", "250", "354")
		all = append(all, c)
		if len(all) == 1 {
			<-store.begun
		}
	}
	closed := make(chan struct{})
	go func() { k.Close(); close(closed) }()
	all[1].woken()
	all[1].expect("451 4.3.0")
	close(store.gate)
	within10s(t, closed)
	all[0].woken()
	all[0].expect("250")
	all[2].woken()
	all[2].expect("451 4.3.0")
	k.Close()
}

func TestVerdictCodes(t *testing.T) {
	for v, want := range map[Verdict]smtp.Code{Stored(): 250, TryLater("x"): 451, Refused("x"): 554} {
		if v.Code != want || v.Enhanced.Class() != want.Severity() {
			t.Errorf("%+v, want %d", v, want)
		}
	}
}

// An identityStore notes who each message is from.
type identityStore struct {
	mu   sync.Mutex
	seen []string
}

func (s *identityStore) Deliver(_ context.Context, m *Message) Verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, strings.Join([]string{m.Client, m.Login, m.Protocol, m.Forwarded}, " "))
	return Stored()
}
