package sink

import (
	"crypto/tls"
	"regexp"
	"strings"
	"testing"
	"time"
)

const envelope = "MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\n"

// places are where a client can stop, or go away: what it has sent by then.
var places = map[string]string{
	"inside a command":           "NOOP x",
	"inside a long command":      "NOOP " + strings.Repeat("x", 5000),
	"inside content":             envelope + "DATA\r\nSubject: ",
	"at the end of content":      envelope + "DATA\r\nSubject: x\r\n\r\n.\r",
	"inside a chunk":             envelope + "BDAT 1000\r\nSubject: ",
	"between two chunks":         envelope + "BDAT 3\r\nabc",
	"inside a chunk's command":   envelope + "BDAT 3\r\nabcBDAT 1",
	"inside a refused chunk":     "BDAT 1000\r\nabc",
	"inside AUTH":                "AUTH PLAIN\r\nAHVz",
	"between two lines of LOGIN": "AUTH LOGIN dXNlcg==\r\n",
}

func hostileConfig() Config {
	return Config{Store: &memoryStore{}, AuthInClear: true, Accounts: []Account{{"user", "secret"}}, TLS: &tls.Config{}}
}

// A client that goes on with an octet now and then, or not at all, runs out of time.
func TestSlowClientsAreEnded(t *testing.T) {
	for place, sent := range places {
		for pace, octet := range map[string]string{"an octet each 10 s": "x", "nothing": ""} {
			t.Run(place+", "+pace, func(t *testing.T) {
				k := newSink(t, hostileConfig())
				c := hello(t, k)
				c.send(sent)
				c.said()
				begin := c.now
				for !c.closed && c.now.Sub(begin) < 24*time.Hour {
					c.wait(10 * time.Second)
					c.send(octet)
				}
				took := c.now.Sub(begin)
				if said := c.said(); !c.closed || took > 12*time.Minute || !strings.HasPrefix(said, "421 4.4.2") && !strings.HasPrefix(said, "500 ") {
					t.Errorf("closed %v after %v, said %q", c.closed, took, said)
				}
				if n := k.Counters(); n.Messages != 0 || n.Timeouts != 1 || n.Active != 0 || k.memory.used != 0 {
					t.Errorf("%d octets held, counters %+v", k.memory.used, n)
				}
			})
		}
	}
}

// A client that goes away leaves nothing behind, and nothing of what it began counts.
func TestClientsThatGoAwayLeaveNothing(t *testing.T) {
	for place, sent := range places {
		t.Run(place, func(t *testing.T) {
			k := newSink(t, hostileConfig())
			c := hello(t, k)
			c.send(sent)
			c.hangUp()
			if n := k.Counters(); !c.closed || n.Messages != 0 || n.Active != 0 || k.memory.used != 0 {
				t.Errorf("closed %v, %d octets held, counters %+v", c.closed, k.memory.used, n)
			}
		})
	}
}

// A client that never reads is not read from, and given up.
func TestClientThatNeverReads(t *testing.T) {
	k := newSink(t, Config{})
	c := hello(t, k)
	c.held = true
	most := 0
	for range 1000 {
		c.send(strings.Repeat("NOOP\r\n", 100))
		most = max(most, len(c.out))
	}
	if most > 2*cap(c.scratch) || !c.deaf {
		t.Errorf("%d octets wait for a client that does not read, deaf %v", most, c.deaf)
	}
	c.wait(DefaultTimeout)
	if n := k.Counters(); !c.closed || n.WriteTimeouts != 1 || n.Commands["NOOP"] > 1000 {
		t.Errorf("closed %v, counters %+v", c.closed, n)
	}
}

// However long the header, and however many its lines, it only passes through.
func TestEndlessHeaders(t *testing.T) {
	for name, line := range map[string]string{
		"one line":      strings.Repeat("x", 1<<16),
		"short lines":   strings.Repeat("X: y\r\n", 1<<13),
		"parts":         strings.Repeat("--b\r\n\r\n", 1<<13),
		"dots":          strings.Repeat("..\r\n", 1<<14),
		"Received":      strings.Repeat("Received: x\r\n", 1<<12),
		"lone CR":       strings.Repeat("\r", 1<<16),
		"almost an end": strings.Repeat("\r\n.\r", 1<<14),
	} {
		t.Run(name, func(t *testing.T) {
			store := &memoryStore{}
			k := newSink(t, Config{Store: store, MaxSize: 1 << 20, MaxReceived: 100})
			c := hello(t, k)
			c.send(envelope + "DATA\r\n")
			c.expect("250", "250", "354")
			for range 1 << 8 {
				c.send(line)
				if k.memory.used > 2<<20 {
					t.Fatalf("%d octets are held", k.memory.used)
				}
			}
			c.send("\r\n.\r\n")
			if c.expect("552 5.3.4"); k.memory.used != 0 || len(store.messages) != 0 {
				t.Errorf("%d octets held, stored %d", k.memory.used, len(store.messages))
			}
		})
	}
}

func TestEndlessRecipients(t *testing.T) {
	k := newSink(t, Config{Store: &memoryStore{}, MaxErrors: 0})
	c := hello(t, k)
	c.send("MAIL FROM:<s@example.com>\r\n")
	for range 1000 {
		c.send(strings.Repeat("RCPT TO:<r@example.com>\r\n", 100))
	}
	n := k.Counters()
	if n.Replies["452"] != 100_000-DefaultMaxRecipients {
		t.Errorf("counters %+v", n)
	}
	if held := cap(c.conv.(*session).tx.paths); held > 64*DefaultMaxRecipients {
		t.Errorf("%d octets of envelope are held", held)
	}
}

// arrival is a line of the log for one recipient, taken or refused: what is quoted holds no quote of its own.
var arrival = regexp.MustCompile(`^event=(message|rcpt) client="[^"]*" helo="[^"]*"( from="")? to="([^"\\]|\\.)*"( size=0 proto=ESMTP reply=250| reply=5\d\d)$`)

// What is no address is refused, and what comes near a log, a folder or a header is quoted.
func TestHostileAddresses(t *testing.T) {
	p := &page{}
	root := t.TempDir()
	k := newSink(t, Config{Log: p, Store: &Maildir{Root: root}})
	for _, path := range []string{
		"<<>>", "<a@b>>", "<a@b", "a@b>", `<"a@b.c>`, `<"a"b"@c.d>`, "<a@b@c>", "<a b@c.d>", "<(x)a@c.d>", "<a@c.d(x)>", "<@c.d>", "<a@>",
		"<a@[999.1.1.1]>", "<a@-c.d>", "<a..b@c.d>", "<.a@c.d>", "<" + strings.Repeat("a", 10_000) + "@c.d>",
		"<a@" + strings.Repeat("a.", 500) + "d>", "<a@c.d\x01>", "<a\x7f@c.d>", "<\xff@c.d>",
	} {
		c := hello(t, k)
		c.send("MAIL FROM:<>\r\nRCPT TO:" + path + "\r\n")
		if lines := finalLines(c.said()); len(lines) != 2 || lines[1][0] != '5' {
			t.Errorf("%.40q: %q", path, lines)
		}
		c.send("QUIT\r\n")
	}
	for _, path := range []string{`<"../../x"@c.d>`, "<..x@c.d>", "<a%b@c.d>", "<a!b@c.d>", `<"a\" to=\"b"@c.d>`, "</etc/passwd@c.d>"} {
		c := hello(t, k)
		c.send("MAIL FROM:<>\r\nRCPT TO:" + path + "\r\nDATA\r\n")
		if lines := finalLines(c.said()); lines[1][0] == '2' {
			c.send(".\r\n")
			c.woken()
			c.expect("250")
		}
		c.send("QUIT\r\n")
	}
	k.Close()
	for _, line := range p.logged(t) {
		if !arrival.MatchString(line) {
			t.Errorf("logged %s", line)
		}
	}
}

func TestHostileNames(t *testing.T) {
	for _, name := range []string{strings.Repeat("a", 4000), "a\x01b", "a\x7f", "\xff", "a b", "-", "[1.2.3]", "a..b"} {
		c := dial(t, newSink(t, Config{}))
		c.send("EHLO " + name + "\r\nNOOP\r\n")
		c.expect("220", "501", "250 2.0.0")
	}
}

// Other protocols are not talked to, wherever their first line stands.
func TestOtherProtocols(t *testing.T) {
	for name, sent := range map[string]string{
		"a GET":                      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"a POST with mail in it":     "POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\nEHLO x\r\n" + envelope,
		"a CONNECT":                  "CONNECT mx.example:25 HTTP/1.1\r\n",
		"a Host line":                "XYZZY\r\nHost: x\r\n",
		"HTTP/2":                     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"a PUT behind mail commands": "EHLO x\r\nPUT / HTTP/1.1\r\n",
	} {
		k := newSink(t, Config{})
		c := dial(t, k)
		c.send(sent + "NOOP\r\n")
		if n := k.Counters(); !c.closed || n.Replies["421"] != 1 || n.Commands["NOOP"] != 0 || n.Commands["MAIL"] != 0 {
			t.Errorf("%s: closed %v, counters %+v", name, c.closed, n)
		}
	}
	for name, sent := range map[string]string{"redis": "*1\r\n$4\r\nPING\r\n", "TLS": "\x16\x03\x01\x02\x00\x01\x00\r\n", "SSLv2": "\x80\x2e\x01\x00\x02\r\n"} {
		k := newSink(t, Config{})
		c := dial(t, k)
		c.send(sent)
		if n := k.Counters(); n.Replies["500"] != uint64(strings.Count(sent, "\r\n")) {
			t.Errorf("%s: counters %+v", name, n)
		}
	}
}

func TestIdleSessionKeepsNothing(t *testing.T) {
	c := hello(t, newSink(t, Config{MaxReceived: 5, LMTP: false, Log: &page{}}))
	c.transact("x\r\n")
	if s := c.conv.(*session); s.tx != nil || s.exchange != nil || s.hops != nil || s.message != nil {
		t.Error("a session keeps something of a mail transaction that is over")
	}
}
