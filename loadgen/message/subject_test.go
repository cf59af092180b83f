package message

import (
	"mime"
	"strings"
	"testing"
)

var decoder mime.WordDecoder

func TestSubject(t *testing.T) {
	tests := []struct{ what, subject, want string }{
		{"has the number by default", "", "message 42"},
		{"is as set", "hello", "hello"},
		{"has the number where it says so", "{n} of {n}", "42 of 42"},
		{"can be beyond ASCII", "Prüfung", "Prüfung"},
		{"with numbers", "Prüfung {n} größer {n}", "Prüfung 42 größer 42"},
		{"that begin it, and ASCII between", "{n}ü{n} a b {n}", "42ü42 a b 42"},
		{"with the octets that encoded words give a meaning", "ü {n} a_b=c? {n}", "ü 42 a_b=c? 42"},
		{"and at length", strings.Repeat("ä", 200) + "{n}", strings.Repeat("ä", 200) + "42"},
	}
	for _, test := range tests {
		c := plain
		c.Subject = test.subject
		m, _ := parse(t, newSource(t, c), 42)
		got, err := decoder.DecodeHeader(m.Header.Get("Subject"))
		if err != nil || got != test.want {
			t.Errorf("the subject %s: %q, %v; want %q", test.what, got, err, test.want)
		}
		for line := range strings.Lines(string(wire(newSource(t, c), 42))) {
			if strings.Contains(line, "=?") && len(line) > 76+len("\r\n") {
				t.Errorf("the subject %s: a line of %d octets: %q", test.what, len(line), line)
			}
		}
	}
}
