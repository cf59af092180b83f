package message

import (
	"regexp"
	"strings"
	"testing"
)

// The fields that are made for each message, in the tests below.
const (
	madeDate = "Date: Sat, 07 Nov 2026 06:09:10 +0000\n"
	madeID   = "Message-ID: <3.TAG@example.com>\n"
	madeFrom = "From: sender@example.com\n"
)

var marks = regexp.MustCompile("X-Mailmill: run=r; slot=3;\r\n sha256=[0-9a-f]{64}\r\n")

// unmarked is a message without its mark.
func unmarked(wire []byte) string { return marks.ReplaceAllString(string(wire), "") }

func TestFileOnTheWire(t *testing.T) {
	tests := []struct {
		what, data, want string // want with LF for CRLF
	}{
		{"a file without a header is all body: leading dot, bare LF, no final line end",
			".a\nb", madeDate + madeID + madeFrom + "\n..a\nb\n.\n"},
		{"a whole message keeps its header and gets what is missing",
			"From: a@b\nSubject: s\n\nbody\n", "From: a@b\nSubject: s\n" + madeDate + madeID + "\nbody\n.\n"},
		{"CRLF stays CRLF",
			"From: a@b\r\n\r\nbody\r\n", "From: a@b\n" + madeDate + madeID + "\nbody\n.\n"},
		{"bare CR becomes CRLF",
			"From: a@b\r\rx\ry", "From: a@b\n" + madeDate + madeID + "\nx\ny\n.\n"},
		{"Date and Message-ID are replaced where they stand, with their continuation lines",
			"Date: Mon, 1 Jan 2001\n 00:00:00 +0000\nFrom: a@b\nmessage-id:\n\t<x@y>\nX: y\n\nz\n", madeDate + "From: a@b\n" + madeID + "X: y\n\nz\n.\n"},
		{"a blank before the colon is no other field",
			"Date : x\nFrom: a@b\n\n", madeDate + "From: a@b\n" + madeID + "\n.\n"},
		{"of two Dates one is left",
			"Date: x\nFrom: a@b\nDate: y\n\n", madeDate + "From: a@b\n" + madeID + "\n.\n"},
		{"the line of an mbox is no part of the message",
			"From a@b Mon Jan 1 00:00:00 2001\nFrom: a@b\n\nx\n", "From: a@b\n" + madeDate + madeID + "\nx\n.\n"},
		{"a header without a body ends in its empty line",
			"From: a@b\n", "From: a@b\n" + madeDate + madeID + "\n.\n"},
		{"and so does one without a line end",
			"From: a@b", "From: a@b\n" + madeDate + madeID + "\n.\n"},
		{"an empty line at the top is the end of the header",
			"\nSubject: not mine\n", madeDate + madeID + madeFrom + "\nSubject: not mine\n.\n"},
		{"a line that is no field begins the body",
			"Subject: s\nHello,\n\nx: y\n", "Subject: s\n" + madeDate + madeID + madeFrom + "\nHello,\n\nx: y\n.\n"},
		{"a blank line at the end is kept, and none is added",
			"From: a@b\n\nx\n\n", "From: a@b\n" + madeDate + madeID + "\nx\n\n.\n"},
		{"lines of dots",
			"From: a@b\n\n.\n..\n.x\n", "From: a@b\n" + madeDate + madeID + "\n..\n...\n..x\n.\n"},
		{"a field's name can begin with a dot",
			".F: g\nFrom: a@b\n\n", "..F: g\nFrom: a@b\n" + madeDate + madeID + "\n.\n"},
		{"a file is no pattern",
			"From: a@b\nX: {n}\n\n{n}\n", "From: a@b\nX: {n}\n" + madeDate + madeID + "\n{n}\n.\n"},
	}
	for _, test := range tests {
		c := plain
		c.Data = []byte(test.data)
		want := strings.NewReplacer("\n", "\r\n", "TAG", alone(c).tag()).Replace(test.want)
		if got := unmarked(wire(newSource(t, c), 3)); got != want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.what, got, want)
		}
	}
}

func TestSettingsReplaceFieldsOfTheFile(t *testing.T) {
	c := plain
	c.Data = []byte("From: a@b\nSubject: old\nX-A: 1\nx-a: 2\n\nbody\n")
	c.Subject, c.Headers = "new {n}", []string{"X-A: {n}", "X-A : again", "X-B:c"}
	want := "From: a@b\nSubject: new 3\n" + madeDate + madeID + "X-A: 3\nX-A: again\nX-B: c\n\nbody\n.\n"
	want = strings.NewReplacer("\n", "\r\n", "TAG", alone(c).tag()).Replace(want)
	if got := unmarked(wire(newSource(t, c), 3)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestSettingsReplaceSyntheticFields(t *testing.T) {
	c := plain
	c.Headers = []string{"To: list@example.com", "Subject: mine"}
	m, _ := parse(t, newSource(t, c), 0)
	if to, subject := m.Header["To"], m.Header["Subject"]; len(to) != 1 || to[0] != "list@example.com" || len(subject) != 1 || subject[0] != "mine" {
		t.Errorf("To is %q and Subject %q", to, subject)
	}
}

// A NUL is in no line of text, in the header or the body.
func TestANULIsBinary(t *testing.T) {
	for text, want := range map[string]bool{"Subject: x\n\na\n": false, "Subject: x\n\na\x00\n": true, "Subject: x\x00y\n\na\n": true} {
		c := plain
		c.Data = []byte(text)
		var m Mail
		if newSource(t, c).Fill(0, at, &m); m.Binary() != want {
			t.Errorf("%q: binary %v, want %v", text, m.Binary(), want)
		}
	}
}
