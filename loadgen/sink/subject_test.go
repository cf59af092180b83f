package sink

import (
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)

func TestSubject(t *testing.T) {
	for header, want := range map[string]string{
		"Subject: plain\r\n\r\n":                                        "plain",
		"From: x\r\nsubject:  case and blanks \r\nTo: y\r\n\r\n":        "case and blanks",
		"Subject: =?utf-8?Q?gr=C3=B6=C3=9Fe?= =?utf-8?B?IQ==?=\r\n\r\n": "größe!",
		"Subject: =?iso-8859-1?q?=E9t=E9?=\r\n\r\n":                     "été",
		"Subject: =?klingon?Q?nuqneH?=\r\n\r\n":                         "=?klingon?Q?nuqneH?=",
		"Subject: folded\r\n\tover\r\n lines\r\nX-Other: z\r\n\r\n":     "folded over lines",
		"Subject:\r\n\r\n":                           "",
		"X: y\r\n\r\nSubject: in the body\r\n":       "",
		"Subjective: no\r\n\r\n":                     "",
		"Subject: first\r\nSubject: second\r\n\r\n":  "first",
		"Subject: nul\x00 and \x1b[31m\r\n\r\n":      "nul and [31m",
		"Subject: =?utf-8?Q?line=0D=0Aend?=\r\n\r\n": "lineend",
		"Subject: bad \xff utf-8\r\n\r\n":            "bad \uFFFD utf-8",
		"Subject: no end":                            "no end",
		"Subject: lone\nX: y\n\nz":                   "lone",
		"":                                           "",
	} {
		m := &Message{chunks: [][]byte{[]byte(header)}}
		if got := m.Subject(); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
	if got := (&Message{}).Subject(); got != "" {
		t.Errorf("no content: %q", got)
	}
	long := &Message{chunks: [][]byte{[]byte("Subject: " + strings.Repeat("ö", 2000))}}
	if got := long.Subject(); len(got) != maxSubject || strings.Trim(got, "ö") != "" {
		t.Errorf("a long subject: %d octets", len(got))
	}
}
