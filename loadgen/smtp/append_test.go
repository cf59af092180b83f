package smtp

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCommandsAreWrittenAsTheRFCsSay(t *testing.T) {
	path := []byte("a@example.com")
	for _, tt := range []struct {
		got  []byte
		want string
	}{
		{AppendEHLO(nil, "client.example"), "EHLO client.example\r\n"},
		{AppendHELO(nil, "client.example"), "HELO client.example\r\n"},
		{AppendLHLO(nil, "[127.0.0.1]"), "LHLO [127.0.0.1]\r\n"},
		{AppendMail(nil, path, ""), "MAIL FROM:<a@example.com>\r\n"},
		{AppendMail(nil, path, "SIZE=1 BODY=8BITMIME"), "MAIL FROM:<a@example.com> SIZE=1 BODY=8BITMIME\r\n"},
		{AppendMail(nil, nil, ""), "MAIL FROM:<>\r\n"},
		{AppendRcpt([]byte(LineRSET), path, "NOTIFY=NEVER"), "RSET\r\nRCPT TO:<a@example.com> NOTIFY=NEVER\r\n"},
		{AppendRcpt(nil, path, ""), "RCPT TO:<a@example.com>\r\n"},
		{AppendBDAT(nil, 0, true), "BDAT 0 LAST\r\n"},
		{AppendBDAT(nil, 65536, false), "BDAT 65536\r\n"},
	} {
		if string(tt.got) != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestAppendReply(t *testing.T) {
	ok := MakeEnhanced(2, 0, 0)
	for _, tt := range []struct {
		name string
		code Code
		e    Enhanced
		text string
		want string
	}{
		{"one line", 250, ok, "Ok", "250 2.0.0 Ok\r\n"},
		{"no enhanced status code", 354, 0, "go ahead", "354 go ahead\r\n"},
		{"several lines", 250, 0, "host\nSIZE 1000\nHELP", "250-host\r\n250-SIZE 1000\r\n250 HELP\r\n"},
		{"an enhanced status code on every line", 250, ok, "a\nb", "250-2.0.0 a\r\n250 2.0.0 b\r\n"},
		{"an empty challenge", 334, 0, "", "334 \r\n"},
		{"an enhanced status code alone", 250, ok, "", "250 2.0.0\r\n"},
		{"an empty line between two", 214, 0, "a\n\nb", "214-a\r\n214-\r\n214 b\r\n"},
		{"a line feed at the end", 214, 0, "a\n", "214-a\r\n214 \r\n"},
		{"control octets", 501, 0, "bad \r\x00\x1b\x7f\t", "501 bad ?????\r\n"},
		{"UTF-8", 250, 0, "josé", "250 josé\r\n"},
	} {
		if got := AppendReply(nil, tt.code, tt.e, tt.text); string(got) != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestLongRepliesAreSplit(t *testing.T) {
	e := MakeEnhanced(5, 1, 10)
	for _, text := range []string{
		strings.Repeat("x", 496), // fits exactly
		strings.Repeat("x", 497),
		strings.Repeat("x", 5000),
		strings.Repeat("é", 1000),
		strings.Repeat("日本", 1000),
		strings.Repeat("x", 600) + "\nshort\n" + strings.Repeat("y", 1200),
		strings.Repeat("\x80", 2000),
	} {
		r := parse(t, string(AppendReply(nil, 550, e, text)))
		if r.Code != 550 || r.Enhanced != e || r.LongLine {
			t.Errorf("%.20q: %d %v, a line over 512 octets: %v", text, r.Code, r.Enhanced, r.LongLine)
		}
		var joined []byte
		r.EachLine(func(line []byte) {
			_, line, _ = ParseEnhanced(line)
			if utf8.ValidString(text) && !utf8.Valid(line) {
				t.Errorf("%.20q: a character was cut in two", text)
			}
			joined = append(joined, line...)
		})
		if string(joined) != strings.ReplaceAll(text, "\n", "") {
			t.Errorf("%.20q: the text has changed", text)
		}
		if len(text) == 496 && r.Lines != 1 {
			t.Errorf("a text that fits took %d lines", r.Lines)
		}
	}
}
