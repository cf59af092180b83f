package sink

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/timing"
)

func TestCheckReturnsAllFaults(t *testing.T) {
	c := Config{
		Hostname: "not a host", Domains: []string{"example.com", "bad domain", ""},
		Users:          []User{{Address: "nobody"}, {Address: "a@b.example", Forward: "<x>"}, {Address: "a@b.example", Quota: -1}},
		Behaviours:     []Behaviour{{Step: timing.Idle, Code: 450, Odds: 1}, {Step: timing.Rcpt, Code: 450, Odds: 2}},
		MaxLine:        100,
		MaxErrors:      -1,
		CommandTimeout: -time.Second,
		StoreMemory:    1,
		ExitAfter:      -1,
		Store:          &Maildir{},
	}
	err := c.Check()
	if err == nil {
		t.Fatal("no fault")
	}
	for _, want := range []string{
		`hostname "not a host"`, `domain "bad domain"`, `domain ""`, `"nobody"`, `"<x>"`, "quota -1",
		"step idle is none of", "odds of 200%", "longest command line: 100", "most errors", "command time-out", "store memory", "exit after", "Maildir: no folder",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no fault names %s in:\n%v", want, err)
		}
	}
	if got := len(strings.Split(err.Error(), "\n")); got != 14 {
		t.Errorf("%d faults, want 14:\n%v", got, err)
	}
	if _, err := New(c); err == nil {
		t.Error("New takes a Config that Check refuses")
	}
	if err := (Config{Store: &Exec{}}).Check(); err == nil || !strings.Contains(err.Error(), "no program") {
		t.Errorf("a command without a program: %v", err)
	}
	if err := (Config{}).Check(); err != nil {
		t.Errorf("the zero Config: %v", err)
	}
}

func TestParseUser(t *testing.T) {
	for line, want := range map[string]User{
		"a@example.com":                                      {Address: "a@example.com"},
		"a@example.com quota 100":                            {Address: "a@example.com", Quota: 100},
		"a@example.com 551 b@example.org":                    {Address: "a@example.com", Forward: "b@example.org", Moved: true},
		"a@example.com  251  b@example.org  quota  18446744": {Address: "a@example.com", Forward: "b@example.org", Quota: 18446744},
	} {
		if got, err := ParseUser(line); err != nil || got != want {
			t.Errorf("%q: %+v, %v", line, got, err)
		}
	}
	for line, says := range map[string]string{
		"":                           "no address",
		"a":                          "a",
		"a@example.com 251":          `nothing after "251"`,
		"a@example.com quota much":   `quota "much"`,
		"a@example.com quota 0":      `quota "0"`,
		"a@example.com 550 b@c.org":  `"550" is none of`,
		"a@example.com 551 b c d":    `"c" is none of`,
		"a@example.com 551 b":        `address "b"`,
		"a@example.com 551 b@c@d.ee": "b@c@d.ee",
	} {
		if _, err := ParseUser(line); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", line, err, says)
		}
	}
}

func TestUnlimitedSizeIsOfferedAsZero(t *testing.T) {
	c := dial(t, newSink(t, Config{MaxSize: -1, MaxRecipients: -1, MaxSessions: -1}))
	c.send("EHLO client.example\r\n")
	if said := c.said(); !strings.Contains(said, "250-SIZE 0\r\n") {
		t.Errorf("said %q", said)
	}
	c.send("MAIL FROM:<s@example.com> SIZE=99999999999999999999\r\n")
	c.expect("250 2.1.0")
}

func TestLongHostnameSurvives(t *testing.T) {
	host := strings.Repeat("a.", 120) + "example"
	c := dial(t, newSink(t, Config{Hostname: host}))
	c.expect("220 " + host)
}

func TestCountersAreJSON(t *testing.T) {
	k := newSink(t, Config{})
	hello(t, k).transact("x\r\n")
	data, err := json.Marshal(k.Counters())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"sessions":1`, `"active_sessions":1`, `"messages":1`, `"recipients":1`, `"octets":3`, `"bare_lf":0`,
		`"commands":{"DATA":1,"EHLO":1,"MAIL":1,"RCPT":1}`, `"replies":{"220":1,"250":4,"354":1}`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %s in %s", want, data)
		}
	}
	if s := k.Counters().String(); s != "1 sessions (1 open), 1 messages, 1 recipients, 3 octets, refused: 0 messages, 0 recipients, 0 commands" {
		t.Errorf("%q", s)
	}
}

// The counters of all loops add up, whichever loop a session was on.
func TestCountersAddUpOverLoops(t *testing.T) {
	k := newSink(t, Config{})
	for loop := range 4 {
		for range loop + 1 {
			c := newClient(t, k)
			c.conv = k.Accept(loop, &c.peer)
			c.open()
			c.send("HELO c.example\r\nQUIT\r\n")
		}
	}
	if n := k.Counters(); n.Sessions != 10 || n.Commands["QUIT"] != 10 || n.Replies["221"] != 10 || n.Active != 0 {
		t.Errorf("%+v", n)
	}
}
