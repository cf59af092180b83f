package message

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A text with its braces doubled stands for itself, whatever it is.
func TestDoubledBracesAreBraces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.StringOf(rapid.SampledFrom([]rune("{}n:. ä\r\n"))).Draw(t, "text")
		p, err := parsePattern(strings.NewReplacer("{", "{{", "}", "}}").Replace(want), contentFields, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(p.append(nil, place{})); got != want || p.varies() || p.length(place{}) != len(want) {
			t.Fatalf("%q became %q", want, got)
		}
	})
}

// No text makes the reader fall, and what it reads has the length that it tells.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{"", "{n}", "{{n}}", "{rand:1..9}{rand:5}", "}{", "{", "{uuid}{domain}{class}", "{1..5}", "{:}", "{..}", "{rand:..}"} {
		f.Add(s)
	}
	one := class{domains: domains{names: []string{"example.com"}}}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePattern(s, addressFields, true)
		if err != nil {
			return
		}
		at := place{m: &Mail{class: &one}, number: 12}
		p = (&binder{name: "class"}).bind(p)
		if got := p.append(nil, at); len(got) != p.length(at) {
			t.Errorf("%q has %d octets, and says %d", s, len(got), p.length(at))
		}
	})
}
