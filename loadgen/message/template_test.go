package message

import (
	"regexp"
	"strings"
	"testing"
)

// bodyOf is the body of a template's message for slot 3 and worker 5.
func bodyOf(t testing.TB, c ClassConfig) string {
	t.Helper()
	var m Mail
	newSource(t, c).FillFor(3, 5, at, &m)
	whole := string(receive(t, append(m.AppendHead(nil), m.Body()...)))
	if int64(len(whole)) != m.Size() {
		t.Errorf("the message has %d octets, and says %d", len(whole), m.Size())
	}
	if _, err := ReadMark([]byte(whole)); err != nil {
		t.Errorf("its mark: %v", err)
	}
	_, body, _ := strings.Cut(whole, "\r\n\r\n")
	return strings.ReplaceAll(body, "\r\n", "\n")
}

func TestFields(t *testing.T) {
	tests := []struct{ what, text, want string }{ // want is a regular expression
		{"the number of the slot", "{n}", "3"},
		{"the class", "{class}", "bulk"},
		{"the worker that claimed the slot", "{worker}", "5"},
		{"the time, in UTC", "{time}", "2026-11-07T06:09:10Z"},
		{"the time in seconds", "{time:unix}", "1794031750"},
		{"the reverse-path", "{from}", "sender3@example\\.com"},
		{"the first recipient", "{rcpt}", "user6@example\\.com"},
		{"a UUID", "{uuid}", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"},
		{"letters and digits", "{rand}", "[a-z0-9]{8}"},
		{"so many of them", "{rand:30}", "[a-z0-9]{30}"},
		{"a number", "{rand:10..12}", "1[012]"},
		{"one number", "{rand:7..7}", "7"},
		{"braces", "{{n}} }{{ {n}}", "{n} }{ 3}"},
		{"a dot at the begin of a line, before and behind a field", ".{n}.\n.\n..{n}\n{n}\n.", `\.3\.` + "\n\\.\n\\.\\.3\n3\n\\."},
		{"fields at the end", "a\n{n}{class}", "a\n3bulk"},
	}
	for _, test := range tests {
		c := plain
		c.Name, c.From, c.Recipients, c.Template = "bulk", "sender{n}@example.com", Fixed(2), write(t, "\n"+test.text+"\n")
		if got := bodyOf(t, c); !regexp.MustCompile("^" + test.want + "\n$").MatchString(got) {
			t.Errorf("%s: %q is no %q", test.what, got, test.want)
		}
	}
}

// Two fields draw each for itself, and two slots too.
func TestDrawnFieldsDiffer(t *testing.T) {
	c := plain
	c.Template = write(t, "\n{rand:12} {rand:12} {rand:30} {uuid}\n")
	s := newSource(t, c)
	seen := map[string]bool{}
	for n := range int64(200) {
		_, body := parse(t, s, n)
		for _, word := range strings.Fields(string(body)) {
			if seen[word] {
				t.Fatalf("slot %d: %s was drawn before", n, word)
			}
			seen[word] = true
		}
	}
}

func TestTemplates(t *testing.T) {
	c := plain
	c.Template = write(t, "From: {from}\nSubject: order {n} of {class}\nTo: {rcpt}\n\nDear {rcpt},\n.{n}\n")
	c.Name = "shop"
	m, body := parse(t, newSource(t, c), 4)
	if m.Header.Get("Subject") != "order 4 of shop" || m.Header.Get("To") != "user4@example.com" || m.Header.Get("From") != "sender@example.com" {
		t.Errorf("the header is %v", m.Header)
	}
	if string(body) != "Dear user4@example.com,\r\n.4\r\n" {
		t.Errorf("the body is %q", body)
	}
	c.Template = write(t, "no header, ü {n}\n")
	m, body = parse(t, newSource(t, c), 4)
	if m.Header.Get("Content-Type") != "text/plain; charset=utf-8" || m.Header.Get("Subject") != "" || string(body) != "no header, ü 4\r\n" {
		t.Errorf("the body alone: %v, %q", m.Header, body)
	}
	c.Subject = "mine {n}"
	if m, _ = parse(t, newSource(t, c), 4); m.Header.Get("Subject") != "mine 4" {
		t.Errorf("the subject is %q", m.Header.Get("Subject"))
	}
}

func TestTemplatesAreRefused(t *testing.T) {
	tests := []struct{ what, text, want string }{
		{"an unknown field", "\n{number}\n", "{number} is no field; the fields are {n} {uuid} {class} {domain} {rand} {worker} {time} {from} {rcpt}, and {{ is a brace"},
		{"one in another case", "\n{Worker}\n", "{Worker} is no field; did you mean {worker}?; the fields are"},
		{"an unknown field of the header", "X: {x}\n\n", "{x} is no field"},
		{"a brace of another language", "\nif (a) { b }\n", "{ b } is no field"},
		{"a brace at the end", "\n{", `"{\r\n": a brace without its field`},
		{"letters without end", "\n{rand:9999}", "{rand:9999} is {rand:N} with 1 to 500 letters and digits, or {rand:A..B} with a number of that range"},
		{"a number behind a name that takes none", "\n{n:3}", "{n:3} takes nothing behind a colon"},
		{"another time", "\n{time:local}", "{time:local} is {time}, as in RFC 3339, or {time:unix}, in seconds"},
		{"nothing", "", "0 octets; from 1 to 16777216 are possible"},
	}
	for _, test := range tests {
		c := plain
		c.Template = write(t, test.text)
		if _, err := New(alone(c)); err == nil || !strings.HasPrefix(err.Error(), "template "+c.Template+": "+test.want) {
			t.Errorf("%s: %v, want %s", test.what, err, test.want)
		}
	}
}

func TestFieldsInHeadersAndSubjects(t *testing.T) {
	c := plain
	c.Headers, c.Subject, c.From = []string{"X-Who: {rcpt} by {worker} of {{n}}"}, "für {from} {n}", "a=b_c?@example.com"
	m, _ := parse(t, newSource(t, c), 4)
	if got := m.Header.Get("X-Who"); got != "user4@example.com by 0 of {n}" {
		t.Errorf("the field is %q", got)
	}
	if got, err := decoder.DecodeHeader(m.Header.Get("Subject")); err != nil || got != "für a=b_c?@example.com 4" {
		t.Errorf("the subject is %q, %v", got, err)
	}
}

// A body's shared end is what stands behind its last field.
func TestTheEndOfATemplateIsShared(t *testing.T) {
	c := plain
	c.Template = write(t, "\n{n}\n"+strings.Repeat("the same.\n", 1000))
	s := newSource(t, c)
	var a, b Mail
	s.Fill(1, at, &a)
	s.Fill(2, at, &b)
	if &a.Body()[0] != &b.Body()[0] || len(a.Body()) < 11_000 || len(a.AppendHead(nil)) > 1000 {
		t.Errorf("head and body have %d and %d octets", len(a.AppendHead(nil)), len(a.Body()))
	}
}

// What is appended has the length that was told, for every kind of part.
func TestLengthsAreExact(t *testing.T) {
	c := plain
	c.Template = write(t, "X: {rand:1..100000} {worker} {uuid} {time} {time:unix} {rcpt} {from} {domain} {rand:3}\n\n.{rand:1..1000}\n.\n")
	c.Subject, c.Recipients, c.NullShare, c.Domains = "ü {rand:1..5000} {rcpt}", Quantity{low: 1, high: 12}, 0.3, "a.example,bb.example"
	c.To, c.From = "u{n}@{domain}", "s{rand:1..3000}@{domain}"
	s := newSource(t, c)
	for n := range int64(300) {
		var m Mail
		s.FillFor(n*n*n, int(n), at, &m)
		whole := receive(t, append(m.AppendHead(nil), m.Body()...))
		if m.Size() != int64(len(whole)) {
			t.Fatalf("slot %d has %d octets, and says %d", n, len(whole), m.Size())
		}
		if _, err := ReadMark(whole); err != nil {
			t.Fatalf("slot %d: %v", n, err)
		}
	}
}
