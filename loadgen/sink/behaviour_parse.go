package sink

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// ParseBehaviour reads a behaviour:
//
//	STEP: [early] CODE [ENHANCED] [TEXT] [LIMITS]
//	STEP: delay D [LIMITS]                        D such as 20ms, or 1s..3s
//	STEP: dribble D [LIMITS]
//	tls: certificate KIND [LIMITS]                KIND is expired, untrusted or wrong-name
//	STEP: DEED [LIMITS]                           any other deed, by its word
//
// LIMITS are, in any order, "for PATTERN", "above N/s" or "above N/s per source", "first N" or
// "every N", and "ODDS%". They are read from the end; TEXT may stand in quotes, as in Go,
// where it looks like them or has several lines:
//
//	rcpt: 450 4.2.1 Mailbox busy 5%
//	accept: delay 20ms
//	mail: 421 above 100/s per source
//	rcpt: 550 5.1.1 "Nobody, since 90%" for nobody*@example.com
//	ehlo: 250 "Hello\nX-ODD\nSIZE"
//	accept: twice every 10
//
// The error names the column, counted from 1, at which s stops making sense.
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
	b.Odds = 1
	p.limits(&b)
	start := p.skip()
	switch word := p.word(); {
	case p.err != nil:
	case word == "":
		p.fail(start, "an action is missing: a reply code, %s", deedNames())
	case word == "early":
		b.Early = true
		start = p.skip()
		p.answer(&b, start, p.word())
	case word[0] >= '0' && word[0] <= '9':
		p.answer(&b, start, word)
	default:
		p.deed(&b, start, word)
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

// answer reads a code and what follows it.
func (p *behaviourParser) answer(b *Behaviour, start int, word string) {
	b.Code = p.code(start, word)
	b.Enhanced, b.Text = p.text(start)
}

// limits takes what limits a behaviour off the end of what is left, each of them once.
func (p *behaviourParser) limits(b *Behaviour) {
	rest := []func() bool{
		func() bool { return p.odds(b) },
		func() bool { return p.above(b) },
		func() bool { return p.count("first", &b.First) },
		func() bool { return p.count("every", &b.Every) },
		func() bool { return p.pattern(b) },
	}
	for i := 0; i < len(rest) && p.err == nil; i++ {
		if rest[i]() {
			rest = slices.Delete(rest, i, i+1)
			i = -1
		}
	}
}

// odds takes "5%" off the end of what is left.
func (p *behaviourParser) odds(b *Behaviour) bool {
	s := strings.TrimRight(p.s, " \t")
	if !strings.HasSuffix(s, "%") || len(s) <= p.at {
		return false
	}
	start := max(strings.LastIndexAny(s, " \t")+1, p.at)
	percent, err := strconv.ParseFloat(s[start:len(s)-1], 64)
	if err != nil || !(percent > 0 && percent <= 100) {
		p.fail(start, "odds %q are not above 0%% and at most 100%%", s[start:])
	}
	p.s, b.Odds = s[:start], percent/100
	return true
}

// lastWords cuts the last word off, if the one before it is keyword.
func (p *behaviourParser) lastWords(s, keyword string) (before, word string, ok bool) {
	s = strings.TrimRight(s, " \t")
	start := strings.LastIndexAny(s, " \t") + 1
	before, ok = strings.CutSuffix(strings.TrimRight(s[:start], " \t"), keyword)
	ok = ok && len(before) >= p.at && (before == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, "\t"))
	return before, s[start:], ok
}

// count takes "first 3" or "every 10" off the end of what is left.
func (p *behaviourParser) count(keyword string, at *int64) bool {
	before, word, ok := p.lastWords(p.s, keyword)
	n, err := strconv.ParseInt(word, 10, 64)
	if !ok || err != nil || n < 1 {
		return false
	}
	p.s, *at = before, n
	return true
}

// pattern takes "for *@example.com" off the end of what is left.
func (p *behaviourParser) pattern(b *Behaviour) bool {
	before, word, ok := p.lastWords(p.s, "for")
	if !ok || !strings.Contains(word, "@") || strings.Contains(word, `"`) {
		return false
	}
	p.s, b.For = before, word
	return true
}

// above takes "above 100/s" or "above 100/s per source" off the end of what is left.
func (p *behaviourParser) above(b *Behaviour) bool {
	s, perSource := strings.CutSuffix(strings.TrimRight(p.s, " \t"), " per source")
	before, word, ok := p.lastWords(s, "above")
	number, isRate := strings.CutSuffix(word, "/s")
	if !ok || !isRate {
		return false
	}
	perSecond, err := strconv.ParseFloat(number, 64)
	if err != nil || !(perSecond > 0 && perSecond <= 1e9) {
		p.fail(strings.LastIndex(s, word), "%q is no rate such as 100/s", word)
	}
	p.s, b.Above, b.PerSource = before, perSecond, perSource
	return true
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
	e, rest, ok := smtp.ParseEnhanced([]byte(text))
	if ok && text[0] != p.s[code] {
		p.fail(start, "the class of %v is not the first digit of the code (RFC 2034 section 4)", e)
	}
	p.at = start + len(text) - len(rest)
	if at := p.skip(); at < len(p.s) && p.s[at] == '"' {
		return e, p.quoted(at)
	}
	p.at = len(p.s)
	return e, strings.TrimSpace(string(rest))
}

// quoted reads a text in quotes.
func (p *behaviourParser) quoted(start int) string {
	prefix, err := strconv.QuotedPrefix(p.s[start:])
	if err != nil {
		p.fail(start, "no quote at the end of the text")
		return ""
	}
	p.at = start + len(prefix)
	text, _ := strconv.Unquote(prefix)
	return text
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

// deed reads what a word other than a code asks for.
func (p *behaviourParser) deed(b *Behaviour, start int, word string) {
	d, known := parseDeed(word)
	if !known {
		p.fail(start, "%q is no action: a reply code, %s", word, deedNames())
	}
	switch b.Deed = d; d {
	case Delay:
		b.Least, b.Most = p.delay()
	case Dribble:
		at := p.skip()
		b.Least = p.duration(at, p.word())
	case Certificate:
		b.Text = p.word()
	}
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
