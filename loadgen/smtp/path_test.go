package smtp

import (
	"errors"
	"strings"
	"testing"
)

var (
	longLocal  = strings.Repeat("l", 64)
	longLabel  = strings.Repeat("d", 63)
	longDomain = longLabel + "." + longLabel + "." + longLabel + "." + strings.Repeat("e", 63) // 255 octets
)

func TestPaths(t *testing.T) {
	for _, tt := range []struct {
		name, in, local, domain string
		rest                    string
	}{
		{"an ordinary path", "<s@example.com>", "s", "example.com", ""},
		{"parameters behind it", "<s@example.com> SIZE=1", "s", "example.com", " SIZE=1"},
		{"the null path", "<>", "", "", ""},
		{"the null path and parameters", "<> SIZE=1", "", "", " SIZE=1"},
		{"every octet of an atom", "<a!#$%&'*+-/=?^_`{|}~9@x>", "a!#$%&'*+-/=?^_`{|}~9", "x", ""},
		{"dots", "<a.b.c@d.e.f>", "a.b.c", "d.e.f", ""},
		{"B09 a quoted space", `<"a b"@example.com>`, `"a b"`, "example.com", ""},
		{"B09 a quoted at sign", `<"x@y"@example.com>`, `"x@y"`, "example.com", ""},
		{"B09 quoted quotes and backslashes", `<"q\"q\\"@example.com>`, `"q\"q\\"`, "example.com", ""},
		{"a quoted bracket", `<"a>b"@example.com>`, `"a>b"`, "example.com", ""},
		{"an empty quoted string", `<""@example.com>`, `""`, "example.com", ""},
		{"B10 an IPv4 literal", "<r@[127.0.0.1]>", "r", "[127.0.0.1]", ""},
		{"an IPv6 literal", "<r@[IPv6:2001:db8::1]>", "r", "[IPv6:2001:db8::1]", ""},
		{"an IPv6 literal in lower case", "<r@[ipv6:::1]>", "r", "[ipv6:::1]", ""},
		{"a general literal", "<r@[x400:c=de]>", "r", "[x400:c=de]", ""},
		{"a source route", "<@a.example,@b.example:u@c.example>", "u", "c.example", ""},
		{"a source route of one", "<@[127.0.0.1]:u@c.example>", "u", "c.example", ""},
		{"an underscore in a domain", "<u@my_host.example>", "u", "my_host.example", ""},
		{"a domain without dot", "<u@localhost>", "u", "localhost", ""},
		{"a domain of digits", "<u@127.0.0.1>", "u", "127.0.0.1", ""},
		{"B13 a local-part of 64 octets", "<" + longLocal + "@example.com>", longLocal, "example.com", ""},
		{"a path of 256 octets", "<a@" + longDomain[:252] + ">", "a", longDomain[:252], ""},
		{"another path inside the rest", "<a@b><c@d>", "a", "b", "<c@d>"},
	} {
		p, rest, err := ParsePath([]byte(tt.in), false)
		if err != nil || string(p.Local) != tt.local || string(p.Domain) != tt.domain || string(rest) != tt.rest {
			t.Errorf("%s: %q, %q, %q, %v", tt.name, p.Local, p.Domain, rest, err)
		}
		if p.IsNull() != strings.HasPrefix(tt.in, "<>") {
			t.Errorf("%s: null is %v", tt.name, p.IsNull())
		}
	}
}

func TestBadPaths(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     SyntaxError
	}{
		{"nothing", "", ErrNoBracket},
		{"no brackets", "s@example.com", ErrNoBracket},
		{"a bracket alone", "<", ErrNoLocalPart},
		{"no closing bracket", "<s@example.com", ErrNotClosed},
		{"no closing bracket, no domain", "<s", ErrNotClosed},
		{"two brackets", "<<s@example.com>>", ErrLocalPart},
		{"no local-part", "<@>", ErrDomain},
		{"no domain behind the at sign", "<s@>", ErrDomain},
		{"no at sign", "<s>", ErrNoDomain},
		{"a domain-less postmaster as sender", "<postmaster>", ErrNoDomain},
		{"two at signs", "<a@b@c>", ErrDomain},
		{"a dot first", "<.a@b>", ErrDot},
		{"a dot last", "<a.@b>", ErrDot},
		{"two dots", "<a..b@c>", ErrDot},
		{"a space in the local-part", "<a b@c>", ErrLocalPart},
		{"a comment", "<a(x)@c>", ErrLocalPart},
		{"a NUL", "<a\x00@c>", ErrLocalPart},
		{"a CR", "<a\r@c>", ErrLocalPart},
		{"an LF in quotes", "<\"a\n\"@c>", ErrQuoted},
		{"an LF in quotes behind a backslash", "<\"a\\\n\"@c>", ErrQuoted},
		{"an unclosed quote", `<"a@c>`, ErrQuoted},
		{"a backslash at the end", `<"a\`, ErrQuoted},
		{"an atom behind a quote", `<"a"b@c>`, ErrLocalPart},
		{"a quote behind an atom", `<a"b"@c>`, ErrLocalPart},
		{"an empty label", "<a@b..c>", ErrDomain},
		{"a dot at the end of the domain", "<a@b.>", ErrDomain},
		{"a hyphen first in a label", "<a@-b>", ErrDomain},
		{"a hyphen last in a label", "<a@b-.c>", ErrDomain},
		{"a space in the domain", "<a@b c>", ErrDomain},
		{"a slash in the domain", "<a@../etc>", ErrDomain},
		{"a label of 64 octets", "<a@" + longLabel + "d>", ErrDomain},
		{"a literal that is not closed", "<a@[127.0.0.1>", ErrLiteral},
		{"an empty literal", "<a@[]>", ErrLiteral},
		{"a literal of three numbers", "<a@[127.0.1]>", ErrLiteral},
		{"a literal of five numbers", "<a@[127.0.0.0.1]>", ErrLiteral},
		{"a literal over 255", "<a@[127.0.0.256]>", ErrLiteral},
		{"a literal with a dot at its end", "<a@[127.0.0.]>", ErrLiteral},
		{"a literal of four numbers and a letter", "<a@[127.0.0.1x]>", ErrLiteral},
		{"a literal of a name", "<a@[localhost]>", ErrLiteral},
		{"an IPv6 literal without tag", "<a@[2001:db8::1]>", ErrLiteral},
		{"an IPv6 literal with IPv4 inside", "<a@[IPv6:127.0.0.1]>", ErrLiteral},
		{"an IPv6 literal with a zone", "<a@[IPv6:fe80::1%eth0]>", ErrLiteral},
		{"a general literal without address", "<a@[x400:]>", ErrLiteral},
		{"a general literal without tag", "<a@[:x]>", ErrLiteral},
		{"a general literal whose tag ends in a hyphen", "<a@[x-:x]>", ErrLiteral},
		{"a general literal with a space", "<a@[x400:c d]>", ErrLiteral},
		{"a source route without end", "<@a", ErrSourceRoute},
		{"a source route without colon", "<@a,b:c@d>", ErrSourceRoute},
		{"a source route with a comma at its end", "<@a,:c@d>", ErrSourceRoute},
		{"a source route without domain", "<@:c@d>", ErrDomain},
		{"a source route without mailbox", "<@a:>", ErrNoLocalPart},
		{"F06 UTF-8 without SMTPUTF8", "<jösé@example.com>", ErrNonASCII},
		{"a UTF-8 domain without SMTPUTF8", "<a@exämple.com>", ErrNonASCII},
		{"quoted UTF-8 without SMTPUTF8", `<"ö"@example.com>`, ErrNonASCII},
		{"a local-part of 65 octets", "<" + longLocal + "l@example.com>", ErrLocalTooLong},
		{"a quoted local-part of 66 octets", `<"` + longLocal + `"@example.com>`, ErrLocalTooLong},
		{"a domain of 256 octets", "<a@" + longDomain + ".e>", ErrDomainTooLong},
		{"a path of 257 octets", "<ab@" + longDomain[:252] + ">", ErrPathTooLong},
	} {
		p, rest, err := ParsePath([]byte(tt.in), false)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: ParsePath(%.60q) says %v, want %v", tt.name, tt.in, err, tt.want)
		}
		if !p.IsNull() || string(rest) != tt.in {
			t.Errorf("%s: a bad path gave %q and left %q", tt.name, p, rest)
		}
	}
}

func TestInternationalPaths(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want error
	}{
		{"<jösé@example.com>", nil},
		{"<用户@例子.广告>", nil},
		{`<"ö ö"@exämple.com>`, nil},
		{"<a@" + strings.Repeat("é", 40) + ".example>", nil}, // over 63 octets, under 63 as A-label
		{"<\xff@example.com>", ErrUTF8},
		{"<a\xc3@example.com>", ErrUTF8},
		{"<a@\xc0\x80>", ErrUTF8},
		{"<\"\xed\xa0\x80\"@example.com>", ErrUTF8},
		{"<a@ä-.example>", ErrDomain},
	} {
		if _, _, err := ParsePath([]byte(tt.in), true); !errors.Is(err, tt.want) {
			t.Errorf("%q: %v, want %v", tt.in, err, tt.want)
		}
	}
}

func TestForwardPaths(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     error
	}{
		{"an ordinary path", "<r@example.com>", nil},
		{"B07 postmaster", "<Postmaster>", nil},
		{"B07 postmaster in upper case", "<POSTMASTER>", nil},
		{"B07 postmaster in lower case, and a parameter", "<postmaster> NOTIFY=NEVER", nil},
		{"B06 the null path", "<>", ErrNullPath},
		{"another name without domain", "<root>", ErrNoDomain},
		{"a quoted postmaster", `<"postmaster">`, ErrNoDomain},
		{"a bad one", "<a@b@c>", ErrDomain},
	} {
		if _, _, err := ParseForwardPath([]byte(tt.in), false); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestCheckMailbox(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"a@example.com", ""},
		{`"a b"@[127.0.0.1]`, ""},
		{`"a@b"@c`, ""},
		{"a b@c", `mailbox "a b@c": octet that cannot stand in a local-part, at octet 1`},
		{"<a@b>", `mailbox "<a@b>": octet that cannot stand in a local-part, at octet 0`},
		{"a@b>", `mailbox "a@b>": bad domain, at octet 3`},
		{"a@b..c", `mailbox "a@b..c": bad domain, at octet 4`},
		{"root", `mailbox "root": no @domain after the local-part, at octet 4`},
		{`"a@b"`, `mailbox "\"a@b\"": no @domain after the local-part, at octet 5`},
		{"@a:b@c", `mailbox "@a:b@c": no local-part, at octet 0`},
		{"é@c", `mailbox "é@c": non-ASCII address without SMTPUTF8, at octet 0`},
		{"\x1b@c", `mailbox "\x1b@c": octet that cannot stand in a local-part, at octet 0`},
		{"ab@" + longDomain[:252], "path over 256 octets, at octet 255"},
	} {
		err := CheckMailbox(tt.in, false)
		if (err == nil) != (tt.want == "") || err != nil && !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %s", tt.in, err, tt.want)
		}
	}
	if err := CheckMailbox("é@c", true); err != nil {
		t.Error(err)
	}
	if err := CheckMailbox("a b@c", true); !errors.Is(err, ErrLocalPart) {
		t.Errorf("%v is not ErrLocalPart", err)
	}
}

func TestParseDomain(t *testing.T) {
	for _, tt := range []struct {
		in, domain, rest string
		want             error
	}{
		{"client.example", "client.example", "", nil},
		{"[127.0.0.1]", "[127.0.0.1]", "", nil},
		{"[IPv6:::1] extra", "[IPv6:::1]", " extra", nil},
		{"under_score", "under_score", "", nil},
		{"host word", "host", " word", nil},
		{"", "", "", ErrDomain},
		{"host/x", "", "host/x", ErrDomain},
		{"host.", "", "host.", ErrDomain},
		{"a\x1bb", "", "a\x1bb", ErrDomain},
		{"[127.0.0.1]x", "", "[127.0.0.1]x", ErrDomain},
		{"[127.0.0.1", "", "[127.0.0.1", ErrLiteral},
		{"hé", "", "hé", ErrNonASCII},
		{strings.Repeat("x.", 2000) + "x", "", strings.Repeat("x.", 2000) + "x", ErrDomainTooLong},
	} {
		domain, rest, err := ParseDomain([]byte(tt.in), false)
		if string(domain) != tt.domain || string(rest) != tt.rest || !errors.Is(err, tt.want) {
			t.Errorf("%.40q: %q, %.40q, %v", tt.in, domain, rest, err)
		}
	}
}

func TestSyntaxErrorsHaveText(t *testing.T) {
	for e := SyntaxError(1); e < numSyntaxErrors; e++ {
		if strings.HasPrefix(e.Error(), "syntax error") {
			t.Errorf("%d has no text", e)
		}
	}
}
