package session

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"mailmill/loadgen/record"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// Records are what a dialogue leaves behind.
type records struct {
	results []Result
	totals  *record.Totals
	offer   *Offer
}

// recorded collects the records of a session that is over, and checks what is true of all of them.
func recorded(t rapid.TB, o *owner) records {
	t.Helper()
	r := records{results: o.results, totals: o.recorder.Finish(), offer: o.session.Offer()}
	if o.session.Phase() != Off {
		t.Errorf("the session ended in phase %d, want Off", o.session.Phase())
	}
	if len(r.results) != len(o.mails) {
		t.Errorf("%d results of %d messages", len(r.results), len(o.mails))
	}
	if r.totals.Sessions != r.totals.SessionsClosed {
		t.Errorf("%d sessions were opened, %d closed", r.totals.Sessions, r.totals.SessionsClosed)
	}
	for i, result := range r.results {
		checkResult(t, o, i, result)
	}
	return r
}

// count returns how many messages ended so.
func (r *records) count(o timing.Outcome) (n int) {
	for _, result := range r.results {
		if result.Outcome == o {
			n++
		}
	}
	return n
}

// checkResult holds a result to the books of a message: every recipient once, and accepted ones if,
// and only if, it was accepted.
func checkResult(t rapid.TB, o *owner, i int, r Result) {
	t.Helper()
	m := &o.mails[i]
	content := int64(len(m.AppendHead(nil)) + len(m.Body()))
	switch {
	case r.Accepted+r.Deferred+r.Rejected+r.Failed != m.NumRecipients():
		t.Errorf("message %d: the books of %d recipients are %+v", i, m.NumRecipients(), r)
	case (r.Outcome == timing.Accepted) != (r.Accepted > 0):
		t.Errorf("message %d: %v, with %d recipients accepted", i, r.Outcome, r.Accepted)
	case r.Outcome == timing.NoOutcome || r.Began == 0 || r.Ended < r.Began:
		t.Errorf("message %d: not ended: %+v", i, r)
	case r.Outcome == timing.Accepted && r.Octets != content || r.Octets > content:
		t.Errorf("message %d: %v, with %d of %d octets of content", i, r.Outcome, r.Octets, content)
	}
}

// lines says what was recorded, in the notation of the dialogues:
//
//	outcome=OUTCOME                        for each message, in order
//	recipients OUTCOME=N …                 of all messages
//	reply STEP CODE ENHANCED count=N …     but for those that go without saying, see usual
//	fault STEP KIND count=N: TEXT          the text only where it is not the system's
//	sessions=N closed-early=N unpipelined=N spent=N
//	offer DOMAIN KEYWORD=PARAMS …          only where the dialogue wants it
func (r *records) lines() (lines []string) {
	var recipients [timing.NumOutcomes]int
	for _, result := range r.results {
		lines = append(lines, "outcome="+result.Outcome.String())
		recipients[timing.Accepted] += result.Accepted
		recipients[timing.Deferred] += result.Deferred
		recipients[timing.Rejected] += result.Rejected
		recipients[timing.Failed] += result.Failed
	}
	books := "recipients"
	for outcome, n := range recipients {
		if n > 0 {
			books += fmt.Sprintf(" %v=%d", timing.Outcome(outcome), n)
		}
	}
	if books != "recipients" {
		lines = append(lines, books)
	}
	for _, reply := range r.totals.Replies {
		if usual[reply.Step] != reply.Code || reply.Unexpected {
			lines = append(lines, replyLine(reply))
		}
	}
	for _, fault := range r.totals.Faults {
		lines = append(lines, faultLine(fault))
	}
	sessions := fmt.Sprintf("sessions=%d closed-early=%d", r.totals.Sessions, r.totals.ClosedEarly)
	if n := r.totals.Unpipelined; n > 0 {
		sessions += fmt.Sprintf(" unpipelined=%d", n)
	}
	if n := r.totals.Spent; n > 0 {
		sessions += fmt.Sprintf(" spent=%d", n)
	}
	return append(lines, sessions, r.offerLine())
}

// usual are the replies that need not be wanted.
var usual = [timing.NumSteps]uint16{
	timing.Greeting: 220, timing.EHLO: 250, timing.HELO: 250, timing.Mail: 250, timing.Rcpt: 250, timing.Data: 354,
	timing.Accept: 250, timing.RSET: 250, timing.NOOP: 250, timing.Quit: 221, timing.BDAT: 250, timing.LHLO: 250,
	timing.STARTTLS: 220, timing.Auth: 235, timing.XCLIENT: 220, timing.XFORWARD: 250,
}

func replyLine(r record.ReplyCount) string {
	words := []string{"reply", r.Step.String(), fmt.Sprint(r.Code)}
	if r.Enhanced != 0 {
		words = append(words, smtp.Enhanced(r.Enhanced).String())
	}
	words = append(words, fmt.Sprintf("count=%d", r.Count))
	if r.Unexpected {
		words = append(words, "unexpected")
	}
	return strings.Join(words, " ")
}

func faultLine(f record.FaultCount) string {
	text := fmt.Sprintf("fault %v %v count=%d", f.Step, f.Kind, f.Count)
	switch f.Kind {
	case timing.Unexpected, timing.Desync, timing.NotOffered:
		text += ": " + f.Example
	case timing.Timeout, timing.ClosedEarly, timing.Reset:
		if words, _, _ := strings.Cut(f.Example, ":"); strings.Contains(words, "unanswered") || strings.Contains(words, "no reply") {
			text += ": " + words
		}
	case timing.Malformed:
		text += ": " + verdict(f.Example)
	}
	return text
}

// verdict is what is wrong with octets, without the evidence, which is as much as had come.
func verdict(example string) string {
	words, _, _ := strings.Cut(example, ":")
	return words
}

func (r *records) offerLine() string {
	if r.offer == nil {
		return "offer none"
	}
	words := []string{"offer"}
	if r.offer.Domain != "" {
		words = append(words, r.offer.Domain)
	}
	for _, k := range r.offer.Keywords {
		words = append(words, strings.TrimSuffix(k.Name+"="+k.Params, "="))
	}
	return strings.Join(words, " ")
}

// digest says all that was recorded, but for the evidence of malformed replies: it is as much as had
// come when they were found out.
func (r *records) digest() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%+v\n%+v\n%+v\n%s\n", r.results, r.totals.Counts, r.totals.Replies, r.offerLine())
	for _, f := range r.totals.Faults {
		if f.Kind == timing.Malformed {
			f.Example = verdict(f.Example)
		}
		fmt.Fprintf(&b, "%+v\n", f)
	}
	for s := range r.totals.Steps {
		digestTimes(&b, timing.Step(s).String(), &r.totals.Steps[s])
	}
	digestTimes(&b, "opening", &r.totals.Opening)
	return b.String()
}

func digestTimes(b *strings.Builder, name string, h *record.Histogram) {
	if h.Count() > 0 {
		fmt.Fprintf(b, "%s: %d times, %v to %v, mean %v, deviation %v\n", name, h.Count(), h.Min(), h.Max(), h.Mean(), h.Stddev())
	}
}

// meet compares the records with what a dialogue wants.
func (r *records) meet(t rapid.TB, d *dialogue) {
	t.Helper()
	got := r.lines()
	if !slices.ContainsFunc(d.wants, func(s string) bool { return strings.HasPrefix(s, "offer") }) {
		got = got[:len(got)-1]
	}
	if !slices.Equal(got, d.wants) {
		t.Errorf("recorded:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(d.wants, "\n\t"))
	}
}
