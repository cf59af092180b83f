package smtp

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

// replyTests hold one reply each, with more octets behind it that are not its
// business.
var replyTests = []struct {
	name     string
	in       string
	size     int // 0: all of in
	code     Code
	enhanced string
	text     string
	lines    []string
	flags    flags
}{
	{name: "a reply with an enhanced status code", in: "250 2.1.0 Ok\r\n", code: 250, enhanced: "2.1.0", text: "Ok", lines: []string{"2.1.0 Ok"}},
	{name: "a reply without one", in: "354 go ahead\r\n", code: 354, text: "go ahead", lines: []string{"go ahead"}},
	{name: "two replies in one read", in: "250 a\r\n550 b\r\n", size: 7, code: 250, text: "a", lines: []string{"a"}},
	{name: "K01 a greeting of three lines", in: "220-one\r\n220-two\r\n220 three\r\n", code: 220, text: "three", lines: []string{"one", "two", "three"}},
	{name: "K04 a short greeting", in: "220 x\r\n", code: 220, text: "x", lines: []string{"x"}},
	{name: "K07 a bare code", in: "250\r\n", code: 250, lines: []string{""}},
	{name: "K07 a bare code as last line", in: "250-x\r\n250\r\n", code: 250, lines: []string{"x", ""}},
	{name: "K08 a code and a space", in: "250 \r\n", code: 250, lines: []string{""}},
	{name: "K08 an empty last line of EHLO", in: "250-host\r\n250-PIPELINING\r\n250 \r\n", code: 250, lines: []string{"host", "PIPELINING", ""}},
	{name: "K10 LF alone", in: "250 ok\n", code: 250, text: "ok", lines: []string{"ok"}, flags: bareLF},
	{name: "K10 LF alone behind a bare code", in: "250\n", code: 250, lines: []string{""}, flags: bareLF},
	{name: "K10 LF alone in one line of two", in: "250-ok\n250 ok\r\n", code: 250, text: "ok", lines: []string{"ok", "ok"}, flags: bareLF},
	{name: "K11 600 octets", in: "250 " + strings.Repeat("x", 594) + "\r\n", code: 250, text: strings.Repeat("x", 594),
		lines: []string{strings.Repeat("x", 594)}, flags: longLine},
	{name: "K11 512 octets, all that is allowed", in: "250 " + strings.Repeat("x", 506) + "\r\n", code: 250, text: strings.Repeat("x", 506),
		lines: []string{strings.Repeat("x", 506)}},
	{name: "K13 a second digit that the grammar lacks", in: "290 x\r\n", code: 290, text: "x", lines: []string{"x"}},
	{name: "K14 299", in: "299 x\r\n", code: 299, text: "x", lines: []string{"x"}},
	{name: "K14 399", in: "399 x\r\n", code: 399, text: "x", lines: []string{"x"}},
	{name: "K14 499", in: "499 x\r\n", code: 499, text: "x", lines: []string{"x"}},
	{name: "K14 599", in: "599 x\r\n", code: 599, text: "x", lines: []string{"x"}},
	{name: "K31 several lines inside a group", in: "250-x\r\n250 y\r\n250 z\r\n", size: 14, code: 250, text: "y", lines: []string{"x", "y"}},
	{name: "octets above 127", in: "250 jos\xc3\xa9\r\n", code: 250, text: "jos\xc3\xa9", lines: []string{"jos\xc3\xa9"}, flags: eightBit},
	{name: "an octet above 127 in the last word", in: "250 12345678\xff\r\n", code: 250, text: "12345678\xff", lines: []string{"12345678\xff"}, flags: eightBit},
	{name: "a CR inside a line", in: "250 a\rb\r\n", code: 250, text: "a\rb", lines: []string{"a\rb"}},
	{name: "two CRs at the end", in: "250 a\r\r\n", code: 250, text: "a\r", lines: []string{"a\r"}},
	{name: "an enhanced status code on every line", in: "550-5.1.1 a\r\n550 5.1.1 b\r\n", code: 550, enhanced: "5.1.1", text: "b", lines: []string{"5.1.1 a", "5.1.1 b"}},
	{name: "an enhanced status code on the first line only", in: "550-5.1.1 a\r\n550 b\r\n", code: 550, enhanced: "5.1.1", text: "b", lines: []string{"5.1.1 a", "b"}},
	{name: "an enhanced status code of another class", in: "550 2.1.1 a\r\n", code: 550, text: "2.1.1 a", lines: []string{"2.1.1 a"}},
	{name: "a text that begins with a hyphen", in: "250 -\r\n", code: 250, text: "-", lines: []string{"-"}},
}

func TestReplies(t *testing.T) {
	for _, tt := range replyTests {
		if tt.size == 0 {
			tt.size = len(tt.in)
		}
		want := Reply{
			Code: tt.code, Text: []byte(tt.text), Raw: []byte(tt.in[:tt.size]), Lines: len(tt.lines),
			BareLF: tt.flags&bareLF != 0, EightBit: tt.flags&eightBit != 0, LongLine: tt.flags&longLine != 0,
		}
		inAnyPieces(t, tt.in, func(pieces string, r Reply, n int, m Malformation) {
			if m != WellFormed || n != tt.size {
				t.Fatalf("%s, %s: n = %d, %v", tt.name, pieces, n, m)
			}
			if r.Enhanced.String() != tt.enhanced {
				t.Errorf("%s, %s: enhanced status code %q, want %q", tt.name, pieces, r.Enhanced, tt.enhanced)
			}
			var lines []string
			r.EachLine(func(text []byte) { lines = append(lines, string(text)) })
			if !reflect.DeepEqual(lines, tt.lines) {
				t.Errorf("%s, %s: lines %q, want %q", tt.name, pieces, lines, tt.lines)
			}
			r.Enhanced = 0
			if got, want := fmt.Sprintf("%+v", r), fmt.Sprintf("%+v", want); got != want {
				t.Errorf("%s, %s:\n got %s\nwant %s", tt.name, pieces, got, want)
			}
		})
	}
}

// inAnyPieces gives in to a parser as a whole, in two pieces cut at every
// place, and one octet at a time, and calls check with each outcome.
func inAnyPieces(t *testing.T, in string, check func(pieces string, r Reply, n int, m Malformation)) {
	t.Helper()
	buffer := []byte(in)
	run := func(pieces string, lengths ...int) {
		var p Parser
		for _, length := range lengths {
			var r Reply
			n, m := p.Next(buffer[:length:length], &r)
			if n > 0 || m != WellFormed || length == len(in) {
				check(pieces, r, n, m)
				if (p != Parser{}) && (n > 0 || m != WellFormed) {
					t.Errorf("%q: the parser is not ready for the next reply: %+v", in[:min(80, len(in))], p)
				}
				return
			}
		}
	}
	run("whole", len(in))
	octets := make([]int, len(in))
	for i := range octets {
		octets[i] = i + 1
		if len(in) < 2000 {
			run("cut at "+fmt.Sprint(i), i, len(in))
		}
	}
	run("octet by octet", octets...)
}

func TestMalformedReplies(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct {
		name, in string
		want     Malformation
	}{
		{"K13 a first digit of 1", "150 x\r\n", NoCode},
		{"K13 a first digit of 6", "600 x\r\n", NoCode},
		{"K13 a letter in the code", "2x0 x\r\n", NoCode},
		{"K13 two digits", "99 x\r\n", NoCode},
		{"K13 no separator", "250x\r\n", NoCode},
		{"four digits", "2500 x\r\n", NoCode},
		{"a tab for a separator", "250\tx\r\n", NoCode},
		{"a CR for a separator", "250\rx\r\n", NoCode},
		{"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", NoCode},
		{"a TLS alert", "\x15\x03\x01\x00\x02\x02\x50", NoCode},
		{"an empty line", "\r\n", NoCode},
		{"a second line without a code", "250-x\r\nand more\r\n", NoCode},
		{"a second line with another code", "250-x\r\n251 y\r\n", MixedCodes},
		{"a second line with a shorter code", "250-x\r\n25\r\n", NoCode},
		{"a NUL in the text", "250 a\x00b\r\n", HasNUL},
		{"a NUL behind octets above 127", "250 \x80\x80\x80\x80\x80\x80\x80\x80\x00\r\n", HasNUL},
		{"K11 the longest line and one octet", "250 " + x(MaxReplyLine-5) + "\r\n", LineTooLong},
		{"a line without end", "250 " + x(MaxReplyLine), LineTooLong},
		{"a second line without end", "250-\r\n250 " + x(MaxReplyLine), LineTooLong},
		{"too many lines", strings.Repeat("250-x\r\n", MaxReplyLines) + "250 x\r\n", TooManyLines},
		{"too much altogether", strings.Repeat("250-"+x(60000)+"\r\n", 5), ReplyTooLong},
		{"too much altogether in a line that is too long as well", strings.Repeat("250-"+x(60000)+"\r\n", 4) + "250 " + x(70000), ReplyTooLong},
	} {
		inAnyPieces(t, tt.in, func(pieces string, r Reply, n int, m Malformation) {
			if m != tt.want || n != 0 || r.Raw != nil {
				t.Errorf("%s, %s: n = %d, %v, want %v", tt.name, pieces, n, m, tt.want)
			}
		})
	}
}

func TestRepliesAtTheirLimits(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		lines    int
	}{
		{"K11 4000 octets", "250 " + strings.Repeat("x", 3994) + "\r\n", 1},
		{"the longest line", "250 " + strings.Repeat("x", MaxReplyLine-6) + "\r\n", 1},
		{"the longest reply", strings.Repeat("250-"+strings.Repeat("x", 1018)+"\r\n", 255) + "250 " + strings.Repeat("x", 1018) + "\r\n", 256},
		{"the most lines", strings.Repeat("250-x\r\n", MaxReplyLines-1) + "250 x\r\n", MaxReplyLines},
	} {
		inAnyPieces(t, tt.in, func(pieces string, r Reply, n int, m Malformation) {
			if n != len(tt.in) || m != WellFormed || r.Lines != tt.lines {
				t.Errorf("%s, %s: n = %d, %d lines, %v", tt.name, pieces, n, r.Lines, m)
			}
		})
	}
}

func TestUnfinishedReplies(t *testing.T) {
	for _, in := range []string{"", "2", "25", "250", "250 ", "250-", "250 ok", "250 ok\r", "250-a\r\n", "250-a\r\n250", "250\r"} {
		var p Parser
		var r Reply
		if n, m := p.Next([]byte(in), &r); n != 0 || m != WellFormed || r.Raw != nil {
			t.Errorf("%q: n = %d, %v, want more octets", in, n, m)
		}
	}
}

func TestParserReadsOneReplyAfterAnother(t *testing.T) {
	in := []byte("250-x\r\n250 y\r\n451 4.3.0 z\r\n221 bye\r\n")
	var p Parser
	var codes []Code
	for len(in) > 0 {
		var r Reply
		n, m := p.Next(in, &r)
		if m != WellFormed || n == 0 {
			t.Fatalf("%q: n = %d, %v", in, n, m)
		}
		codes = append(codes, r.Code)
		in = in[n:]
	}
	if want := []Code{250, 451, 221}; !reflect.DeepEqual(codes, want) {
		t.Errorf("codes %v, want %v", codes, want)
	}
}

func TestParserIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Parser{}); size > 16 {
		t.Errorf("a parser takes %d octets; every session has one, so it may take 16", size)
	}
}

func TestEvidence(t *testing.T) {
	if got := Evidence([]byte("SSH-2.0\x1b[31m\r\n")); got != `"SSH-2.0\x1b[31m\r\n"` {
		t.Errorf("evidence %s", got)
	}
	if got := Evidence([]byte(strings.Repeat("x", 500))); len(got) != evidenceOctets+2 {
		t.Errorf("evidence of %d octets", len(got))
	}
}
