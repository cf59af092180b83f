package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mailmill/loadgen/timing"
	"mailmill/results"
)

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
