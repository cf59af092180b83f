package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/results"
)

// Probe writes what a look at a server showed, on one screen: who it is, what it offers before TLS and in it and whether it
// does that, its certificate, what it says of a mail transaction, and how long each step took.
func Probe(w io.Writer, d *results.Probe, o Options) error {
	p := page{width: 80, color: o.Color}
	if o.Width > 0 {
		p.width = max(40, o.Width)
	}
	for _, view := range []func(*results.Probe, int) *section{probeServer, probeKeywords, probeTLS, probeMail, probeTimes, probeLines} {
		if s := view(d, p.width); s != nil {
			p.section(*s)
		}
	}
	_, err := io.WriteString(w, p.text.String())
	return err
}

// probeServer says who was there.
func probeServer(d *results.Probe, _ int) *section {
	s := &section{}
	where := d.Target
	if d.Address != "" && !strings.HasSuffix(where, d.Address) {
		where += " at " + d.Address
	}
	s.add("TARGET", where+", "+d.Protocol)
	s.add("MX", strings.Join(d.Exchangers, ", "))
	for i, reply := range replyLines(d.Step("greeting")) {
		if i == 0 {
			s.add("GREETING", reply)
		} else {
			s.lines = append(s.lines, line{words: reply})
		}
	}
	if d.Fault != "" {
		s.lines = append(s.lines, line{"ENDED", d.Fault, bad})
	}
	return s
}

// mostLines bounds the lines of one reply that are shown.
const mostLines = 3

// longestLine bounds the characters of a line that are shown.
const longestLine = 160

// replyLines are the lines of a step's reply, with the code; none if there is none.
func replyLines(s *results.ProbeStep) (lines []string) {
	if s == nil || len(s.Replies) == 0 {
		return nil
	}
	r := s.Replies[0]
	for text := range strings.SplitSeq(r.Text, "\n") {
		if len(lines) == mostLines {
			return append(lines[:mostLines-1], "…")
		}
		lines = append(lines, cut(strings.TrimSpace(strconv.Itoa(r.Code)+" "+text), longestLine))
	}
	return lines
}

// asked are the commands whose reply stands beside the keyword, offered or not.
var asked = []string{"VRFY", "EXPN", "HELP"}

// probeKeywords is a table of what is offered. A keyword with other parameters in TLS than before has a row for each.
func probeKeywords(d *results.Probe, width int) *section {
	if d.Clear == nil && d.Secure == nil {
		return nil
	}
	t := &Table{Columns: []Column{{Name: "KEYWORD"}}}
	var offers []*results.ProbeOffer
	for _, o := range []struct {
		name  string
		offer *results.ProbeOffer
	}{{"clear", d.Clear}, {"TLS", d.Secure}} {
		if o.offer != nil {
			t.Columns = append(t.Columns, Column{Name: o.name, Align: Right})
			offers = append(offers, o.offer)
		}
	}
	t.Columns = append(t.Columns, Column{Flex: true})
	for _, k := range keywordsOf(d, offers) {
		row := []string{cut(k.Name, 24)}
		for _, o := range offers {
			row = append(row, offered(o, k))
		}
		t.Rows = append(t.Rows, append(row, keywordWords(d, k)))
	}
	widths := t.widths()
	last := len(widths) - 1
	for _, row := range t.Rows {
		if !slices.Contains(listed, row[0]) {
			row[last] = fit(plain(row[last]), max(leastFlex, width-total(widths[:last], 2)-2))
		}
	}
	return &section{table: t}
}

// listed are the keywords whose parameters are worth more than a line.
var listed = []string{"AUTH", "LIMITS", "XCLIENT", "XFORWARD"}

// fit cuts words to a line, first behind them: what stands in brackets there is where to read on.
func fit(words string, most int) string {
	if at := strings.LastIndex(words, " ("); width(words) > most && at > 0 {
		words = words[:at]
	}
	return cut(words, most)
}

// keywordsOf are all keywords with their parameters, in the order in which they were offered.
func keywordsOf(d *results.Probe, offers []*results.ProbeOffer) (all []results.ProbeKeyword) {
	for _, o := range offers {
		for _, k := range o.Keywords {
			if slices.Contains(all, k) {
				continue
			}
			at := slices.IndexFunc(all, func(have results.ProbeKeyword) bool { return have.Name == k.Name })
			if at < 0 {
				at = len(all) - 1
			}
			all = slices.Insert(all, at+1, k)
		}
	}
	for _, name := range asked {
		if d.Step(strings.ToLower(name)) != nil && !slices.ContainsFunc(all, func(k results.ProbeKeyword) bool { return k.Name == name }) {
			all = append(all, results.ProbeKeyword{Name: name})
		}
	}
	return all
}

func offered(o *results.ProbeOffer, k results.ProbeKeyword) string {
	if slices.Contains(o.Keywords, k) {
		return "yes"
	}
	return nothing
}

// keywordWords says what came of trying what is offered, or what it means.
func keywordWords(d *results.Probe, k results.ProbeKeyword) string {
	if slices.Contains(asked, k.Name) {
		if s := d.Step(strings.ToLower(k.Name)); s != nil && len(s.Replies) > 0 {
			return strconv.Itoa(s.Replies[0].Code) + " " + strings.Join(strings.Fields(s.Replies[0].Text), " ")
		}
	}
	switch k.Name {
	case "PIPELINING":
		return tried(d.Pipelining, "not tried")
	case "CHUNKING":
		return tried(d.Chunking, chunkingUntried(d))
	case "STARTTLS":
		return strings.Join(replyLines(d.Step("starttls")), " ")
	case "SIZE":
		return joined("; ", sizeWords(k.Params), tried(d.Size, ""))
	case "LIMITS":
		return limitWords(k.Params)
	}
	if k.Params != "" {
		return k.Params
	}
	return smtp.Keyword{Name: k.Name, Params: k.Params}.Explain()
}

// chunkingUntried says why there was no chunk.
func chunkingUntried(d *results.Probe) string {
	switch {
	case d.Step("rcpt") != nil:
		return "not tried: the recipient was not taken"
	case d.Step("mail") != nil:
		return "not tried: the sender was not taken"
	case d.Fault != "":
		return "not tried"
	}
	return "not tried: it needs a recipient, --to"
}

func tried(t *results.ProbeTrial, otherwise string) string {
	switch {
	case t == nil:
		return otherwise
	case t.Held:
		return "works: " + t.Words
	}
	return "FAILS: " + t.Words
}

func sizeWords(params string) string {
	n := smtp.ParseSizeLimit(params)
	if n == 0 && params != "" && params != "0" {
		return "not a number: " + params
	}
	if n == 0 {
		return "no limit that the server would tell"
	}
	return "up to " + grouped(n) + " octets"
}

func limitWords(params string) string {
	l := smtp.ParseLimits(params)
	var words []string
	for _, limit := range []struct {
		n    int
		noun string
	}{{l.Mail, "transaction"}, {l.Rcpt, "recipient"}, {l.RcptDomains, "recipient domain"}} {
		if limit.n > 0 {
			words = append(words, plural(int64(limit.n), limit.noun))
		}
	}
	if len(words) == 0 {
		return params
	}
	return "at most " + strings.Join(words, ", ")
}

// cut cuts s to so many characters.
func cut(s string, most int) string {
	if width(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// probeTLS says what the handshake agreed on, and whom the certificate is of.
func probeTLS(d *results.Probe, _ int) *section {
	t := d.TLS
	if t == nil {
		return nil
	}
	s := &section{}
	if t.Fault != "" {
		s.lines = append(s.lines, line{"TLS", "the handshake failed: " + t.Fault, bad})
		return s
	}
	when := ""
	if t.Implicit {
		when = "before all else"
	}
	s.add("TLS", joined(", ", strings.TrimPrefix(t.Version, "TLS "), t.Cipher, when))
	if c := t.Certificate; c != nil {
		s.lines = append(s.lines, line{words: joined(" ", "of", cut(c.Subject, 60), "for", cut(strings.Join(c.Names, ", "), 120))})
		s.lines = append(s.lines, line{words: fmt.Sprintf("by %s, until %s (%s)", cut(c.Issuer, 60), c.NotAfter.Format("2006-01-02 15:04 UTC"), left(c.NotAfter.Sub(d.StartedAt)))})
	}
	if t.Verified {
		s.lines = append(s.lines, line{words: "verified for " + t.Name})
	} else {
		s.lines = append(s.lines, line{words: joined(" ", "NOT VERIFIED for", t.Name+":", t.Why)})
	}
	return s
}

// left is the time that a certificate still holds, in days.
func left(d time.Duration) string {
	const day = 24 * time.Hour
	if d < 0 {
		return "expired " + plural(int64(-d/day), "day") + " ago"
	}
	return plural(int64(d/day), "day") + " left"
}

// probeMail is what the server says of a mail transaction, and of lines that end in LF.
func probeMail(d *results.Probe, _ int) *section {
	s := &section{}
	for _, step := range []string{"mail", "rcpt", "data", "accept"} {
		if lines := replyLines(d.Step(step)); len(lines) > 0 {
			s.add(strings.ToUpper(step), joined(" ", lines...))
		}
	}
	if d.LoneLF != nil {
		s.add("LONE LF", d.LoneLF.Words)
	}
	if len(s.lines) == 0 {
		return nil
	}
	return s
}

// probeTimes is how long each step took, in their order.
func probeTimes(d *results.Probe, _ int) *section {
	var words []string
	for _, step := range d.Steps {
		took := duration(step.Took)
		if step.Fault != "" {
			took += " (" + cut(step.Fault, 30) + ")"
		}
		words = append(words, step.Name+" "+took)
	}
	s := &section{}
	s.add("TIMES", strings.Join(words, ", "))
	return s
}

// probeLines is the session, if it is to be shown.
func probeLines(d *results.Probe, _ int) *section {
	s := &section{}
	for _, l := range d.Lines {
		s.lines = append(s.lines, line{words: l.From + ": " + l.Text})
	}
	if len(s.lines) == 0 {
		return nil
	}
	return s
}
