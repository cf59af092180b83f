package sink

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

func TestParseBehaviour(t *testing.T) {
	for _, test := range []struct {
		line string
		want Behaviour
	}{
		{"rcpt: 450 5%", Behaviour{Step: timing.Rcpt, Code: 450, Odds: 0.05}},
		{"RCPT:450", Behaviour{Step: timing.Rcpt, Code: 450, Odds: 1}},
		{" mail : 451 4.7.1 Come back later 12.5% ",
			Behaviour{Step: timing.Mail, Code: 451, Enhanced: smtp.MakeEnhanced(4, 7, 1), Text: "Come back later", Odds: 0.125}},
		{"data: 554 half of 50", Behaviour{Step: timing.Data, Code: 554, Text: "half of 50", Odds: 1}},
		{"greeting: 421", Behaviour{Step: timing.Greeting, Code: 421, Odds: 1}},
		{"accept: delay 20ms", Behaviour{Step: timing.Accept, Deed: Delay, Odds: 1, Least: 20 * time.Millisecond, Most: 20 * time.Millisecond}},
		{"connect: delay 1s..2m 0.1%", Behaviour{Step: timing.Connect, Deed: Delay, Odds: 0.001, Least: time.Second, Most: 2 * time.Minute}},
		{"mail: 450 4.7.0 Slow down above 100/s per source 50%",
			Behaviour{Step: timing.Mail, Code: 450, Enhanced: smtp.MakeEnhanced(4, 7, 0), Text: "Slow down", Odds: 0.5, Above: 100, PerSource: true}},
		{"mail: delay 1s above 0.5/s", Behaviour{Step: timing.Mail, Deed: Delay, Odds: 1, Least: time.Second, Most: time.Second, Above: 0.5}},
		{"rcpt: 450 Far above all", Behaviour{Step: timing.Rcpt, Code: 450, Text: "Far above all", Odds: 1}},
		{"content: 550 5.7.1 Not that", Behaviour{Step: timing.Content, Code: 550, Enhanced: smtp.MakeEnhanced(5, 7, 1), Text: "Not that", Odds: 1}},
		{"quit: drop", Behaviour{Step: timing.Quit, Deed: Drop, Odds: 1}},
		{"ehlo: reset 100%", Behaviour{Step: timing.EHLO, Deed: Reset, Odds: 1}},
		{"noop:\tsilence\t1%", Behaviour{Step: timing.NOOP, Deed: Silence, Odds: 0.01}},
		{"rcpt: 450 3 first 3", Behaviour{Step: timing.Rcpt, Code: 450, Text: "3", Odds: 1, First: 3}},
		{"rcpt: 550 5.1.1 Not today every 7 for *@Example.com 50%",
			Behaviour{Step: timing.Rcpt, Code: 550, Enhanced: smtp.MakeEnhanced(5, 1, 1), Text: "Not today", Odds: 0.5, Every: 7, For: "*@Example.com"}},
		{"mail: 451 Not for you", Behaviour{Step: timing.Mail, Code: 451, Text: "Not for you", Odds: 1}},
		{"mail: 451 the first", Behaviour{Step: timing.Mail, Code: 451, Text: "the first", Odds: 1}},
		{`mail: 451 4.7.0 "Up  to 5%" 10%`, Behaviour{Step: timing.Mail, Code: 451, Enhanced: smtp.MakeEnhanced(4, 7, 0), Text: "Up  to 5%", Odds: 0.1}},
		{`mail: 451 "4.7.0 first 3"`, Behaviour{Step: timing.Mail, Code: 451, Text: "4.7.0 first 3", Odds: 1}},
		{`ehlo: 250 "Hello\nX-ODD a=b\nSIZE"`, Behaviour{Step: timing.EHLO, Code: 250, Text: "Hello\nX-ODD a=b\nSIZE", Odds: 1}},
		{"rcpt: early 250 Ok", Behaviour{Step: timing.Rcpt, Early: true, Code: 250, Text: "Ok", Odds: 1}},
		{"accept: dribble 1s", Behaviour{Step: timing.Accept, Deed: Dribble, Odds: 1, Least: time.Second}},
		{"noop: twice above 5/s", Behaviour{Step: timing.NOOP, Deed: Twice, Odds: 1, Above: 5}},
		{"auth: endless", Behaviour{Step: timing.Auth, Deed: Endless, Odds: 1}},
		{"tls: garbage 10%", Behaviour{Step: timing.TLS, Deed: Garbage, Odds: 0.1}},
		{"tls: certificate wrong-name", Behaviour{Step: timing.TLS, Deed: Certificate, Text: "wrong-name", Odds: 1}},
		{"content: deaf", Behaviour{Step: timing.Content, Deed: Deaf, Odds: 1}},
	} {
		got, err := ParseBehaviour(test.line)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: %+v, %v; want %+v", test.line, got, err, test.want)
			continue
		}
		if again, err := ParseBehaviour(got.String()); err != nil || again != got {
			t.Errorf("%q as written, %q: %+v, %v", test.line, got, again, err)
		}
	}
}

func TestBehaviourErrorPointsAtTheColumn(t *testing.T) {
	for _, test := range []struct{ line, column, says string }{
		{"", "column 1:", "STEP:"},
		{"rcpt 450", "column 1:", "STEP:"},
		{"idle: 450", "column 1:", `"idle" is none of connect, greeting, ehlo`},
		{"mail: 450 above x/s", "column 17:", `"x/s" is no rate`},
		{"mail: 450 above 0/s per source", "column 17:", `"0/s" is no rate`},
		{"  bogus: 450", "column 3:", `"bogus"`},
		{"rcpt:", "column 6:", "action is missing"},
		{"rcpt: 5%", "column 7:", "action is missing"},
		{"rcpt: 45", "column 7:", "not a reply code"},
		{"rcpt: 199 x", "column 7:", "not a reply code"},
		{"rcpt: 460", "column 7:", "not a reply code"},
		{"rcpt: 450 5.1.1 no", "column 11:", "first digit"},
		{"rcpt: explode", "column 7:", `"explode" is no action`},
		{"rcpt: delay", "column 12:", "not a duration"},
		{"rcpt: delay fast", "column 13:", "not a duration"},
		{"rcpt: delay 1s..", "column 17:", "not a duration"},
		{"rcpt: delay 2s..1s", "column 13:", "more than"},
		{"rcpt: delay -1s", "column 13:", "not a duration"},
		{"rcpt: drop it", "column 12:", `"it" is more than drop takes`},
		{"rcpt: 450 101%", "column 11:", "odds"},
		{"rcpt: 450 0%", "column 11:", "odds"},
		{"rcpt: 450 x%", "column 11:", "odds"},
		{"connect: 450", "", "use greeting"},
		{"tls: 454", "", "use starttls"},
		{"tls: lf-only", "", "tls has no reply that lf-only could change"},
		{"content: twice", "", "content has no reply that twice could change"},
		{"mail: endless", "", "endless is for auth only"},
		{"starttls: garbage", "", "garbage is for tls only"},
		{"tls: certificate", "", "a certificate is expired, untrusted, wrong-name"},
		{"tls: certificate stolen", "", "a certificate is expired, untrusted, wrong-name"},
		{"greeting: 421 for a@b.example", "", "greeting has no address for a pattern"},
		{"data: early 354", "", "early is for the reply to a command that has an argument"},
		{"rcpt: early drop", "column 13:", "not a reply code"},
		{"rcpt: early", "column 12:", "not a reply code"},
		{"rcpt: dribble", "column 14:", "not a duration"},
		{"rcpt: 450 first 3 every 3", "", "the first few times, or each so manieth"},
		{`rcpt: 450 "no end`, "column 11:", "no quote at the end"},
		{`rcpt: 450 "an" end`, "column 16:", "more than"},
	} {
		_, err := ParseBehaviour(test.line)
		if err == nil || !strings.Contains(err.Error(), test.column) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: %v; want %q and %q", test.line, err, test.column, test.says)
		}
	}
}

func TestOddsAreDrawnAsOftenAsTheySay(t *testing.T) {
	k := newSink(t, Config{Seed: 7, Behaviours: parseBehaviours(t, "noop: 450 25%", "noop: 451 50%")})
	c := hello(t, k)
	const draws = 10_000
	c.send(strings.Repeat("NOOP\r\n", draws))
	replies := k.Counters().Replies
	for code, want := range map[string]float64{"450": 0.25, "451": 0.75 * 0.5} {
		deviation := math.Sqrt(draws * want * (1 - want))
		if got := float64(replies[code]); math.Abs(got-draws*want) > 5*deviation {
			t.Errorf("%s to %v of %d, want about %v", code, got, draws, draws*want)
		}
	}
}

func TestDrawsRepeatWithTheSeed(t *testing.T) {
	talk := func(seed uint64) string {
		k := newSink(t, Config{Seed: seed, Behaviours: parseBehaviours(t, "noop: 450 50%", "noop: delay 1ms..1s 50%")})
		var said strings.Builder
		for range 3 {
			c := hello(t, k)
			for range 50 {
				c.send("NOOP\r\n")
				for c.resumes() {
					c.wait(time.Millisecond)
				}
			}
			said.WriteString(c.said())
			said.WriteString(time.Duration(c.now).String())
		}
		return said.String()
	}
	if first, again := talk(1), talk(1); first != again {
		t.Error("the same seed gives other replies or delays")
	}
	if talk(1) == talk(2) {
		t.Error("another seed gives the same replies and delays")
	}
}

// resumes reports whether a delay is under way.
func (c *client) resumes() bool { return c.conv.(*session).resume != 0 }

func TestDelaysLieBetweenTheirBounds(t *testing.T) {
	k := newSink(t, Config{Behaviours: parseBehaviours(t, "noop: delay 10ms..20ms")})
	c := hello(t, k)
	for range 100 {
		begin := c.now
		c.send("NOOP\r\n")
		if d := c.until.Sub(begin); d < 10*time.Millisecond || d > 20*time.Millisecond {
			t.Fatalf("a delay of %v", d)
		}
		c.wait(20 * time.Millisecond)
		c.expect("250")
	}
}

func TestAnswerIsCompleted(t *testing.T) {
	for line, want := range map[string]string{
		"rcpt: 450":               "450 4.2.1 Mailbox unavailable",
		"rcpt: 421":               "421 4.3.2 h.example Service not available, closing transmission channel",
		"rcpt: 421 Bye":           "421 4.3.2 Bye",
		"quit: 221":               "221 2.0.0 h.example Service closing transmission channel",
		"greeting: 554":           "554 h.example Transaction failed",
		"greeting: 421":           "421 h.example Service not available, closing transmission channel",
		"greeting: 220 ESMTP":     "220 h.example ESMTP",
		"ehlo: 502":               "502 Command not implemented",
		"data: 354":               "354 Start mail input",
		"accept: 250":             "250 2.0.0 Requested mail action okay, completed",
		"accept: 550 5.7.1 Spam":  "550 5.7.1 Spam",
		"mail: 459 Nobody's code": "459 4.0.0 Nobody's code",
	} {
		b, err := ParseBehaviour(line)
		if got := string(b.answer(&Config{Hostname: "h.example"}).octets); err != nil || got != want+"\r\n" {
			t.Errorf("%s: %q, %v; want %q", line, got, err, want)
		}
	}
}
