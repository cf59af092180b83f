package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mailmill/results"
)

// A SyntaxError says what is wrong with a check, and where.
type SyntaxError struct {
	Expression string
	Column     int // from 1, in characters
	Message    string
}

// Error returns the message, and below it the check with a caret under the place.
func (e *SyntaxError) Error() string {
	shown := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, e.Expression)
	return fmt.Sprintf("check, column %d: %s\n\t%s\n\t%s^", e.Column, e.Message, shown, strings.Repeat(" ", e.Column-1))
}

// Parse reads one check. Its errors are *SyntaxError. The names of classes are
// the plan's business: see Check.Class.
func Parse(expression string) (Check, error) {
	p := &parser{whole: expression, rest: expression}
	c := p.check()
	if p.err != nil {
		return Check{}, p.err
	}
	return c, nil
}

// A parser is a cursor over a check. After the first error it reads nothing more.
type parser struct {
	whole, rest string
	err         error
}

func (p *parser) check() (c Check) {
	c.metric = p.metric()
	c.selector = p.selector(c.metric)
	p.sign(":", "between metric and aggregate")
	c.aggregate, c.percentile = p.aggregate(c.metric)
	c.op = p.operator()
	c.unit = c.metric.unit(c.aggregate)
	c.limit, c.value = p.value(c.unit)
	if p.blanks(); p.rest != "" {
		p.fail(p.rest, "nothing more was expected: write each check by itself")
	}
	return c
}

// fail notes an error at the place where at begins, which is a rest of whole.
func (p *parser) fail(at, format string, args ...any) {
	if p.err != nil {
		return
	}
	column := utf8.RuneCountInString(p.whole[:len(p.whole)-len(at)]) + 1
	p.err = &SyntaxError{Expression: p.whole, Column: column, Message: fmt.Sprintf(format, args...)}
	p.rest = ""
}

func (p *parser) blanks() { p.rest = strings.TrimLeft(p.rest, " \t") }

// sign reads one fixed sign.
func (p *parser) sign(s, where string) {
	p.blanks()
	at := p.rest
	var ok bool
	if p.rest, ok = strings.CutPrefix(p.rest, s); !ok {
		p.fail(at, "%q expected %s, not %s", s, where, next(at))
	}
}

// word reads a name up to what cannot be part of one. at is where it begins.
func (p *parser) word() (word, at string) {
	p.blanks()
	at = p.rest
	end := strings.IndexFunc(at, func(r rune) bool { return strings.ContainsRune("{}:=,<>! \t", r) })
	if end < 0 {
		end = len(at)
	}
	p.rest = at[end:]
	return at[:end], at
}

// next shows what stands at a place.
func next(at string) string {
	if at == "" {
		return "the end"
	}
	word, _ := (&parser{rest: at}).word()
	if word == "" {
		_, n := utf8.DecodeRuneInString(at)
		word = at[:n]
	}
	return strconv.Quote(word)
}

func (p *parser) metric() metric {
	name, at := p.word()
	m, ok := findMetric(name)
	if !ok {
		p.unknown(at, "metric", name, metricNames())
	}
	return m
}

// unknown notes a name that is not in a list, with the nearest of the list.
func (p *parser) unknown(at, what, name string, list []string) {
	if name == "" {
		p.fail(at, "%s expected, not %s: %s", what, next(at), strings.Join(list, ", "))
		return
	}
	if near := nearest(name, list); near != "" {
		p.fail(at, "unknown %s %q: did you mean %s?", what, name, near)
		return
	}
	p.fail(at, "unknown %s %q: use %s", what, name, strings.Join(list, ", "))
}

func (p *parser) aggregate(m metric) (string, results.Percentile) {
	name, at := p.word()
	if slices.Contains(m.aggregates(), name) {
		return name, ""
	}
	number, isP := strings.CutPrefix(name, "p")
	if m.kind == latency && isP && strings.Trim(number, "0123456789.") == "" && number != "" {
		percentile, err := results.ParsePercentile(number)
		if err != nil {
			p.fail(at, "%v", err)
		}
		return "p" + string(percentile), percentile
	}
	known := m.aggregates()
	if m.kind == latency {
		known = append([]string{"p50", "p90", "p99", "p99.9"}, known...)
	}
	p.unknown(at, "aggregate of "+m.name, name, known)
	return "", ""
}

func (p *parser) operator() operator {
	p.blanks()
	at := p.rest
	for _, op := range operators {
		if rest, ok := strings.CutPrefix(at, op.sign); ok {
			p.rest = rest
			return op
		}
	}
	p.fail(at, "a comparison expected, not %s: <, <=, >, >=, == or !=", next(at))
	return operator{}
}

// value reads the limit and its unit, and returns it in the unit wanted.
func (p *parser) value(unit string) (limit float64, written string) {
	p.blanks()
	at := p.rest
	number := at[:len(at)-len(strings.TrimLeft(at, "0123456789."))]
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		p.fail(at, "a number expected, not %s", next(at))
		return 0, ""
	}
	p.rest = at[len(number):]
	p.blanks()
	at = p.rest
	for _, n := range notations {
		rest, ok := strings.CutPrefix(at, n.name)
		if !ok {
			continue
		}
		if n.unit != unit {
			p.fail(at, "%s is not the unit of %s", n.name, unitNames[unit])
		}
		p.rest = rest
		return v * n.scale / n.parts, number + n.name
	}
	if unit == nanoseconds {
		p.fail(at, "a unit is missing: this is %s", unitNames[unit])
	}
	if unit == ratio && v > 1 {
		p.fail(at, "a ratio over 1: write %s%%", number)
	}
	return v, number
}
