package session

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"mailmill/loadgen/identity"
	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
)

// A witness listens to a dialogue and times its steps from what is said alone: a step is from a
// command's last octet to its reply's.
type witness struct {
	step     timing.Step // outstanding
	begin    timing.Instant
	dialed   timing.Instant // first dial of the session
	spans    []timing.Span
	codes    []uint16 // of the replies that ended spans; 0: ended without one
	openings []time.Duration
	half     string // of a reply, what has come of it

	since   timing.Instant // from when on the outstanding step is the one that is to be answered
	waiting []timing.Span  // the steps behind it
	lmtp    bool
	taken   int // recipients

	exchanging bool                 // of AUTH: the client is to answer a challenge
	before     map[timing.Step]bool // what has to succeed before the session is open
	done       map[timing.Step]bool // of it, what has
}

func newWitness(d *dialogue) witness {
	w := witness{lmtp: d.lmtp, before: map[timing.Step]bool{}, done: map[timing.Step]bool{}}
	w.before[timing.TLS] = d.security != Plain
	w.before[timing.Auth] = d.config.Login != nil
	if id := d.config.Identity; id != nil {
		w.before[timing.XCLIENT] = len(id.Claims[identity.XCLIENT]) > 0
	}
	return w
}

// answered is the step that each command is the begin of.
var answered = map[string]timing.Step{
	"EHLO": timing.EHLO, "HELO": timing.HELO, "MAIL": timing.Mail, "RCPT": timing.Rcpt, "DATA": timing.Data,
	"RSET": timing.RSET, "NOOP": timing.NOOP, "QUIT": timing.Quit, "BDAT": timing.BDAT, "VRFY": timing.VRFY, "EXPN": timing.EXPN,
	"HELP": timing.Help, "STARTTLS": timing.STARTTLS, "AUTH": timing.Auth, "XCLIENT": timing.XCLIENT,
	"XFORWARD": timing.XFORWARD, "PROXY": timing.Proxy, ".": timing.Accept, "LHLO": timing.LHLO,
}

func (w *witness) begins(s timing.Step, at timing.Instant) { w.step, w.begin, w.since = s, at, at }

func (w *witness) commanded(text string, at timing.Instant) {
	verb, _, _ := strings.Cut(strings.TrimSpace(strings.SplitAfter(text, "\n")[0]), " ")
	if verb == "MAIL" {
		w.taken = 0
	}
	if w.exchanging { // the whole exchange is one step
		w.exchanging, w.since = false, at
		return
	}
	if w.step != timing.Idle && verb != "PROXY" {
		w.waiting = append(w.waiting, timing.Span{Step: answered[verb], Begin: at})
		return
	}
	w.begins(answered[verb], at)
}

// accepts begins the step that ends with the reply to the content, or one for each recipient that was taken.
func (w *witness) accepts(at timing.Instant) {
	w.begins(timing.Accept, at)
	for i := 1; w.lmtp && i < w.taken; i++ {
		w.waiting = append(w.waiting, timing.Span{Step: timing.Accept, Begin: at})
	}
}

func (w *witness) ended(code uint16, at timing.Instant) {
	w.spans = append(w.spans, timing.Span{Step: w.step, Begin: w.begin, End: at})
	w.codes = append(w.codes, code)
	if w.step == timing.Rcpt && code/100 == 2 {
		w.taken++
	}
	w.done[w.step] = code/100 == 2 || code == 0
	opens := w.step == timing.EHLO || w.step == timing.HELO || w.step == timing.LHLO || w.step == timing.Auth
	for step, needed := range w.before {
		opens = opens && (!needed || w.done[step])
	}
	if opens && w.done[w.step] {
		w.openings = append(w.openings, at.Sub(w.dialed))
	}
}

// heard listens to what comes in one read.
func (w *witness) heard(octets string, at timing.Instant) {
	for w.half += octets; w.half != ""; {
		code, n := cutReply(w.half)
		if n == 0 {
			return
		}
		w.half = w.half[n:]
		w.ended(code, at)
		if w.exchanging = code == 334; w.exchanging {
			continue
		}
		if w.begins(timing.Idle, at); len(w.waiting) > 0 {
			w.step, w.begin = w.waiting[0].Step, w.waiting[0].Begin
			w.waiting = w.waiting[1:]
		}
	}
}

// cutReply returns the code and the length of the reply at the start; 0 if there is none.
func cutReply(octets string) (code uint16, n int) {
	for text := range strings.Lines(octets) {
		if len(text) < 4 || len(text) > 64<<10 || !strings.HasSuffix(text, "\n") {
			return 0, 0
		}
		digits, err := strconv.ParseUint(text[:3], 10, 16)
		if err != nil || digits < 200 || digits > 599 || !strings.Contains(" -\r\n", text[3:4]) || n > 0 && uint16(digits) != code {
			return 0, 0
		}
		code = uint16(digits)
		n += len(text)
		if text[3] != '-' {
			return code, n
		}
	}
	return 0, 0
}

// agrees compares the recorded times with those that were seen.
func (w *witness) agrees(t rapid.TB, totals *record.Totals) {
	t.Helper()
	var steps [timing.NumSteps][]time.Duration
	for i, s := range w.spans {
		if w.codes[i] == 334 {
			continue
		}
		steps[s.Step] = append(steps[s.Step], s.Duration())
	}
	for s := range timing.NumSteps {
		same(t, s.String(), &totals.Steps[s], steps[s])
	}
	same(t, "opening", &totals.Opening, w.openings)
	for _, r := range totals.Replies {
		first, last := w.instants(r.Step, r.Code)
		if r.First != first || r.Last != last {
			t.Errorf("reply %v %d: first at %d, last at %d, want %d and %d", r.Step, r.Code, r.First, r.Last, first, last)
		}
	}
}

// same compares a histogram with the times that are to be in it.
func same(t rapid.TB, name string, h *record.Histogram, want []time.Duration) {
	t.Helper()
	if len(want) == 0 {
		if h.Count() > 0 {
			t.Errorf("%s: %d times, %v to %v, want none", name, h.Count(), h.Min(), h.Max())
		}
		return
	}
	var sum time.Duration
	for _, d := range want {
		sum += d
	}
	mean := sum / time.Duration(len(want))
	if int(h.Count()) != len(want) || h.Min() != slices.Min(want) || h.Max() != slices.Max(want) || (h.Mean()-mean).Abs() > 1 {
		t.Errorf("%s: %d times, %v to %v, mean %v; want %v", name, h.Count(), h.Min(), h.Max(), h.Mean(), want)
	}
}

// instants returns when replies to a step with a code came first and last.
func (w *witness) instants(s timing.Step, code uint16) (first, last timing.Instant) {
	for i, span := range w.spans {
		if span.Step != s || w.codes[i] != code {
			continue
		}
		if last = span.End; first == 0 {
			first = last
		}
	}
	return first, last
}
