package sink

import (
	"strings"
	"testing"
)

func helloLMTP(t *testing.T, k *Sink) *client {
	t.Helper()
	c := dial(t, k)
	c.send("LHLO client.example\r\n")
	c.expect("220 ", "250 ")
	return c
}

// Only the copies that are taken go to the store, and its verdict is for them alone.
func TestStoreGetsTheRecipientsThatWereTaken(t *testing.T) {
	for name, test := range map[string]struct {
		verdict Verdict
		replies []string
		left    int64 // of the quota of 100
	}{
		"stored":  {Stored(), []string{"250 2.0.0 Ok: queued as 1", "552 5.2.2", "250 2.0.0 Ok: queued as 1"}, 97},
		"refused": {TryLater("Disk full"), []string{"451 4.3.0 Disk full", "552 5.2.2", "451 4.3.0 Disk full"}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			store := &memoryStore{answers: map[int]Verdict{1: test.verdict}}
			k := newSink(t, Config{LMTP: true, Store: store, ExitAfter: 1, Users: []User{
				{Address: "a@example.com", Quota: 100}, {Address: "full@example.com", Quota: 1}, {Address: "b@example.com"},
			}})
			c := helloLMTP(t, k)
			c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\nRCPT TO:<full@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")
			c.expect("250", "250", "250", "250", "354")
			c.send("x\r\n.\r\nNOOP\r\n")
			c.woken()
			c.expect(append(test.replies, "250 2.0.0 Ok")...)
			if want := `["a@example.com" "b@example.com"] "x\r\n" 3`; len(store.messages) != 1 || !strings.HasSuffix(store.messages[0], want) {
				t.Errorf("stored %q, want %s", store.messages, want)
			}
			if used := k.directory.boxes["a@example.com"].used.Load(); 100-used != test.left {
				t.Errorf("%d octets of the quota are used, want %d left", used, test.left)
			}
			accepted := uint64(0)
			if test.verdict.Code == 250 {
				accepted = 1
				within10s(t, k.Done())
			}
			if n := k.Counters(); n.Messages != accepted || n.Recipients != 2*accepted || n.MessagesRefused != 1-accepted {
				t.Errorf("counters %+v", n)
			}
		})
	}
}

// A message that nobody takes does not count as one of those the sink is to end after.
func TestMessageThatNoRecipientTakes(t *testing.T) {
	k := newSink(t, Config{LMTP: true, ExitAfter: 1, Behaviours: parseBehaviours(t, "accept: 450 4.2.1 Busy")})
	c := helloLMTP(t, k)
	for range 2 {
		c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n")
		c.expect("250", "250", "250", "354")
		c.send(".\r\n")
		c.expect("450 4.2.1", "450 4.2.1")
	}
	if n := k.Counters(); n.Messages != 0 || n.MessagesRefused != 2 || n.Recipients != 0 {
		t.Errorf("counters %+v", n)
	}
}

func TestContentTooLargeIsRefusedToEachRecipient(t *testing.T) {
	c := helloLMTP(t, newSink(t, Config{LMTP: true, MaxSize: 10}))
	c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")
	c.expect("250", "250", "250", "354")
	c.send("0123456789\r\n.\r\n")
	c.expect("552 5.3.4", "552 5.3.4")
}
