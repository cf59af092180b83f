package profiles

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// YAML returns the plan as a profile: every setting with its value, and with where
// it came from. A run from that profile is the run of the plan, but for a password in
// the target, which is left out.
func (p Plan) YAML() []byte {
	p = p.Redacted()
	w := printing{plan: &p}
	w.remark("", "A plan as mailmill run --print-plan shows it: each setting, and where it came from. It is a profile: run it again")
	w.remark("", "with mailmill run --profile FILE.")
	for _, g := range Groups {
		w.group(g)
	}
	if len(p.Classes) > 0 {
		w.out.WriteString("\n# Classes of traffic: what is not in a class is as above\nclasses:\n")
	}
	for i := range p.Classes {
		w.class(&p.Classes[i])
	}
	return w.out.Bytes()
}

// A printing is a profile under way.
type printing struct {
	plan *Plan
	out  bytes.Buffer
}

// originColumn is where a value of common length is followed by where it came from.
const originColumn = 44

func (w *printing) remark(indent, text string) { fmt.Fprintf(&w.out, "%s# %s\n", indent, text) }

// line writes a line, and behind it where it came from.
func (w *printing) line(text, origin string) {
	fmt.Fprintf(&w.out, "%-*s  # %s\n", originColumn, text, printable(origin))
}

// printable keeps what is not shown out of a remark: a file's name may hold anything.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

func (w *printing) group(g Group) {
	begun := false
	for _, s := range Settings {
		if s.Group != g {
			continue
		}
		if !begun {
			fmt.Fprintf(&w.out, "\n# %s\n", g)
			begun = true
		}
		w.setting("", s, w.plan, cmp.Or(w.plan.origins[s.Name], "default"))
	}
}

// setting writes the value of a setting. One that has none, nor could be given none, is a remark.
func (w *printing) setting(indent string, s Setting, p *Plan, origin string) {
	text := s.Value(p).String()
	switch {
	case text == "" && (s.Default == "" || s.Repeatable()):
		w.line(indent+"# "+s.Name+":", origin)
	case len(split(text, s.Separator)) <= 1:
		w.line(indent+s.Name+": "+scalar(text), origin)
	default:
		w.line(indent+s.Name+":", origin)
		for _, value := range split(text, s.Separator) {
			fmt.Fprintf(&w.out, "%s  - %s\n", indent, scalar(value))
		}
	}
}

// class writes a class with what it has otherwise than the plan.
func (w *printing) class(c *Class) {
	fmt.Fprintf(&w.out, "  - name: %s\n    weight: %d\n", scalar(c.Name), c.Weight)
	for _, s := range Settings {
		own := c.own[s.Name]
		origin := c.Plan.origins[s.Name]
		switch {
		case !s.PerClass():
		case own != "" && own != origin:
			w.remark("    ", fmt.Sprintf("%s: given at %s, gave way to %s", s.Name, printable(own), printable(origin)))
		case own != "" || s.Value(&c.Plan).String() != s.Value(w.plan).String():
			w.setting("    ", s, &c.Plan, cmp.Or(origin, "default"))
		}
	}
}

// unquoted are the texts that are the same text in YAML without quotes.
var unquoted = regexp.MustCompile(`^-?[A-Za-z0-9][A-Za-z0-9._/@%+=-]*$`)

// scalar writes a text as YAML reads it back.
func scalar(text string) string {
	if unquoted.MatchString(text) && !slices.Contains([]string{"null", "Null", "NULL"}, text) {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b) // a text in JSON is one in YAML
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(err) // no text fails
	}
	return strings.TrimSuffix(b.String(), "\n")
}
