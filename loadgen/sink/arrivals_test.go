package sink

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A page is a log that can be read while it is written.
type page struct {
	mu   sync.Mutex
	text strings.Builder
	gate chan struct{} // if not nil, each write takes one
}

func (p *page) Write(b []byte) (int, error) {
	if p.gate != nil {
		<-p.gate
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

// logged returns the lines without their times.
func (p *page) logged(t *testing.T) (lines []string) {
	t.Helper()
	stamp := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z `)
	for line := range strings.Lines(p.text.String()) {
		if !stamp.MatchString(line) {
			t.Errorf("no time in %q", line)
		}
		lines = append(lines, stamp.ReplaceAllString(strings.TrimSuffix(line, "\n"), ""))
	}
	return lines
}

func TestArrivalLogHasALineForEachMessage(t *testing.T) {
	p := &page{}
	k := newSink(t, Config{Log: p, MaxSize: 50, AuthInClear: true, Accounts: []Account{{"user", "secret"}}})
	c := hello(t, k)
	c.transact("x\r\n")
	c.send("AUTH PLAIN AHVzZXIAc2VjcmV0\r\n")
	c.expect("235")
	c.send("MAIL FROM:<\"a\\\"b size=0\"@example.com>\r\nRCPT TO:<r1@example.com>\r\nRCPT TO:<größe@example.com>\r\nRCPT TO:<r2@example.com>\r\nDATA\r\n")
	c.expect("250", "250", "553", "250", "354")
	c.send(strings.Repeat("x", 60) + "\r\n.\r\n")
	c.expect("552")
	c.send("MAIL FROM:<> SMTPUTF8\r\nRCPT TO:<größe@example.com>\r\nBDAT 2 LAST\r\nhi")
	c.expect("250", "250", "250")
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`event=message client="192.0.2.1" helo="client.example" from="s@example.com" to="r@example.com" size=3 proto=ESMTP reply=250`,
		`event=rcpt client="192.0.2.1" helo="client.example" login="user" to="gr\u00f6\u00dfe@example.com" reply=553`,
		`event=message client="192.0.2.1" helo="client.example" login="user" from="\"a\\\"b size=0\"@example.com" to="r1@example.com" to="r2@example.com" size=62 proto=ESMTPA reply=552`,
		`event=message client="192.0.2.1" helo="client.example" login="user" from="" to="gr\u00f6\u00dfe@example.com" size=2 proto=UTF8SMTPA reply=250`,
	}
	got := p.logged(t)
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d: %q", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d: %s\nwant %s", i+1, got[i], want[i])
		}
	}
	if strings.Contains(p.text.String(), "secret") {
		t.Error("a password in the log")
	}
}

func TestArrivalLogOfLMTP(t *testing.T) {
	p := &page{}
	k := newSink(t, Config{Log: p, LMTP: true, Behaviours: parseBehaviours(t, "accept: 450 50%"), Seed: 3})
	c := helloLMTP(t, k)
	for range 8 {
		c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n")
		c.send(".\r\n")
	}
	n := k.Counters()
	k.Close()
	counts := map[string]uint64{}
	refused := uint64(0)
	for _, line := range p.logged(t) {
		if strings.HasPrefix(line, "event=message ") {
			counts[line[len(line)-3:]]++
		} else if strings.HasSuffix(line, `event=accept client="192.0.2.1" helo="client.example" to="a@example.com" reply=450`) {
			refused++
		}
	}
	if refused != n.RecipientsRefused || refused != n.MessagesRefused || n.CommandsRefused != 0 {
		t.Errorf("logged %d refused recipients, counted %+v", refused, n)
	}
	if counts["250"] != n.Messages || counts["450"] != n.MessagesRefused || n.Messages == 0 || n.MessagesRefused == 0 {
		t.Errorf("logged %v, counted %+v", counts, n)
	}
}

// A writer that does not write holds nobody up, and what it loses is counted.
func TestSlowLogHoldsNobodyUp(t *testing.T) {
	p := &page{gate: make(chan struct{})}
	l := newArrivalLog(p)
	const lines = 100
	for range lines {
		l.add(func(dst []byte) []byte { return append(dst, make([]byte, maxPending/50)...) })
	}
	if lost := l.losses(); lost == 0 || lost == lines {
		t.Errorf("%d lines of %d were lost", lost, lines)
	}
	close(p.gate)
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	if want := (lines - int(l.losses())) * (maxPending / 50); p.text.Len() != want {
		t.Errorf("%d octets were written, want %d", p.text.Len(), want)
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestCloseTellsThatTheLogFailed(t *testing.T) {
	k := newSink(t, Config{Log: full{}})
	hello(t, k).transact("x\r\n")
	if err := k.Close(); !errors.Is(err, errFull) {
		t.Errorf("%v, want %v", err, errFull)
	}
}

// What is refused before there is a message is counted, and written down with whom it was about.
func TestRefusedCommandsAreCountedAndRecipientsLogged(t *testing.T) {
	p := &page{}
	k := newSink(t, Config{Log: p, Domains: []string{"example.com"}, MaxSize: 100})
	c := hello(t, k)
	c.send("MAIL FROM:<s@example.com> SIZE=101\r\nMAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.org>\r\nRCPT TO:<\r\nRCPT TO:<r@example.com>\r\nXYZZY\r\n")
	c.expect("552", "250", "550", "501", "250", "500")
	if n := k.Counters(); n.CommandsRefused != 4 || n.RecipientsRefused != 2 || n.MessagesRefused != 0 {
		t.Errorf("counted %+v", n)
	} else if text := n.String(); !strings.HasSuffix(text, "refused: 0 messages, 2 recipients, 4 commands") {
		t.Errorf("in words: %s", text)
	}
	k.Close()
	want := []string{
		`event=mail client="192.0.2.1" helo="client.example" from="s@example.com" reply=552`,
		`event=rcpt client="192.0.2.1" helo="client.example" to="r@example.org" reply=550`,
		`event=rcpt client="192.0.2.1" helo="client.example" to="TO:<" reply=501`,
	}
	if got := p.logged(t); !slices.Equal(got, want) {
		t.Errorf("logged %q", got)
	}
}
