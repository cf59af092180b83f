package sink

import (
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

func TestPipelinedRepliesLeaveInOneWrite(t *testing.T) {
	c := hello(t, newSink(t, Config{}))
	c.writes = 0
	c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")
	c.expect("250", "250", "250", "354")
	if c.writes != 1 {
		t.Errorf("a group of four commands was answered in %d writes", c.writes)
	}
	c.send("x\r\n.\r\nMAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n")
	c.expect("250", "250", "250", "354")
	if c.writes != 2 {
		t.Errorf("content and the next group were answered in %d writes", c.writes-1)
	}
}

func TestDataIsTheLastOfItsGroup(t *testing.T) {
	c := hello(t, newSink(t, Config{}))
	c.writes = 0
	c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n")
	c.expect("250", "250", "354", "250", "221")
	if c.writes != 2 {
		t.Errorf("%d writes, want 354 to leave before the content is looked at", c.writes)
	}
}

// A client that pipelines without end and never reads must cost no more than one scratch
// of replies, and must feel the back-pressure.
func TestClientThatNeverReadsIsHeldBack(t *testing.T) {
	k := newSink(t, Config{})
	c := hello(t, k)
	c.held = true
	flood := strings.Repeat("NOOP\r\n", 10_000)
	c.send(flood)
	first := c.said()
	if len(first) == 0 || len(first) > cap(c.scratch) {
		t.Errorf("%d octets of replies in one write of a scratch of %d", len(first), cap(c.scratch))
	}
	c.send(flood)
	if !c.deaf {
		t.Error("the session listens although its write is unfinished")
	}
	if n := len(c.said()); n != 0 {
		t.Errorf("%d octets of replies while a write is unfinished", n)
	}
	if len(c.unread) < len(flood) {
		t.Errorf("%d octets taken while the client took nothing", 2*len(flood)-len(c.unread))
	}
	c.release()
	if n := strings.Count(first+c.said(), "250 "); n != 20_000 || len(c.unread) != 0 {
		t.Errorf("%d replies, %d octets left", n, len(c.unread))
	}
	if n := k.Counters().Commands["NOOP"]; n != 20_000 {
		t.Errorf("%d NOOPs counted", n)
	}
}

func TestClientThatTakesNoReplyIsClosed(t *testing.T) {
	k := newSink(t, Config{WriteTimeout: time.Minute})
	c := hello(t, k)
	c.held = true
	c.send("NOOP\r\n")
	c.wait(59 * time.Second)
	if c.closed {
		t.Fatal("closed before the time-out for writes")
	}
	c.wait(time.Second)
	if !c.closed || k.Counters().WriteTimeouts != 1 {
		t.Errorf("closed %v, counters %+v", c.closed, k.Counters())
	}
}

func TestEarlyTalkerIsAnsweredAfterTheGreeting(t *testing.T) {
	for name, behaviours := range map[string][]Behaviour{
		"at once":           nil,
		"during a delay":    parseBehaviours(t, "greeting: delay 1s"),
		"at the connection": parseBehaviours(t, "connect: delay 1s"),
	} {
		t.Run(name, func(t *testing.T) {
			k := newSink(t, Config{Behaviours: behaviours})
			c := newClient(t, k)
			if behaviours == nil {
				c.unread = []byte("HELO client.example\r\n")
			}
			c.open()
			if behaviours != nil {
				c.send("HELO client.example\r\n")
				c.expect()
				c.wait(time.Second)
			}
			c.expect("220", "250")
			if n := k.Counters().EarlyTalkers; n != 1 {
				t.Errorf("%d early talkers counted", n)
			}
		})
	}
}

func TestOneSessionTooManyIsTold(t *testing.T) {
	k := newSink(t, Config{MaxSessions: 1})
	first := hello(t, k)
	second := dial(t, k)
	second.expect("421 4.7.0")
	if !second.closed || second.how != transport.Polite {
		t.Error("the second session was not closed politely")
	}
	first.send("QUIT\r\n")
	hello(t, k)
	if n := k.Counters(); n.Sessions != 3 || n.SessionsRefused != 1 || n.Active != 1 {
		t.Errorf("counters %+v", n)
	}
}

// An octet now and then keeps no session open: the time-out is for the command line.
func TestSlowCommandLineRunsOutOfTime(t *testing.T) {
	c := hello(t, newSink(t, Config{CommandTimeout: time.Minute}))
	for range 7 {
		c.send("x")
		c.wait(10 * time.Second)
	}
	c.expect("421 4.4.2")
	if !c.closed {
		t.Error("not closed")
	}
}

func TestSlowContentRunsOutOfTime(t *testing.T) {
	const timeout = time.Minute
	for name, test := range map[string]struct {
		rate, octets int // octets sent each ten seconds
		ends         bool
	}{
		"an octet each ten seconds":   {100, 1, true},
		"just above the lowest rate":  {100, 1010, false},
		"any rate, where any will do": {-1, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			k := newSink(t, Config{DataTimeout: timeout, DataRate: test.rate})
			c := hello(t, k)
			c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n")
			c.expect("250", "250", "354")
			for range 10 {
				c.send(strings.Repeat("x", test.octets))
				c.wait(10 * time.Second)
			}
			if c.closed != test.ends {
				t.Fatalf("closed %v after 100 s, want %v", c.closed, test.ends)
			}
			if test.ends {
				c.expect("421 4.4.2")
			}
			if n := k.Counters(); n.Messages != 0 {
				t.Errorf("%d messages counted", n.Messages)
			}
		})
	}
}

func TestEndInsideATransactionCountsNoMessage(t *testing.T) {
	for name, sent := range map[string]string{
		"a command line": "MAIL FROM:<s@example.com>\r\nRCPT T",
		"the content":    "MAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\nDATA\r\nSubject: x\r\n\r\n.\r",
	} {
		t.Run(name, func(t *testing.T) {
			k := newSink(t, Config{})
			c := hello(t, k)
			c.send(sent)
			c.hangUp()
			if n := k.Counters(); !c.closed || n.Messages != 0 || n.Abandoned != 1 || n.Active != 0 {
				t.Errorf("closed %v, counters %+v", c.closed, n)
			}
		})
	}
}

func TestResetClosesWithReset(t *testing.T) {
	c := hello(t, newSink(t, Config{Behaviours: parseBehaviours(t, "mail: reset")}))
	c.send("NOOP\r\nMAIL FROM:<s@example.com>\r\n")
	c.expect("250")
	if !c.closed || c.how != transport.Reset {
		t.Errorf("closed %v, manner %v", c.closed, c.how)
	}
}

func TestConnectionMayEndBeforeTheGreeting(t *testing.T) {
	for line, how := range map[string]transport.Closing{"connect: drop": 0, "connect: reset": transport.Reset} {
		c := dial(t, newSink(t, Config{Behaviours: parseBehaviours(t, line)}))
		c.expect()
		if !c.closed || c.how != how {
			t.Errorf("%s: closed %v, manner %v", line, c.closed, c.how)
		}
	}
}

func TestLateEventsChangeNothing(t *testing.T) {
	c := hello(t, newSink(t, Config{}))
	c.event(transport.Event{Kind: transport.Woken})
	c.event(transport.Event{Kind: transport.Expired})
	c.held = true
	c.send("NOOP\r\n")
	c.event(transport.Event{Kind: transport.Woken})
	c.hangUp()
	c.expect("250")
	if c.closed {
		t.Fatal("closed with its reply unfinished")
	}
	c.release()
	if !c.closed {
		t.Error("not closed although the client has ended and has its reply")
	}
}

func TestBrokenConnectionIsCounted(t *testing.T) {
	k := newSink(t, Config{})
	c := hello(t, k)
	c.event(transport.Event{Kind: transport.Broken, Fault: timing.Fault{Kind: timing.Reset}})
	if n := k.Counters(); !c.closed || n.Broken != 1 || n.Active != 0 {
		t.Errorf("closed %v, counters %+v", c.closed, n)
	}
}

func TestContentIsCountedAsItIs(t *testing.T) {
	k := newSink(t, Config{})
	c := hello(t, k)
	c.transact("Subject: x\r\n\r\n..dot\r\nlone\nlf\r\x00nul\r\n" + strings.Repeat("x", 1001) + "\r\n\n.\r\n")
	n := k.Counters()
	if n.Messages != 1 || n.Recipients != 1 || n.BareLF != 2 || n.BareCR != 1 || n.NUL != 1 || n.LongLines != 1 || n.SmugglingCandidates != 1 {
		t.Errorf("counters %+v", n.Tallies)
	}
	if want := uint64(len("Subject: x\r\n\r\n.dot\r\nlone\nlf\r\x00nul\r\n") + 1003 + len("\n.\r\n")); n.Octets != want {
		t.Errorf("%d octets, want %d", n.Octets, want)
	}
	if n.Replies["250"] != 4 || n.Replies["354"] != 1 || n.Commands["MAIL"] != 1 {
		t.Errorf("replies %v, commands %v", n.Replies, n.Commands)
	}
}

func TestClosedSinkSaysSo(t *testing.T) {
	k := newSink(t, Config{})
	c := hello(t, k)
	k.Close()
	c.send("NOOP\r\n")
	c.expect("421 4.3.2")
	if !c.closed {
		t.Error("not closed")
	}
}
