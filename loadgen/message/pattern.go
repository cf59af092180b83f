package message

import (
	"fmt"
	"slices"
	"strings"
)

// A pattern is a text with fields.
type pattern []part

// parsePattern reads a text with fields in braces, of those names; "{{" and "}}" are
// braces. A lone "}" is one too. ranges tells whether {0..99} may stand in it.
func parsePattern(s string, names []string, ranges bool) (pattern, error) {
	var p pattern
	for s != "" {
		text, rest := cutText(s)
		if text != "" {
			p = append(p, fixedPart(text))
		}
		if rest == "" {
			break
		}
		field, after, closed := strings.Cut(rest[1:], "}")
		if !closed || strings.ContainsAny(field, "{\r\n") {
			return nil, fmt.Errorf("%.40q: a brace without its field; write {n}, or {{ for a brace", rest)
		}
		made, err := parseField(field, names, ranges)
		if err != nil {
			return nil, err
		}
		p, s = append(p, made), after
	}
	return p, nil
}

// cutText cuts a text before its first field. What is before it has its braces once.
func cutText(s string) (text, rest string) {
	var out strings.Builder
	for {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			out.WriteString(s)
			return out.String(), ""
		}
		out.WriteString(s[:i])
		brace := s[i : i+1]
		doubled := strings.HasPrefix(s[i+1:], brace)
		if brace == "{" && !doubled {
			return out.String(), s[i:]
		}
		out.WriteString(brace)
		s = strings.TrimPrefix(s[i+1:], brace)
	}
}

// parseField reads what stands between braces.
func parseField(field string, names []string, ranges bool) (part, error) {
	var p part
	if low, high, ranged := strings.Cut(field, ".."); ranged && ranges && !strings.Contains(field, ":") {
		p.kind = member
		if err := p.parseRange(low, high); err != nil {
			return p, fmt.Errorf("{%s} %w", field, err)
		}
		return p, nil
	}
	name, arg, _ := strings.Cut(field, ":")
	i := slices.IndexFunc(fieldRows, func(r fieldRow) bool { return r.name == name })
	if i < 0 || !slices.Contains(names, name) {
		return p, unknownField(field, name, names, i >= 0)
	}
	if err := fieldRows[i].make(&p, arg); err != nil {
		return p, fmt.Errorf("{%s} %w", field, err)
	}
	return p, nil
}

func unknownField(field, name string, names []string, elsewhere bool) error {
	if elsewhere {
		return fmt.Errorf("{%s} cannot stand here; the fields are {%s}", field, strings.Join(names, "} {"))
	}
	hint := ""
	for _, n := range names {
		if near(name, n) {
			hint = "; did you mean {" + n + "}?"
			break
		}
	}
	return fmt.Errorf("{%s} is no field%s; the fields are {%s}, and {{ is a brace", field, hint, strings.Join(names, "} {"))
}

// near tells whether a word looks like a misspelling of a name: the same but for
// case, or but for one letter that is too much, missing, another, or in its neighbour's
// place.
func near(word, name string) bool {
	word = strings.ToLower(word)
	if len(word) > len(name) {
		word, name = name, word
	}
	i := 0
	for i < len(word) && word[i] == name[i] {
		i++
	}
	w, n := word[i:], name[i:]
	switch {
	case len(n) == 0:
		return true
	case len(name) < 3:
		return false
	case len(n) > len(w):
		return w == n[1:]
	}
	return w[1:] == n[1:] || len(w) > 1 && w[0] == n[1] && w[1] == n[0] && w[2:] == n[2:]
}

// append appends the text with its fields.
func (p pattern) append(dst []byte, at place) []byte {
	for i := range p {
		if q := &p[i]; q.kind == fixed {
			dst = append(dst, q.text...)
		} else {
			dst = q.append(dst, at)
		}
	}
	return dst
}

// length is the length of what append appends, before transparency.
func (p pattern) length(at place) int {
	sum := 0
	for i := range p {
		sum += p[i].length(at)
	}
	return sum
}
