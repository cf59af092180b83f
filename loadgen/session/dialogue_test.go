package session

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mailmill/loadgen/identity"
	"mailmill/loadgen/login"
	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
)

// A dialogue is one scenario in the notation of RFC 5321 appendix D. Its file opens with comments
// that say what it shows, with the RFC's section and the client vectors that it covers. Then come:
//
//	with: NAME=VALUE …        settings, see the table settings
//	S: 250 Ok                 a line that the server says; lines that follow each other come in one read
//	s: "250 Ok\n"             octets that it says, quoted as in Go, without a line end of their own
//	s: long "250 " 600        those octets and as many x, with CR LF, as make 600 before it
//	C: DATA                   a line that the client says; {size} stands for the message's
//	want: LINE                a line of the records at the end, see records.lines: all of them, in order
//
// and what else happens, see the table acts:
//
//	C: <connect>              the client dials; at the beginning this goes without saying
//	C: <content>              the whole content, octet for octet, to the end of mail data
//	C: <content ends "…">     the same, and its last octets are these
//	C: <content begins>       a part of it: the server hears no more than that
//	C: <chunk 100>            BDAT with that many octets of the content; also <chunk 100 last>, <chunk rest last>
//	C: <tls>                  the handshake
//	C: <idle>                 the client has nothing to say until its time comes
//	C: <close>                the client ends the connection
//	S: <refuse>               the server's host refuses the connection
//	S: <pause>                what follows comes in a later read
//	S: <silence>              the server says nothing more: the client's time-out passes
//	S: <close>                FIN
//	S: <reset>                RST
type dialogue struct {
	name    string
	comment string
	setting
	lines []line
	wants []string
}

// A line is what one side does.
type line struct {
	number int // in the file
	by     side
	octets string // that are said
	act    string // in angle brackets, if it is not to say something
	ends   string // of <content ends …>

	from, size int // of <chunk …>: octets of the content; a size of -1 is the rest
	last       bool
}

type side byte

const (
	client side = 'C'
	server side = 'S'
)

// says reports whether the line is something that the server says.
func (l line) says() bool { return l.by == server && l.act == "" }

// A setting is what the client is to do.
type setting struct {
	message   message.ClassConfig
	messages  int
	think     time.Duration // between two messages in a session
	noop      bool          // after think
	quota     int           // messages in a session; 0: no end
	endpoints int
	whole     bool // what it shows, it shows only if the octets come in the reads that are written
	config    Config
	lmtp      bool
	security  Security
}

var settings = map[string]func(s *setting, v string) error{
	"messages": func(s *setting, v string) (err error) { s.messages, err = strconv.Atoi(v); return },
	"recipients": func(s *setting, v string) (err error) {
		s.message.Recipients, err = message.ParseQuantity(v, strconv.Atoi)
		return
	},
	"size": func(s *setting, v string) (err error) {
		s.message.Size, err = message.ParseQuantity(v, strconv.Atoi)
		return
	},
	"from":      func(s *setting, v string) (err error) { s.message.From = strings.Trim(v, "<>"); return },
	"think":     func(s *setting, v string) (err error) { s.think, err = time.ParseDuration(v); return },
	"noop":      func(s *setting, v string) (err error) { s.noop, err = strconv.ParseBool(v); return },
	"quota":     func(s *setting, v string) (err error) { s.quota, err = strconv.Atoi(v); return },
	"endpoints": func(s *setting, v string) (err error) { s.endpoints, err = strconv.Atoi(v); return },
	"data": func(s *setting, v string) error {
		data, err := strconv.Unquote(v)
		s.message.Data = []byte(data)
		return err
	},
	"tls": func(s *setting, v string) error {
		s.security = map[string]Security{"starttls": MustStartTLS, "implicit": ImplicitTLS}[v]
		s.config.TLS = NewTLS(&tls.Config{InsecureSkipVerify: true}, []string{"mail.example.com"}, 0)
		return nil
	},
	"user": func(s *setting, v string) (err error) {
		s.config.Login = &login.Book{}
		s.config.Login.Users, err = login.ReadUsers(strings.NewReader(v))
		return err
	},
	"auth": func(s *setting, v string) error {
		s.config.Login.Mechanisms = strings.Split(v, ",")
		return s.config.Login.Check()
	},
	"xclient":  func(s *setting, v string) error { return s.claim(identity.XCLIENT, v) },
	"xforward": func(s *setting, v string) error { return s.claim(identity.XFORWARD, v) },
	"proxy": func(s *setting, v string) error {
		s.identity().Proxy = v[1] - '0'
		return nil
	},
	"client": func(s *setting, v string) (err error) {
		s.identity().Clients, err = identity.ParsePool([]string{v})
		return err
	},
	"reads": func(s *setting, v string) error {
		s.whole = v == "whole"
		return nil
	},
}

func (s *setting) identity() *identity.Book {
	if s.config.Identity == nil {
		s.config.Identity = &identity.Book{}
	}
	return s.config.Identity
}

func (s *setting) claim(c identity.Command, v string) (err error) {
	s.identity().Claims[c], err = identity.ParseAttributes(c, v, nil)
	return err
}

// unset are the settings of a dialogue that has none: one message of a short text.
func unset() setting {
	return setting{messages: 1, endpoints: 1,
		message: message.ClassConfig{From: "sender@example.com", To: "user{n}@example.com", Size: message.Fixed(200)}}
}

// sent is the Date of every message.
var sent = time.Date(2026, time.November, 7, 6, 9, 10, 0, time.UTC)

// mails returns the messages that the client is to send.
func (s *setting) mails(t rapid.TB) []message.Mail {
	t.Helper()
	source := sourceOf(t, s.message)
	mails := make([]message.Mail, s.messages)
	for i := range mails {
		source.Fill(int64(i), sent, &mails[i])
	}
	return mails
}

var sources sync.Map // by what they are made of; large bodies take their time

func sourceOf(t rapid.TB, c message.ClassConfig) *message.Source {
	t.Helper()
	key := fmt.Sprintf("%+v", c)
	if known, ok := sources.Load(key); ok {
		return known.(*message.Source)
	}
	source, err := message.New(message.Config{Seed: 1, Run: "dialogue", Classes: []message.ClassConfig{c}})
	if err != nil {
		t.Fatal(err)
	}
	sources.Store(key, source)
	return source
}

func readDialogue(t rapid.TB, path string) *dialogue {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := &dialogue{name: strings.TrimSuffix(filepath.Base(path), ".dialogue"), setting: unset()}
	for i, text := range strings.Split(string(text), "\n") {
		if err := d.read(i+1, text); err != nil {
			t.Fatalf("%s:%d: %s: %v", path, i+1, text, err)
		}
	}
	if len(d.lines) > 0 && d.lines[0].act != "connect" {
		d.lines = append([]line{{by: client, act: "connect"}}, d.lines...)
	}
	return d
}

// read takes one line of the file.
func (d *dialogue) read(number int, text string) error {
	kind, rest, _ := strings.Cut(text, ": ")
	l := line{number: number}
	var err error
	switch {
	case text == "":
		return nil
	case strings.HasPrefix(text, "#"):
		d.comment += strings.TrimPrefix(text, "#") + "\n"
		return nil
	case kind == "with":
		return d.set(rest)
	case kind == "want":
		d.wants = append(d.wants, rest)
		return nil
	case kind == "s":
		l.by = server
		l.octets, err = octets(rest)
	case kind == "C" || kind == "S":
		l.by = side(kind[0])
		l.octets = rest + "\r\n"
		if act, ok := strings.CutPrefix(rest, "<"); ok {
			l.octets, l.act = "", strings.TrimSuffix(act, ">")
			err = cmp.Or(d.cutChunk(&l), l.cutEnds())
		}
	default:
		err = fmt.Errorf("neither C:, S:, s:, with: nor want:")
	}
	d.lines = append(d.lines, l)
	return err
}

func (l *line) cutEnds() (err error) {
	if quoted, ok := strings.CutPrefix(l.act, "content ends "); ok {
		l.act = "content"
		l.ends, err = strconv.Unquote(quoted)
	}
	if acts[l.act] == nil {
		return fmt.Errorf("no act %q", l.act)
	}
	return err
}

func (d *dialogue) set(text string) error {
	for _, word := range strings.Fields(text) {
		name, value, _ := strings.Cut(word, "=")
		set, ok := settings[name]
		if !ok {
			return fmt.Errorf("no setting %q", name)
		}
		if err := set(&d.setting, value); err != nil {
			return err
		}
	}
	return nil
}

// octets returns what a line s: says.
func octets(text string) (string, error) {
	long, isLong := strings.CutPrefix(text, "long ")
	quoted, err := strconv.QuotedPrefix(long)
	if err != nil {
		return "", err
	}
	s, err := strconv.Unquote(quoted)
	if err != nil || !isLong {
		return s, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(long[len(quoted):]))
	return s + strings.Repeat("x", max(0, n-len(s))) + "\r\n", err
}

// timesOut reports whether the records are to tell of a time-out in a step.
func (d *dialogue) timesOut(s timing.Step) bool {
	for _, want := range d.wants {
		if strings.HasPrefix(want, "fault "+s.String()+" timeout ") {
			return true
		}
	}
	return false
}

// dialogues returns all of testdata.
func dialogues(t rapid.TB) (all []*dialogue) {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.dialogue")
	if err != nil || len(paths) == 0 {
		t.Fatal("no dialogues", err)
	}
	for _, path := range paths {
		all = append(all, readDialogue(t, path))
	}
	return all
}

func TestEveryDialogueSaysWhatItShows(t *testing.T) {
	for _, d := range dialogues(t) {
		if !regexp.MustCompile(`RFC\s+[0-9]+`).MatchString(d.comment) || len(d.wants) == 0 || len(d.lines) == 0 {
			t.Errorf("%s: needs a comment that cites an RFC, a dialogue, and what is to be recorded", d.name)
		}
	}
}
