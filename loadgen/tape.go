package loadgen

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"mailmill/loadgen/login"
	"mailmill/loadgen/session"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// maxTape bounds what is kept of one session until it is known whether it is to be written out.
const maxTape = 256 << 10

// maxTapedWrite is how much of one write is shown: a content is more than anyone reads.
const maxTapedWrite = 2 << 10

// tapes writes sessions out as lines "S: …" and "C: …", each with the time since the session began: the
// first of the run, or the first that failed.
type tapes struct {
	mu       sync.Mutex
	out      io.Writer
	sessions int // still to be written out, whatever becomes of them
	failures int // of those that fail
	number   int
}

func newTapes(plan profiles.Plan, out io.Writer) *tapes {
	if out == nil || plan.Transcript+plan.TranscriptFailures == 0 {
		return nil
	}
	return &tapes{out: out, sessions: plan.Transcript, failures: plan.TranscriptFailures}
}

// record puts a tape on a worker. Without tapes the worker runs bare, and pays nothing.
func (t *tapes) record(w *worker) transport.Conversation {
	if t == nil {
		return w
	}
	return &tape{worker: w, tapes: t}
}

// A tape records the sessions of one worker.
type tape struct {
	worker  *worker
	tapes   *tapes
	text    bytes.Buffer
	began   timing.Instant
	session int // of the worker's, the one that is recorded
	running bool
	failed  bool
}

// Handle implements transport.Conversation.
func (t *tape) Handle(e *transport.Event) transport.Action {
	if t.running {
		t.event(e)
	}
	secret, exchange := t.worker.session.Step() == timing.Auth, t.worker.session.Exchange()
	a := t.worker.Handle(e)
	if outcome := t.worker.lastOutcome; outcome != timing.NoOutcome {
		t.failed = t.failed || outcome != timing.Accepted
		t.worker.lastOutcome = timing.NoOutcome
	}
	if t.running {
		t.lines(e.Now, "S: ", hidden(secret, exchange, e.In[:a.Taken]))
		if a.Do == transport.Write {
			secret = t.worker.session.Step() == timing.Auth
			t.lines(e.Now, "C: ", hidden(secret, nil, append(append([]byte(nil), a.Head...), a.Body...)))
		}
	}
	over := (e.Kind == transport.Closed || e.Kind == transport.Broken) && (a.Do != transport.Dial || t.session != t.worker.sessions)
	if t.running && over {
		t.tapes.keep(t)
		t.running = false
	}
	t.turn(e.Now, &a)
	return a
}

// hidden takes out of the lines of an AUTH exchange what is, or would help to guess, a password: the initial response,
// challenges, answers, and what the server repeats of them.
func hidden(secret bool, exchange *login.Exchange, octets []byte) []byte {
	if !secret {
		return octets
	}
	var shown []byte
	for line := range bytes.Lines(octets) {
		text := withoutSecrets(strings.TrimRight(string(line), "\r\n"))
		if exchange != nil {
			text = exchange.Hide(text)
		}
		shown = append(shown, text+"\r\n"...)
	}
	return shown
}

func withoutSecrets(line string) string {
	words := strings.SplitN(line, " ", 3)
	switch {
	case line == "*": // the exchange is given up
		return line
	case words[0] == "AUTH" && len(words) == 3:
		return fmt.Sprintf("AUTH %s [%d octets, not shown]", words[1], len(words[2]))
	case words[0] == "AUTH":
		return line
	case strings.HasPrefix(line, "334 "):
		return fmt.Sprintf("334 [%d octets, not shown]", len(line)-len("334 "))
	case len(line) >= 4 && line[0] >= '2' && line[0] <= '5' && (line[3] == ' ' || line[3] == '-'):
		return line // any other reply
	}
	return fmt.Sprintf("[%d octets, not shown]", len(line))
}

// turn notes what becomes of the connection. A Dial begins a session, or tries the server's next address.
func (t *tape) turn(now timing.Instant, a *transport.Action) {
	switch {
	case a.Do == transport.Dial:
		if !t.running {
			t.running, t.failed, t.began, t.session = true, false, now, t.worker.sessions
			t.text.Reset()
		}
		t.note(now, "connecting to %v", a.Dial)
	case t.running && a.Do == transport.Close:
		t.note(now, "connection closed")
	}
}

// event notes what is not octets.
func (t *tape) event(e *transport.Event) {
	switch e.Kind {
	case transport.Opened:
		t.note(e.Now, "connected")
	case transport.Broken:
		t.note(e.Now, "%v", e.Fault)
	case transport.Ended:
		t.note(e.Now, "the server closed")
	case transport.Expired:
		if t.worker.session.Phase() == session.Busy { // else the timer is the worker's
			t.note(e.Now, "the time-out of %v passed", t.worker.session.Step())
		}
	}
}

func (t *tape) note(now timing.Instant, format string, args ...any) {
	t.line(now, "-- ", fmt.Sprintf(format, args...))
}

// lines notes octets, a line each, with what is not printable quoted.
func (t *tape) lines(now timing.Instant, who string, octets []byte) {
	rest := len(octets) - maxTapedWrite
	if rest > 0 {
		octets = octets[:maxTapedWrite]
	}
	for line := range bytes.Lines(octets) {
		t.line(now, who, printable(strings.TrimSuffix(string(line), "\r\n")))
	}
	if rest > 0 {
		t.note(now, "and %d octets more", rest)
	}
}

func (t *tape) line(now timing.Instant, who, text string) {
	if t.text.Len() < maxTape {
		fmt.Fprintf(&t.text, "%12.6f  %s%s\n", now.Sub(t.began).Seconds(), who, text)
	}
}

// printable shows control octets, and what is not UTF-8, as Go would quote them: a server's text
// must not move the cursor of a terminal.
func printable(s string) string {
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// keep writes a session out if it is one that was asked for.
func (t *tapes) keep(tape *tape) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.sessions > 0:
		t.sessions--
	case t.failures > 0 && tape.failed:
		t.failures--
	default:
		return
	}
	t.number++
	fmt.Fprintf(t.out, "session %d, worker %d, %v after time 0\n%s\n", t.number, tape.worker.number,
		tape.began.Sub(tape.worker.pool.run.slots.origin).Round(time.Microsecond), tape.text.Bytes())
}
