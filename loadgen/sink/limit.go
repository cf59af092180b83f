package sink

import (
	"bytes"
	"strings"
	"sync/atomic"

	"mailmill/loadgen/smtp"
)

// A limit says for which of the occasions that the odds have drawn a rule is carried out.
type limit struct {
	pattern      string // of the address, in lower case; "": any
	meter        *meter // only what is above a rate; nil: all
	first, every int64
	seen         atomic.Int64 // of what pattern and meter have let through, over all loops
}

// newLimit returns the limit of a behaviour; nil is none.
func newLimit(b Behaviour) *limit {
	if b.For == "" && b.Above == 0 && b.First == 0 && b.Every == 0 {
		return nil
	}
	l := &limit{pattern: strings.ToLower(b.For), first: b.First, every: b.Every}
	if b.Above > 0 {
		l.meter = newMeter(b.Above, b.PerSource)
	}
	return l
}

// within counts an occasion, and reports whether it is one of those.
func (s *session) within(t *turn, l *limit) bool {
	if l.pattern != "" && !matches(l.pattern, bytes.ToLower(s.about(t))) {
		return false
	}
	if l.meter != nil && !l.meter.over(t.now, s.source()) {
		return false
	}
	if l.first == 0 && l.every == 0 {
		return true
	}
	n := l.seen.Add(1)
	return l.first > 0 && n <= l.first || l.every > 0 && n%l.every == 0
}

// about is the address that patterns are held against: that of the command under way, or the
// first forward-path of the mail transaction; nil if there is neither.
func (s *session) about(t *turn) []byte {
	switch {
	case t.address != nil:
		return t.address
	case s.tx == nil:
		return nil
	}
	_, to, _ := bytes.Cut(s.tx.paths, []byte{'\n'})
	first, _, _ := bytes.Cut(to, []byte{'\n'})
	return first
}

// addressIn returns the address in the argument of MAIL or RCPT; nil where there is none.
func addressIn(verb smtp.Verb, arg []byte) []byte {
	var p smtp.Path
	var err error
	switch verb {
	case smtp.VerbMAIL:
		p, _, err = smtp.ParseMailArg(arg, true)
	case smtp.VerbRCPT:
		p, _, err = smtp.ParseRcptArg(arg, true)
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	address := appendPath(nil, p)
	return address[:len(address)-1]
}

// matches reports whether text is like pattern, in which "*" is any octets.
func matches(pattern string, text []byte) bool {
	head, rest, more := strings.Cut(pattern, "*")
	if !bytes.HasPrefix(text, []byte(head)) {
		return false
	}
	text = text[len(head):]
	for more {
		if head, rest, more = strings.Cut(rest, "*"); !more {
			return bytes.HasSuffix(text, []byte(head))
		}
		at := bytes.Index(text, []byte(head))
		if at < 0 {
			return false
		}
		text = text[at+len(head):]
	}
	return len(text) == 0
}

// patterned reports whether some rule asks for addresses.
func (c *Config) patterned() bool {
	asks := func(all []Behaviour) bool {
		for _, b := range all {
			if b.For != "" {
				return true
			}
		}
		return false
	}
	for _, all := range c.DomainBehaviours {
		if asks(all) {
			return true
		}
	}
	return asks(c.Behaviours)
}
