package smtp

import (
	"errors"
	"strings"
	"testing"
)

func TestParseLine(t *testing.T) {
	for _, tt := range []struct {
		in   string
		verb Verb
		name string
		arg  string
	}{
		{"EHLO client.example", VerbEHLO, "EHLO", "client.example"},
		{"eHlO c", VerbEHLO, "eHlO", "c"},
		{"MAIL FROM:<a@b> SIZE=1", VerbMAIL, "MAIL", "FROM:<a@b> SIZE=1"},
		{"mail from:<a@b>", VerbMAIL, "mail", "from:<a@b>"},
		{"MAIL\tFROM:<a@b>", VerbMAIL, "MAIL", "FROM:<a@b>"},
		{"RSET  ", VerbRSET, "RSET", ""},
		{"NOOP   hello  world  ", VerbNOOP, "NOOP", "hello  world"},
		{"starttls", VerbSTARTTLS, "starttls", ""},
		{"STAR", VerbUnknown, "STAR", ""},
		{"STARTTLSX", VerbUnknown, "STARTTLSX", ""},
		{"MAILX", VerbUnknown, "MAILX", ""},
		{"MAI", VerbUnknown, "MAI", ""},
		{"", VerbUnknown, "", ""},
		{" NOOP", VerbUnknown, "", "NOOP"},
		{"XYZZY", VerbUnknown, "XYZZY", ""},
		{"X-FOO bar", VerbUnknown, "X-FOO", "bar"},
		{"XCLIENT ADDR=127.0.0.1", VerbXCLIENT, "XCLIENT", "ADDR=127.0.0.1"},
		{"XFORWARD NAME=x", VerbXFORWARD, "XFORWARD", "NAME=x"},
		{"\x00\x00\x00\x00", VerbUnknown, "\x00\x00\x00\x00", ""},
		{"NOOP\x00", VerbUnknown, "NOOP\x00", ""},
		{"\xae\xaf\xaf\xb0", VerbUnknown, "\xae\xaf\xaf\xb0", ""}, // NOOP but for the high bit
		{".OOP", VerbUnknown, ".OOP", ""},                         // NOOP's N but for bit 5
		{"GET / HTTP/1.1", VerbHTTP, "GET", "/ HTTP/1.1"},
		{"POST / HTTP/1.1", VerbHTTP, "POST", "/ HTTP/1.1"},
		{"CONNECT x:25 HTTP/1.1", VerbHTTP, "CONNECT", "x:25 HTTP/1.1"},
		{"PRI * HTTP/2.0", VerbHTTP, "PRI", "* HTTP/2.0"},
		{"Host: example.com", VerbHTTP, "Host:", "example.com"},
		{"HOST example.com", VerbUnknown, "HOST", "example.com"},
		{"*1", VerbUnknown, "*1", ""},
	} {
		l := ParseLine([]byte(tt.in))
		if l.Verb != tt.verb || string(l.Name) != tt.name || string(l.Arg) != tt.arg {
			t.Errorf("%q: %v, %q, %q", tt.in, l.Verb, l.Name, l.Arg)
		}
	}
}

func TestEveryVerbIsFoundInAnyCase(t *testing.T) {
	for verb := VerbEHLO; verb < VerbHTTP; verb++ {
		for _, name := range []string{verb.String(), strings.ToLower(verb.String())} {
			if got := ParseLine([]byte(name)).Verb; got != verb {
				t.Errorf("%q is taken for %v", name, got)
			}
		}
	}
	for _, name := range httpNames {
		if got := ParseLine([]byte(strings.ToLower(name))).Verb; got != VerbHTTP {
			t.Errorf("%q is taken for %v", name, got)
		}
	}
}

func TestCutLine(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		lenient  bool
		line     string
		n        int
		bare     bool
	}{
		{"a line", "NOOP\r\n", false, "NOOP", 6, false},
		{"two lines", "NOOP\r\nQUIT\r\n", false, "NOOP", 6, false},
		{"an empty line", "\r\n", false, "", 2, false},
		{"no end yet", "NOOP\r", false, "", 0, false},
		{"nothing", "", false, "", 0, false},
		{"C13 LF alone, strict", "NOOP\n", false, "", 0, false},
		{"C13 LF alone and a true end, strict", "NOOP\nQUIT\r\n", false, "NOOP\nQUIT", 11, false},
		{"C13 LF alone, lenient", "NOOP\nQUIT\r\n", true, "NOOP", 5, true},
		{"LF first, strict", "\nNOOP\r\n", false, "\nNOOP", 7, false},
		{"LF first, lenient", "\nNOOP\r\n", true, "", 1, true},
		{"CRLF, lenient", "NOOP\r\n", true, "NOOP", 6, false},
		{"a CR in the line", "NO\rOP\r\n", false, "NO\rOP", 7, false},
	} {
		line, n, bare := CutLine([]byte(tt.in), tt.lenient)
		if string(line) != tt.line || n != tt.n || bare != tt.bare {
			t.Errorf("%s: %q, %d, %v", tt.name, line, n, bare)
		}
	}
}

func TestMailAndRcptArguments(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		path     string
		params   string
		want     error
	}{
		{"MAIL", "MAIL FROM:<a@b>", "a@b", "", nil},
		{"MAIL with parameters", "MAIL FROM:<a@b> SIZE=1  BODY=7BIT", "a@b", "SIZE=1  BODY=7BIT", nil},
		{"MAIL in lower case", "mail from:<a@b> size=10", "a@b", "size=10", nil},
		{"MAIL with the null path", "MAIL FROM:<>", "@", "", nil},
		{"B12 a space after the colon", "MAIL FROM: <a@b>", "a@b", "", nil},
		{"a space before the colon", "MAIL FROM :<a@b>", "", "", ErrNoKeyword},
		{"MAIL TO", "MAIL TO:<a@b>", "", "", ErrNoKeyword},
		{"MAIL without argument", "MAIL", "", "", ErrNoKeyword},
		{"MAIL FROM: and nothing", "MAIL FROM:", "", "", ErrNoBracket},
		{"no space before the parameters", "MAIL FROM:<a@b>SIZE=1", "", "", ErrAfterPath},
		{"two brackets at the end", "MAIL FROM:<a@b>>", "", "", ErrAfterPath},
		{"RCPT", "RCPT TO:<a@b> NOTIFY=NEVER", "a@b", "NOTIFY=NEVER", nil},
		{"RCPT and postmaster", "RCPT TO:<postmaster>", "postmaster@", "", nil},
		{"RCPT and the null path", "RCPT TO:<>", "", "", ErrNullPath},
		{"RCPT FROM", "RCPT FROM:<a@b>", "", "", ErrNoKeyword},
		{"RCPT with rubbish behind", "RCPT TO:<a@b>x", "", "", ErrAfterPath},
	} {
		l := ParseLine([]byte(tt.in))
		parse := ParseMailArg
		if l.Verb == VerbRCPT {
			parse = ParseRcptArg
		}
		p, params, err := parse(l.Arg, false)
		path := ""
		if err == nil {
			path = string(p.Local) + "@" + string(p.Domain)
		}
		if path != tt.path || string(params) != tt.params || !errors.Is(err, tt.want) {
			t.Errorf("%s: %q, %q, %v", tt.name, path, params, err)
		}
	}
}

func TestNextParam(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
	}{
		{"none", "", ""},
		{"blanks", "  ", ""},
		{"a value", "SIZE=1000", "SIZE=1000;"},
		{"no value", "SMTPUTF8", "SMTPUTF8;"},
		{"several", "SIZE=1 BODY=8BITMIME  SMTPUTF8", "SIZE=1;BODY=8BITMIME;SMTPUTF8;"},
		{"brackets", "AUTH=<>", "AUTH=<>;"},
		{"xtext", "ORCPT=rfc822;r+2Bx@example.com", "ORCPT=rfc822;r+2Bx@example.com;"},
		{"hyphens", "MT-PRIORITY=-3", "MT-PRIORITY=-3;"},
		{"UTF-8", "ORCPT=utf-8;é", "ORCPT=utf-8;é;"},
		{"an empty value", "SIZE=", "bad parameter"},
		{"no key", "=1", "bad parameter"},
		{"two equals signs", "A=B=C", "bad parameter"},
		{"a hyphen first", "-A=B", "bad parameter"},
		{"an underscore", "A_B=C", "bad parameter"},
		{"a control octet", "A=\x1b", "bad parameter"},
		{"a good one and a bad one", "A=B C=", "A=B;bad parameter"},
	} {
		got, params := "", []byte(tt.in)
		for {
			key, value, rest, ok, err := NextParam(params)
			if err != nil {
				got += err.Error()
			}
			if !ok {
				break
			}
			got += string(key)
			if value != nil {
				got += "=" + string(value)
			}
			got, params = got+";", rest
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestParseBDAT(t *testing.T) {
	for _, tt := range []struct {
		in   string
		size int64
		last bool
		want error
	}{
		{"20", 20, false, nil},
		{"20 LAST", 20, true, nil},
		{"15 last", 15, true, nil},
		{"0 LAST", 0, true, nil},
		{"0", 0, false, nil},
		{"007", 7, false, nil},
		{"5  LAST ", 5, true, nil},
		{"1125899906842624", MaxChunk, false, nil},
		{"1125899906842625", 0, false, ErrChunkTooLarge},
		{"9223372036854775807", 0, false, ErrChunkTooLarge},
		{"99999999999999999999999999", 0, false, ErrChunkTooLarge},
		{"", 0, false, ErrChunk},
		{"LAST", 0, false, ErrChunk},
		{"x LAST", 0, false, ErrChunk},
		{"-1", 0, false, ErrChunk},
		{"+5", 0, false, ErrChunk},
		{"0x10", 0, false, ErrChunk},
		{"1e3", 0, false, ErrChunk},
		{"1.0", 0, false, ErrChunk},
		{"10LAST", 0, false, ErrChunk},
		{"10 LASTS", 0, false, ErrChunk},
		{"10 ", 0, false, ErrChunk},
		{"10 LAST LAST", 0, false, ErrChunk},
	} {
		size, last, err := ParseBDAT([]byte(tt.in))
		if size != tt.size || last != tt.last || !errors.Is(err, tt.want) {
			t.Errorf("BDAT %q: %d, %v, %v", tt.in, size, last, err)
		}
	}
}
