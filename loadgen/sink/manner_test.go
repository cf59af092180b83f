package sink

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/transport"
)

// What a behaviour can do, a dialogue shows; but for certificates, which need a handshake.
func TestEveryDeedHasADialogue(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.dialogue")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[Deed]bool{Certificate: true}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if rule, ok := strings.CutPrefix(line, "set: behave "); ok {
				b, err := ParseBehaviour(strings.TrimSpace(rule))
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
				shown[b.Deed] = true
			}
		}
	}
	for d := Answer; d < numDeeds; d++ {
		if !shown[d] {
			t.Errorf("no dialogue shows %v", d)
		}
	}
}

func TestASplitReplyIsAWriteForEachOctet(t *testing.T) {
	c := hello(t, newSink(t, Config{Behaviours: parseBehaviours(t, "noop: split", "noop: 250 2.0.0 Split")}))
	before := c.writes
	c.send("NOOP\r\n")
	const want = "250 2.0.0 Split\r\n"
	if got := c.said(); got != want || c.writes-before != len(want) {
		t.Errorf("%q in %d writes, want %q in %d", got, c.writes-before, want, len(want))
	}
}

func TestALongLineIsAsLongAsItSays(t *testing.T) {
	c := hello(t, newSink(t, Config{Behaviours: parseBehaviours(t, "noop: long-line")}))
	c.send("NOOP\r\n")
	if got := c.said(); len(got) != longLine || strings.Count(got, "\r\n") != 1 || !strings.HasPrefix(got, "250 xxx") {
		t.Errorf("%d octets: %.20q", len(got), got)
	}
}

// Replies that leave slowly, or not at all, count as what was said.
func TestManneredRepliesAreCounted(t *testing.T) {
	k := newSink(t, Config{Behaviours: parseBehaviours(t, "noop: twice every 2", "rset: omit", "accept: split"), ExitAfter: 1})
	c := hello(t, k)
	c.send("NOOP\r\nNOOP\r\nRSET\r\n")
	c.expect("250", "250", "250")
	if n := k.Counters(); n.Replies["250"] != 4 || n.Behaved != 2 { // and one to EHLO
		t.Errorf("counters %+v", n)
	}
	c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
	c.expect("250", "250", "354")
	c.held = true
	c.send(".\r\n")
	select {
	case <-k.Done():
		t.Fatal("done before the reply has left")
	default:
	}
	c.release()
	c.expect("250")
	within10s(t, k.Done())
}

func TestPatternsMatch(t *testing.T) {
	for _, row := range []struct {
		pattern, text string
		want          bool
	}{
		{"a@b", "a@b", true}, {"a@b", "a@bc", false}, {"a@b", "ca@b", false},
		{"*@b", "a@b", true}, {"*@b", "@b", true}, {"*@b", "a@b.c", false},
		{"a*@*.c", "abc@x.c", true}, {"a*@*.c", "abc@x.d", false}, {"*@*", "", false},
		{"a*a@b", "a@b", false}, {"a**@b", "ax@b", true}, {"*a@b*", "xa@by", true},
	} {
		if got := matches(row.pattern, []byte(row.text)); got != row.want {
			t.Errorf("%q is like %q: %v", row.text, row.pattern, got)
		}
	}
}

// Clients that verify certificates do not take these.
func TestFaultyCertificatesDoNotHold(t *testing.T) {
	for kind, want := range map[string]string{"expired": "expired", "untrusted": "unknown authority", "wrong-name": "somebody-else.example"} {
		t.Run(kind, func(t *testing.T) {
			server, roots := serverTLS(t)
			k := newSink(t, Config{TLS: server, ImplicitTLS: true, Behaviours: parseBehaviours(t, "tls: certificate "+kind+" first 1")})
			address := serve(t, k, transports()["goroutines"])
			config := &tls.Config{ServerName: "sink.example", RootCAs: roots}
			if _, err := tls.Dial("tcp", address, config); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
			// The next one is that of the sink.
			c, err := tls.Dial("tcp", address, config)
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
		})
	}
	t.Run("the fault is the one that is named", func(t *testing.T) {
		server, _ := serverTLS(t)
		expired, err := x509.ParseCertificate(faultyTLS(&Config{TLS: server, Hostname: "sink.example"}, "expired").Certificates[0].Certificate[0])
		if err != nil || expired.VerifyHostname("sink.example") != nil || expired.NotAfter.After(time.Now()) {
			t.Errorf("%v, %v", expired, err)
		}
	})
}

// A client whose octets are not read any more comes to a halt, and is let go in the end.
func TestADeafSinkStopsAWriter(t *testing.T) {
	eachTransport(t, func(t *testing.T, make func() (transport.Transport, error)) {
		k := newSink(t, Config{Behaviours: parseBehaviours(t, "content: deaf"), CommandTimeout: 2 * time.Second})
		w := connect(t, serve(t, k, make))
		defer w.conn.Close()
		w.reply(false)
		w.say("HELO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
		for range 4 {
			w.reply(false)
		}
		w.conn.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
		block := []byte(strings.Repeat("0123456789abcde\n", 4096))
		for sent := 0; ; sent += len(block) {
			_, err := w.conn.Write(block)
			var halt net.Error
			switch {
			case errors.As(err, &halt) && halt.Timeout():
				return
			case err != nil || sent > 64<<20:
				t.Fatalf("after %d octets: %v", sent, err)
			}
		}
	})
}

func FuzzBehaviour(f *testing.F) {
	for _, line := range []string{
		"rcpt: 450 4.2.1 Mailbox busy 5%", "mail: 421 above 100/s per source", `rcpt: 550 "a 5%" for *@x first 3`, "accept: dribble 1s every 2",
		`ehlo: 250 "a\nb"`, "rcpt: early 250 5.1 x", "tls: certificate expired", "connect: delay 1s..2s", "noop: 250  a  \"b\"",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		b, err := ParseBehaviour(line)
		if err != nil {
			return
		}
		if again, err := ParseBehaviour(b.String()); err != nil || again != b {
			t.Errorf("%q is %+v, and as written, %q: %+v, %v", line, b, b.String(), again, err)
		}
	})
}
