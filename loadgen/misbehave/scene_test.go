package misbehave

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/manners"
	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// sent is the Date of every message.
var sent = time.Date(2026, time.November, 7, 6, 9, 10, 0, time.UTC)

// envelopes are those of a plan.
func envelopes(t testing.TB) func(int64, *message.Mail) {
	t.Helper()
	s, err := message.New(message.Config{Seed: 1, Run: "test", Classes: []message.ClassConfig{
		{From: "sender{n}@example.com", To: "user{n}@example.com", Recipients: message.Fixed(1), Size: message.Fixed(100)}}})
	if err != nil {
		t.Fatal(err)
	}
	return func(n int64, m *message.Mail) { s.Fill(n, sent, m) }
}

// config is of clients of one server.
func config(t testing.TB, groups ...string) Config {
	t.Helper()
	c := Config{Workers: 10, Name: "c.example.com", Begin: 1, Envelope: envelopes(t), Date: sent, Seed: 1,
		Servers: []Server{{Endpoints: []transport.Endpoint{{Path: "/server"}}}}}
	for _, text := range groups {
		g, err := manners.ParseGroup(text)
		if err != nil {
			t.Fatal(err)
		}
		c.Groups = append(c.Groups, g)
	}
	for step := range c.Timeouts {
		c.Timeouts[step] = 30 * time.Second
	}
	return c
}

// A scene is where one client plays with a server that is written down.
type scene struct {
	t      testing.TB
	crowd  *Crowd
	client *Client
	now    timing.Instant
	in     []byte // said and not taken
	said   []byte // by the client, and not yet looked at
	action transport.Action
	open   bool
	closed string // how the client closed
	dials  int
	done   bool
	stuck  bool // the server reads nothing: a write does not end
}

func newScene(t testing.TB, c Config) *scene {
	s := &scene{t: t, crowd: New(c), now: 1}
	s.client = s.crowd.Clients()[0]
	s.event(transport.Event{Kind: transport.Started, Waker: s})
	return s
}

// Wake implements transport.Waker.
func (s *scene) Wake() { s.event(transport.Event{Kind: transport.Woken}) }

// event plays an event and what follows from it at once, as a transport does.
func (s *scene) event(e transport.Event) {
	for more := true; more && !s.done; {
		e.Now, e.In, e.Scratch = s.now, s.in, make([]byte, 0, 4096)
		s.action = s.client.Handle(&e)
		a := s.action
		if a.Taken > 0 && e.Kind != transport.Closed && e.Kind != transport.Broken {
			s.in = s.in[a.Taken:]
		}
		e, more = s.carryOut(a)
		if !more && a.Taken > 0 && len(s.in) > 0 && !a.Deaf && s.open {
			e, more = transport.Event{Kind: transport.Received}, true
		}
	}
}

func (s *scene) carryOut(a transport.Action) (follows transport.Event, more bool) {
	switch a.Do {
	case transport.Dial:
		s.dials++
		s.in = nil
	case transport.Write:
		if !s.open {
			s.t.Fatal("the client writes without a connection")
		}
		s.said = append(append(s.said, a.Head...), a.Body...)
		return transport.Event{Kind: transport.Written}, a.Notify && !s.stuck
	case transport.Close:
		s.closed = [...]string{transport.Now: "close", transport.Reset: "reset", transport.HalfWay: "shut"}[a.How]
		if a.How != transport.HalfWay {
			s.open, s.in = false, nil
			return transport.Event{Kind: transport.Closed}, true
		}
	case transport.Done:
		s.done, s.open = true, false
	}
	return transport.Event{}, false
}

func (s *scene) connect() {
	s.open = true
	s.event(transport.Event{Kind: transport.Opened})
}

// say has the server say octets, in pieces of so many.
func (s *scene) say(octets string, pieces int) {
	for len(octets) > 0 && s.open {
		n := min(pieces, len(octets))
		s.in = append(s.in, octets[:n]...)
		octets = octets[n:]
		if !s.action.Deaf {
			s.event(transport.Event{Kind: transport.Received})
		}
	}
}

// expire lets the time come for which the client waits.
func (s *scene) expire() {
	if s.action.Until == 0 {
		s.t.Fatal("the client waits for no time")
	}
	s.now = max(s.now, s.action.Until)
	s.event(transport.Event{Kind: transport.Expired})
}

// lose ends the connection from the server's side.
func (s *scene) lose(kind transport.EventKind, fault timing.FaultKind) {
	if kind == transport.Broken {
		s.open = false
	}
	s.event(transport.Event{Kind: kind, Fault: timing.Fault{Kind: fault}})
	if kind == transport.Broken {
		s.in = nil
	}
}

// A dialogue is in the notation of RFC 5321 appendix D, a line each:
//
//	C: TEXT     the client tells TEXT and CR LF; {n} is the message's number
//	c: "TEXT"   the client tells these octets, quoted as in Go
//	C: <N octets>
//	C: <close>, <reset>, <shut>, <nothing>
//	S: TEXT     the server says TEXT and CR LF
//	S: <close>, <reset>
//	<time>      the time comes for which the client waits
func (s *scene) play(dialogue string, pieces int) {
	s.t.Helper()
	for line := range strings.Lines(strings.TrimSpace(dialogue)) {
		who, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch who {
		case "": // between two parts
		case "S:":
			s.server(text, pieces)
		case "C:", "c:":
			s.tells(who, text)
		case "<time>":
			s.expire()
		default:
			s.t.Fatalf("no line of a dialogue: %s", line)
		}
	}
	if len(s.said) > 0 {
		s.t.Errorf("the client told more: %.200q", s.said)
	}
}

func (s *scene) server(text string, pieces int) {
	switch text {
	case "<close>":
		s.lose(transport.Ended, 0)
	case "<reset>":
		s.lose(transport.Broken, timing.Reset)
	default:
		s.say(text+"\r\n", pieces)
	}
}

func (s *scene) tells(who, text string) {
	s.t.Helper()
	want := strings.ReplaceAll(text, "{n}", strconv.FormatInt(firstNumber, 10)) + "\r\n"
	var octets int
	switch {
	case text == "<close>" || text == "<reset>" || text == "<shut>":
		if "<"+s.closed+">" != text {
			s.t.Fatalf("the client did not %s: %q; it said %q", text, s.closed, s.said)
		}
		return
	case text == "<nothing>":
		if len(s.said) > 0 {
			s.t.Fatalf("the client said %q", s.said)
		}
		return
	case who == "c:":
		want, _ = strconv.Unquote(text)
	}
	if n, _ := fmt.Sscanf(text, "<%d octets>", &octets); n == 1 && len(s.said) >= octets {
		want = string(s.said[:octets])
	}
	if got := string(s.said); !strings.HasPrefix(got, want) {
		s.t.Fatalf("the client said %.300q, want %.300q", got, want)
	}
	s.said = s.said[len(want):]
}

// told is a tally in words.
func told(t Tally) string {
	words := []string{fmt.Sprintf("%d begun", t.Sessions)}
	for e, n := range t.Endings {
		if n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, endingWords[e]))
		}
	}
	for _, r := range t.Replies {
		w := fmt.Sprintf("%v %d x%d", r.Step, r.Code, r.Count)
		if r.Ended > 0 {
			w += fmt.Sprintf(" ended %d", r.Ended)
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

var endingWords = [NumEndings]string{"accepted", "refused", "told", "closed", "left", "timed out", "garbled", "unreached", "local", "open"}
