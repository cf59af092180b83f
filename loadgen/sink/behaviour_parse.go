package sink

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// ParseBehaviour reads a behaviour:
//
//	STEP: CODE [ENHANCED] [TEXT] [ODDS%]
//	STEP: delay D [ODDS%]          D such as 20ms, or 1s..3s
//	STEP: drop [ODDS%]             also reset, silence
//
// In front of the odds, "above N/s" or "above N/s per source" limits each of them to what
// comes above a rate,
//
// as in "rcpt: 450 4.2.1 Mailbox busy 5%", "accept: delay 20ms" and
// "mail: 421 above 100/s per source". The error
// names the column, counted from 1, at which s stops making sense.
func ParseBehaviour(s string) (Behaviour, error) {
	p := behaviourParser{s: s}
	b := p.behaviour()
	if p.err == nil {
		if err := b.check(); err != nil {
			return Behaviour{}, err
		}
	}
	return b, p.err
}

// A behaviourParser reads words from left to right and keeps the first error.
type behaviourParser struct {
	s   string
	at  int // octet of s
	err error
}

func (p *behaviourParser) behaviour() (b Behaviour) {
	b.Step = p.step()
	b.Odds = p.odds()
	b.Above, b.PerSource = p.above()
	start := p.skip()
	switch word := p.word(); {
	case p.err != nil:
	case word == "":
		p.fail(start, "an action is missing: a reply code, delay, drop, reset or silence")
	case word == "delay":
		b.Deed = Delay
		b.Least, b.Most = p.delay()
	case word[0] >= '0' && word[0] <= '9':
		b.Code = p.code(start, word)
		b.Enhanced, b.Text = p.text(start)
	default:
		b.Deed = p.deed(start, word)
	}
	if end := p.skip(); p.err == nil && end < len(p.s) {
		p.fail(end, "%q is more than %s takes", p.s[end:], b.Deed)
	}
	return b
}

func (p *behaviourParser) step() timing.Step {
	start := p.skip()
	name, _, found := strings.Cut(p.s[start:], ":")
	if !found {
		p.fail(start, "no \"STEP:\"; it is one of %s", stepNames())
		return 0
	}
	p.at = start + len(name) + 1
	step, ok := timing.ParseStep(strings.ToLower(strings.TrimSpace(name)))
	if !ok || !behaving[step].known {
		p.fail(start, "step %q is none of %s", strings.TrimSpace(name), stepNames())
	}
	return step
}

// odds takes "5%" off the end of what is left.
func (p *behaviourParser) odds() float64 {
	s := strings.TrimRight(p.s, " \t")
	if !strings.HasSuffix(s, "%") || len(s) <= p.at {
		return 1
	}
	start := max(strings.LastIndexAny(s, " \t")+1, p.at)
	percent, err := strconv.ParseFloat(s[start:len(s)-1], 64)
	if err != nil || !(percent > 0 && percent <= 100) {
		p.fail(start, "odds %q are not above 0%% and at most 100%%", s[start:])
	}
	p.s = s[:start]
	return percent / 100
}

// above takes "above 100/s" or "above 100/s per source" off the end of what is left.
func (p *behaviourParser) above() (perSecond float64, perSource bool) {
	s := strings.TrimRight(p.s, " \t")
	s, perSource = strings.CutSuffix(s, " per source")
	s = strings.TrimRight(s, " \t")
	start := strings.LastIndexAny(s, " \t") + 1
	number, isRate := strings.CutSuffix(s[start:], "/s")
	before, isAbove := strings.CutSuffix(strings.TrimRight(s[:start], " \t"), "above")
	if !isRate || !isAbove || len(before) < p.at {
		return 0, false
	}
	perSecond, err := strconv.ParseFloat(number, 64)
	if err != nil || !(perSecond > 0 && perSecond <= 1e9) {
		p.fail(start, "%q is no rate such as 100/s", s[start:])
	}
	p.s = before
	return perSecond, perSource
}

func (p *behaviourParser) code(start int, word string) smtp.Code {
	n, err := strconv.Atoi(word)
	if err != nil || n < 200 || n > 559 || n/10%10 > 5 {
		p.fail(start, "%q is not a reply code: three digits, the first 2 to 5, the second 0 to 5", word)
	}
	return smtp.Code(n)
}

// text takes an enhanced status code, if there is one, and the text behind it.
func (p *behaviourParser) text(code int) (smtp.Enhanced, string) {
	start := p.skip()
	text := strings.TrimSpace(p.s[start:])
	p.at = len(p.s)
	e, rest, ok := smtp.ParseEnhanced([]byte(text))
	if ok && text[0] != p.s[code] {
		p.fail(start, "the class of %v is not the first digit of the code (RFC 2034 section 4)", e)
	}
	return e, string(rest)
}

func (p *behaviourParser) delay() (least, most time.Duration) {
	start := p.skip()
	from, to, isRange := strings.Cut(p.word(), "..")
	least = p.duration(start, from)
	if !isRange {
		return least, least
	}
	most = p.duration(start+len(from)+2, to)
	if p.err == nil && most < least {
		p.fail(start, "a delay of %v is more than one of %v", least, most)
	}
	return least, most
}

func (p *behaviourParser) duration(start int, s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		p.fail(start, "%q is not a duration such as 20ms or 1.5s", s)
	}
	return d
}

func (p *behaviourParser) deed(start int, word string) Deed {
	for _, d := range []Deed{Drop, Reset, Silence} {
		if word == d.String() {
			return d
		}
	}
	p.fail(start, "%q is no action: a reply code, delay, drop, reset or silence", word)
	return 0
}

// skip passes spaces and returns where the next word begins.
func (p *behaviourParser) skip() int {
	for p.at < len(p.s) && (p.s[p.at] == ' ' || p.s[p.at] == '\t') {
		p.at++
	}
	return p.at
}

func (p *behaviourParser) word() string {
	start := p.skip()
	for p.at < len(p.s) && p.s[p.at] != ' ' && p.s[p.at] != '\t' {
		p.at++
	}
	return p.s[start:p.at]
}

func (p *behaviourParser) fail(at int, format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("behaviour %q, column %d: %s", p.s, at+1, fmt.Sprintf(format, args...))
	}
}
