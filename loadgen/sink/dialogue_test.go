package sink

import (
	"bufio"
	"crypto/tls"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/transport"
)

// Dialogues are written as in RFC 5321: "C: " is a line that the client sends, "S: "
// one that the server must say next, exactly, or up to "..." at the end. Lines of
// the client that follow each other are sent together. And:
//
//	c: "octets"          what is sent, quoted as in Go, without a line end of its own
//	c: long "NOOP " 510  those octets and as many x, with CR LF, as make 510 before it
//	s: "octets"          what it must say next, quoted as in Go, whatever lines that makes
//	S: (nothing)         nothing more has been said
//	S: (closed)          the server has closed
//	S: (reset)           the server has broken the connection
//	(wait 5m)            time passes
//	S: (250 without X)   a reply of 250, in which no line begins with X
//	(store)              the store gives its verdict
//	(another session)    is opened by another client, and what it is told is heard here
//	(done)               the sink has taken all that it was to take
//	(hang up)            the client ends its side
//	set: NAME VALUE      a setting, before all else
type dialogue struct {
	name   string
	config Config
	lines  []string
}

var settings = map[string]func(c *Config, value string) error{
	"domain":                  func(c *Config, v string) error { c.Domains = append(c.Domains, v); return nil },
	"max-recipients":          func(c *Config, v string) (err error) { c.MaxRecipients, err = strconv.Atoi(v); return },
	"max-size":                func(c *Config, v string) (err error) { c.MaxSize, err = strconv.ParseInt(v, 10, 64); return },
	"max-line":                func(c *Config, v string) (err error) { c.MaxLine, err = strconv.Atoi(v); return },
	"max-errors":              func(c *Config, v string) (err error) { c.MaxErrors, err = strconv.Atoi(v); return },
	"lenient-lines":           func(c *Config, _ string) error { c.LenientLines = true; return nil },
	"refuse-lone-lf":          func(c *Config, _ string) error { c.LoneLF = RefuseLoneLF; return nil },
	"tls":                     func(c *Config, _ string) error { c.TLS = &tls.Config{}; return nil },
	"implicit-tls":            func(c *Config, _ string) error { c.TLS, c.ImplicitTLS = &tls.Config{}, true; return nil },
	"require-tls":             func(c *Config, _ string) error { c.TLS, c.RequireTLS = &tls.Config{}, true; return nil },
	"prdr":                    func(c *Config, _ string) error { c.PRDR = true; return nil },
	"lmtp":                    func(c *Config, _ string) error { c.LMTP = true; return nil },
	"proxy":                   func(c *Config, _ string) error { c.Proxy = true; return nil },
	"trust":                   func(c *Config, v string) error { c.Trusted = append(c.Trusted, netip.MustParsePrefix(v)); return nil },
	"max-sessions-per-source": func(c *Config, v string) (err error) { c.MaxSessionsPerSource, err = strconv.Atoi(v); return },
	"reply-by-address":        func(c *Config, _ string) error { c.ReplyByAddress = true; return nil },
	"greylist":                func(c *Config, v string) (err error) { c.Greylist, err = time.ParseDuration(v); return },
	"tarpit":                  func(c *Config, v string) (err error) { c.Tarpit, err = time.ParseDuration(v); return },
	"max-transactions":        func(c *Config, v string) (err error) { c.MaxTransactions, err = strconv.Atoi(v); return },
	"script": func(c *Config, v string) error {
		script, err := ParseScript([]byte(strings.ReplaceAll(v, `\n`, "\n")))
		c.Behaviours, c.DomainBehaviours, c.Users = append(c.Behaviours, script.Behaviours...), script.Domains, script.Users
		return err
	},
	"max-recipient-domains": func(c *Config, v string) (err error) { c.MaxRecipientDomains, err = strconv.Atoi(v); return },
	"auth-any":              func(c *Config, _ string) error { c.AuthAny = true; return nil },
	"reject-early-talkers":  func(c *Config, _ string) error { c.RejectEarlyTalkers = true; return nil },
	"greet-delay":           func(c *Config, v string) (err error) { c.GreetDelay, err = time.ParseDuration(v); return },
	"max-received":          func(c *Config, v string) (err error) { c.MaxReceived, err = strconv.Atoi(v); return },
	"require-auth":          func(c *Config, _ string) error { c.RequireAuth = true; return nil },
	"auth-in-clear":         func(c *Config, _ string) error { c.AuthInClear = true; return nil },
	"mechanism":             func(c *Config, v string) error { c.Mechanisms = append(c.Mechanisms, v); return nil },
	"account": func(c *Config, v string) error {
		all, err := ReadAccounts(strings.NewReader(v))
		c.Accounts = append(c.Accounts, all...)
		return err
	},
	"without": func(c *Config, v string) error {
		e, err := ParseExtension(v)
		c.Without |= e
		return err
	},
	"user": func(c *Config, v string) error {
		u, err := ParseUser(v)
		c.Users = append(c.Users, u)
		return err
	},
	"behave": func(c *Config, v string) error {
		b, err := ParseBehaviour(v)
		c.Behaviours = append(c.Behaviours, b)
		return err
	},
}

func readDialogue(t *testing.T, path string) (d dialogue) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	d.name = strings.TrimSuffix(filepath.Base(path), ".dialogue")
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		if setting, ok := strings.CutPrefix(line, "set: "); ok {
			name, value, _ := strings.Cut(setting, " ")
			if err := settings[name](&d.config, value); err != nil {
				t.Fatalf("%s: %v", d.name, err)
			}
		} else if line != "" && line[0] != '#' {
			d.lines = append(d.lines, line)
		}
	}
	return d
}

// octets returns what a line of the client sends.
func octets(t *testing.T, line string) string {
	t.Helper()
	if text, ok := strings.CutPrefix(line, "C: "); ok {
		return text + "\r\n"
	}
	text := strings.TrimPrefix(line, "c: ")
	long, isLong := strings.CutPrefix(text, "long ")
	quoted, err := strconv.QuotedPrefix(long)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	s, err := strconv.Unquote(quoted)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if isLong {
		n, err := strconv.Atoi(strings.TrimSpace(long[len(quoted):]))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		s += strings.Repeat("x", n-len(s)) + "\r\n"
	}
	return s
}

// play plays a dialogue with a session, sending by say.
func (d dialogue) play(t *testing.T, c *client, say func(string)) {
	var sent, heard string
	flush := func() {
		if sent != "" {
			say(sent)
			sent = ""
		}
		heard += c.said()
	}
	for i, line := range d.lines {
		switch {
		case strings.HasPrefix(line, "C: ") || strings.HasPrefix(line, "c: "):
			sent += octets(t, line)
			continue
		}
		flush()
		switch {
		case strings.HasPrefix(line, "(wait "):
			pause, err := time.ParseDuration(strings.TrimSuffix(line[len("(wait "):], ")"))
			if err != nil {
				t.Fatalf("line %d, %q: %v", i+1, line, err)
			}
			c.wait(pause)
		case strings.HasPrefix(line, "s: "):
			want, err := strconv.Unquote(line[len("s: "):])
			if err != nil || !strings.HasPrefix(heard, want) {
				t.Fatalf("line %d: said %q, want %s, %v", i+1, heard, line, err)
			}
			heard = heard[len(want):]
		case line == "(hang up)":
			c.hangUp()
		case line == "(store)":
			c.woken()
			heard += c.said()
		case line == "(another session)":
			another := dial(t, c.conv.(*session).sink)
			heard += another.said()
		case line == "(done)":
			within10s(t, c.conv.(*session).sink.Done())
		case strings.HasPrefix(line, "S: (250 without "):
			heard = passReply(t, heard, strings.TrimSuffix(line[len("S: (250 without "):], ")"))
		case line == "S: (nothing)":
			if heard != "" || c.closed {
				t.Fatalf("line %d: heard %q, closed %v, want nothing", i+1, heard, c.closed)
			}
		case line == "S: (closed)":
			if heard != "" || !c.closed {
				t.Fatalf("line %d: heard %q, closed %v, want the end", i+1, heard, c.closed)
			}
		case line == "S: (reset)":
			if heard != "" || !c.closed || c.how != transport.Reset {
				t.Fatalf("line %d: heard %q, closed %v, how %d, want a reset", i+1, heard, c.closed, c.how)
			}
		default:
			said, rest, _ := strings.Cut(heard, "\r\n")
			heard = rest
			want, isStart := strings.CutSuffix(strings.TrimPrefix(line, "S: "), "...")
			if said != want && !(isStart && strings.HasPrefix(said, want)) {
				t.Fatalf("line %d: said %q, want %q", i+1, said, line)
			}
		}
	}
	if flush(); heard != "" {
		t.Fatalf("said %q at the end", heard)
	}
}

// passReply passes one reply of what was heard, and looks for what must not be in it.
func passReply(t *testing.T, heard, without string) (rest string) {
	t.Helper()
	for more := true; more; {
		line, after, _ := strings.Cut(heard, "\r\n")
		if len(line) < 4 || line[:3] != "250" || strings.HasPrefix(line[4:], without) {
			t.Fatalf("said %q, want 250 without %s", line, without)
		}
		heard, more = after, line[3] == '-'
	}
	return heard
}

func TestDialogues(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.dialogue")
	if err != nil || len(paths) == 0 {
		t.Fatal("no dialogues", err)
	}
	for _, path := range paths {
		d := readDialogue(t, path)
		t.Run(d.name, func(t *testing.T) {
			c := dial(t, newSink(t, d.config))
			d.play(t, c, c.send)
		})
		t.Run(d.name+" one octet at a time", func(t *testing.T) {
			c := dial(t, newSink(t, d.config))
			d.play(t, c, c.trickle)
		})
	}
}
