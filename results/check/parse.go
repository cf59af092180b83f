package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mailmill/loadgen/timing"
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

func (p *parser) selector(m metric) (chosen []selection) {
	p.blanks()
	at := p.rest
	if !strings.HasPrefix(at, "{") || p.err != nil {
		if m.must != "" {
			p.fail(at, "%s needs a selector, as %s{%s=accept}", m.name, m.name, m.must)
		}
		return nil
	}
	if len(m.keys) == 0 {
		p.fail(at, "%s has no selector", m.name)
	}
	closed := false
	for p.rest = strings.TrimPrefix(p.rest, "{"); p.err == nil && !closed; {
		chosen = append(chosen, p.selection(m, chosen))
		closed = p.endSelection()
	}
	if m.must != "" && !slices.ContainsFunc(chosen, func(s selection) bool { return s.key == m.must }) {
		p.fail(at, "%s needs %s in its selector, as {%s=accept}", m.name, m.must, m.must)
	}
	return chosen
}

// endSelection reads the comma or brace behind a selection.
func (p *parser) endSelection() (closed bool) {
	p.blanks()
	at := p.rest
	if rest, more := strings.CutPrefix(at, ","); more {
		p.rest = rest
		return false
	}
	rest, closed := strings.CutPrefix(at, "}")
	if p.rest = rest; !closed {
		p.fail(at, `"," or "}" expected in a selector, not %s`, next(at))
	}
	return closed
}

func (p *parser) selection(m metric, before []selection) (s selection) {
	var at string
	s.key, at = p.word()
	if !slices.Contains(m.keys, s.key) {
		p.unknown(at, "key of "+m.name, s.key, m.keys)
	}
	if slices.ContainsFunc(before, func(b selection) bool { return b.key == s.key }) {
		p.fail(at, "%s stands twice in one selector", s.key)
	}
	p.sign("=", "behind "+s.key)
	s.value, at = p.selected()
	if message := badValue(s.key, s.value); message != "" {
		p.fail(at, "%s", message)
	}
	return s
}

// selected reads the value of a key: all up to the comma or the closing brace.
func (p *parser) selected() (value, at string) {
	p.blanks()
	at = p.rest
	end := strings.IndexAny(at, ",{}=")
	if end < 0 {
		end = len(at)
	}
	p.rest = at[end:]
	return strings.TrimRight(at[:end], " \t"), at
}

// badValue says what is wrong with the value of a key; "" when nothing is.
func badValue(key, value string) string {
	var known []string
	switch key {
	case "step":
		known = names(int(timing.NumSteps), func(i int) string { return timing.Step(i).String() })
	case "kind":
		known = names(int(timing.NumFaultKinds), func(i int) string { return timing.FaultKind(i).String() })[1:]
	case "side":
		known = []string{results.SideServer, results.SideGenerator}
	case "code":
		if !isCode(value) {
			return fmt.Sprintf("code %q is not a reply code, as 451, 45x or 4xx", value)
		}
	}
	switch {
	case value == "":
		return "a value is missing behind " + key + "="
	case known != nil && !slices.Contains(known, value):
		near := nearest(value, known)
		return fmt.Sprintf("unknown %s %q: %s", key, value, cmp.Or(question(near), "use "+strings.Join(known, ", ")))
	}
	return ""
}

func question(near string) string {
	if near == "" {
		return ""
	}
	return "did you mean " + near + "?"
}

func names(n int, name func(int) string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = name(i)
	}
	return list
}

// isCode reports whether s is a reply code of which trailing digits may be x.
func isCode(s string) bool {
	if len(s) != 3 || s[0] < '2' || s[0] > '5' {
		return false
	}
	digits := strings.TrimRight(s, "x")
	return strings.Trim(digits, "0123456789") == ""
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
