package message

import (
	"bytes"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"mailmill/loadgen/smtp"
)

var at = time.Date(2026, 11, 7, 8, 9, 10, 999_999_999, time.FixedZone("", 2*3600))

var plain = ClassConfig{From: "sender@example.com", To: "user{n}@example.com", Size: Fixed(1024)}

// alone is a run with one class.
func alone(c ClassConfig) Config { return Config{Seed: 1, Run: "r", Classes: []ClassConfig{c}} }

func newSource(t testing.TB, c ClassConfig) *Source {
	t.Helper()
	s, err := New(alone(c))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wire returns what slot n sends as content, with the end of mail data.
func wire(s *Source, n int64) []byte {
	var m Mail
	s.Fill(n, at, &m)
	return append(m.AppendHead(nil), m.Body()...)
}

// receive returns the content as a server has it after transparency is undone.
func receive(t testing.TB, wire []byte) []byte {
	t.Helper()
	var scanner smtp.Scanner
	content, taken, end := scanner.Next(nil, wire)
	if !end || taken != len(wire) {
		t.Fatalf("the mail data ends after %d of %d octets (%v): %q", taken, len(wire), end, wire)
	}
	return content
}

func parse(t testing.TB, s *Source, n int64) (*mail.Message, []byte) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(receive(t, wire(s, n))))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	return m, body
}

// TestWholeMessage freezes the octets of a message: the same slot, seed, run and
// instant give the same message on every machine.
func TestWholeMessage(t *testing.T) {
	c := plain
	c.Recipients, c.Size, c.Headers = Fixed(2), Fixed(120), []string{"X-Load: slot {n}"}
	const want = `Date: Sat, 07 Nov 2026 06:09:10 +0000
From: sender@example.com
To: user14@example.com,
 user15@example.com
Message-ID: <7.25ad539354c12e5d@example.com>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii
Content-Transfer-Encoding: 7bit
Subject: message 7
X-Load: slot 7
X-Mailmill: run=r; slot=7;
 sha256=e9ab070863a75eb44519dd8b5a283d2070dd0d17c407de45a5ba254f260c5378

Gu tomvu clo fi bosgalhios gam, bunciamgrent prohi, todotprus. Ciantpurgiax
lir, tunsarpraer fiboci pricantlias pipo.
.
`
	text := strings.ReplaceAll(want, "\n", "\r\n")
	if got := string(wire(newSource(t, c), 7)); got != text {
		t.Errorf("got\n%s\nwant\n%s", got, text)
	}
}

func TestSyntheticMessageIsMail(t *testing.T) {
	for _, recipients := range []int{1, 3, maxListed} {
		c := plain
		c.Recipients = Fixed(recipients)
		m, body := parse(t, newSource(t, c), 12)
		if date, err := m.Header.Date(); err != nil || !date.Equal(at.Truncate(time.Second)) {
			t.Errorf("Date is %v, %v", date, err)
		}
		if from, err := m.Header.AddressList("From"); err != nil || from[0].Address != "sender@example.com" {
			t.Errorf("From is %v, %v", from, err)
		}
		to, err := m.Header.AddressList("To")
		if err != nil || len(to) != recipients {
			t.Fatalf("%d recipients: To is %v, %v", recipients, to, err)
		}
		for i, a := range to {
			if want := fmt.Sprintf("user%d@example.com", 12*recipients+i); a.Address != want {
				t.Errorf("recipient %d of %d is %s, want %s", i, recipients, a.Address, want)
			}
		}
		if Fixed(len(body)) != c.Size {
			t.Errorf("the body has %d octets, want %d", len(body), 1024)
		}
	}
}

func TestEnvelope(t *testing.T) {
	c := plain
	c.From, c.Recipients = "bounce-{n}@example.com", Fixed(3)
	var m Mail
	newSource(t, c).Fill(5, at, &m)
	got := []string{string(m.AppendReversePath(nil))}
	for i := range m.NumRecipients() {
		got = append(got, string(m.AppendForwardPath(nil, i)))
	}
	want := "[bounce-5@example.com user15@example.com user16@example.com user17@example.com]"
	if fmt.Sprint(got) != want || m.Slot() != 5 {
		t.Errorf("slot %d has the envelope %s, want slot 5 with %s", m.Slot(), got, want)
	}
}

func TestManyRecipientsAreNotDisclosed(t *testing.T) {
	c := plain
	c.Recipients = Fixed(maxListed + 1)
	m, _ := parse(t, newSource(t, c), 0)
	if to := m.Header.Get("To"); to != "undisclosed-recipients:;" {
		t.Errorf("To is %q", to)
	}
}

func TestNullReversePath(t *testing.T) {
	c := plain
	c.From = ""
	s := newSource(t, c)
	var m Mail
	s.Fill(0, at, &m)
	if path := m.AppendReversePath(nil); len(path) != 0 {
		t.Errorf("reverse-path %q, want none", path)
	}
	parsed, _ := parse(t, s, 0)
	if from := parsed.Header.Get("From"); from != "MAILER-DAEMON@example.com" {
		t.Errorf("From is %q", from)
	}
}

func TestEachMessageHasItsOwnID(t *testing.T) {
	seen := map[string]string{}
	for _, run := range []string{"a", "b"} {
		for seed := range uint64(3) {
			c := plain
			c.Size = Fixed(2)
			s, err := New(Config{Seed: seed, Run: run, Classes: []ClassConfig{c}})
			if err != nil {
				t.Fatal(err)
			}
			for n := range int64(1000) {
				m, _ := parse(t, s, n)
				id, where := m.Header.Get("Message-ID"), fmt.Sprintf("run %s seed %d slot %d", run, seed, n)
				if other, twice := seen[id]; twice {
					t.Fatalf("%s is of %s and of %s", id, other, where)
				}
				if !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, "@example.com>") {
					t.Fatalf("%s is not a Message-ID of example.com", id)
				}
				seen[id] = where
			}
		}
	}
}

func TestDomainOfMessageIDs(t *testing.T) {
	tests := []struct{ what, from, domain, want string }{
		{"is that of the reverse-path", "a@b.example", "", "@b.example>"},
		{"the first, if there are many", "a@b{n}.example", "", "@b0.example>"},
		{"an address literal can be one", "a@[127.0.0.1]", "", "@[127.0.0.1]>"},
		{"example.com without a reverse-path", "", "", "@example.com>"},
		{"or as set", "a@b.example", "c.example", "@c.example>"},
	}
	for _, test := range tests {
		c := plain
		c.From, c.Domain = test.from, test.domain
		m, _ := parse(t, newSource(t, c), 3)
		if id := m.Header.Get("Message-ID"); !strings.HasSuffix(id, test.want) {
			t.Errorf("the domain %s: %s does not end in %s", test.what, id, test.want)
		}
	}
}

func TestSizeIsThatOfRFC1870(t *testing.T) {
	configs := map[string]func(*ClassConfig){
		"synthetic":             func(c *ClassConfig) {},
		"no body":               func(c *ClassConfig) { c.Size = Fixed(0) },
		"ten recipients":        func(c *ClassConfig) { c.Recipients, c.To = Fixed(maxListed), "u{n}-{n}@example.com" },
		"undisclosed":           func(c *ClassConfig) { c.Recipients = Fixed(100) },
		"numbers in fields":     func(c *ClassConfig) { c.Subject, c.Headers = "{n}{n}", []string{"X: {n}", "Y: -{n}-"} },
		"a field with a dot":    func(c *ClassConfig) { c.Headers = []string{".X: 1", "..Y: {n}"} },
		"a file":                func(c *ClassConfig) { c.Data = []byte("Subject: x\n.Dot: y\n\n.\n..\na\n.b") },
		"a file of bare dots":   func(c *ClassConfig) { c.Data = []byte(".\n.\n.") },
		"a subject with umlaut": func(c *ClassConfig) { c.Subject = "Größe {n} ü" },
	}
	for what, change := range configs {
		c := plain
		change(&c)
		s := newSource(t, c)
		for _, n := range []int64{0, 9, 10, 12345, 1e12} {
			var m Mail
			s.Fill(n, at, &m)
			if got, want := m.Size(), int64(len(receive(t, wire(s, n)))); got != want {
				t.Errorf("%s: slot %d says it has %d octets, and has %d", what, n, got, want)
			}
		}
	}
}

func TestEightBit(t *testing.T) {
	tests := []struct {
		what string
		data string
		head string
		want bool
	}{
		{"synthetic text is seven-bit", "", "", false},
		{"a seven-bit file", "Subject: a\n\nb\n", "", false},
		{"an octet above 127 in the body", "Subject: a\n\n\xe4\n", "", true},
		{"an octet above 127 in the header", "Subject: \xe4\n\nb\n", "", true},
		{"an octet above 127 in a field of the settings", "", "X: ä", true},
	}
	for _, test := range tests {
		c := plain
		if test.data != "" {
			c.Data = []byte(test.data)
		}
		if test.head != "" {
			c.Headers = []string{test.head}
		}
		var m Mail
		newSource(t, c).Fill(0, at, &m)
		if m.EightBit() != test.want {
			t.Errorf("%s: EightBit is %v", test.what, m.EightBit())
		}
	}
}

func TestASourceMayBeShared(t *testing.T) {
	s := newSource(t, plain)
	want := make([][]byte, 100)
	for n := range want {
		want[n] = wire(s, int64(n))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range want {
				if got := wire(s, int64(n)); !bytes.Equal(got, want[n]) {
					t.Errorf("slot %d sends two messages", n)
				}
			}
		})
	}
	wg.Wait()
}

func TestAMailIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Mail{}); size > 96 {
		t.Errorf("a Mail has %d octets; each worker keeps one, so 96 are allowed", size)
	}
}

func TestAMailDoesNotAllocate(t *testing.T) {
	c := plain
	c.Recipients = Fixed(3)
	s := newSource(t, c)
	var m Mail
	scratch := make([]byte, 0, 4096)
	n, octets := int64(0), int64(0)
	allocs := testing.AllocsPerRun(1000, func() {
		s.Fill(n, at, &m)
		octets += int64(len(m.AppendReversePath(scratch)) + len(m.AppendForwardPath(scratch, 2)) + len(m.AppendHead(scratch)) + len(m.Body()))
		octets += m.Size()
		n++
	})
	if allocs != 0 || octets == 0 {
		t.Errorf("%v allocations for each message, want 0", allocs)
	}
}

func BenchmarkHead(b *testing.B) {
	s := newSource(b, plain)
	var m Mail
	scratch := make([]byte, 0, 4096)
	b.ReportAllocs()
	n := int64(0)
	for b.Loop() {
		s.Fill(n, at, &m)
		m.AppendHead(scratch)
		n++
	}
}
