package smtp

import (
	"reflect"
	"strings"
	"testing"
)

// parse reads one whole reply.
func parse(t *testing.T, in string) Reply {
	t.Helper()
	var p Parser
	var r Reply
	n, m := p.Next([]byte(in), &r)
	if n != len(in) {
		t.Fatalf("%q is not one reply: %d, %v", in, n, m)
	}
	return r
}

func TestParseKeywords(t *testing.T) {
	for _, tt := range []struct {
		name, in, domain string
		want             Keywords
	}{
		{"an ordinary server", "250-mail.example.com\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 SMTPUTF8\r\n", "mail.example.com",
			Keywords{{"PIPELINING", ""}, {"SIZE", "10240000"}, {"SMTPUTF8", ""}}},
		{"a greeting behind the domain", "250-mail.example.com Hello [127.0.0.1]\r\n250 HELP\r\n", "mail.example.com", Keywords{{"HELP", ""}}},
		{"HELO", "250 mail.example.com\r\n", "mail.example.com", nil},
		{"K07 a bare code", "250\r\n", "", nil},
		{"K08 an empty last line", "250-host\r\n250-PIPELINING\r\n250 \r\n", "host", Keywords{{"PIPELINING", ""}}},
		{"K41 the old syntax of AUTH", "250-host\r\n250 AUTH=PLAIN LOGIN\r\n", "host", Keywords{{"AUTH", "PLAIN LOGIN"}}},
		{"K41 both syntaxes of AUTH", "250-host\r\n250-AUTH=PLAIN LOGIN\r\n250 AUTH PLAIN CRAM-MD5\r\n", "host", Keywords{{"AUTH", "PLAIN LOGIN CRAM-MD5"}}},
		{"lower case", "250-host\r\n250-Size 1000\r\n250 auth plain\r\n", "host", Keywords{{"SIZE", "1000"}, {"AUTH", "plain"}}},
		{"more blanks than needed", "250-host\r\n250  SIZE   1000 \r\n", "host", Keywords{{"SIZE", "1000"}}},
		{"several parameters", "250-host\r\n250 LIMITS MAILMAX=10 RCPTMAX=50\r\n", "host", Keywords{{"LIMITS", "MAILMAX=10 RCPTMAX=50"}}},
	} {
		domain, got := ParseKeywords(parse(t, tt.in))
		if domain != tt.domain || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %q, %q", tt.name, domain, got)
		}
	}
}

func TestKeywordsGet(t *testing.T) {
	_, k := ParseKeywords(parse(t, "250-host\r\n250-SIZE 1000\r\n250 DSN\r\n"))
	if params, ok := k.Get("SIZE"); params != "1000" || !ok {
		t.Errorf("SIZE: %q, %v", params, ok)
	}
	if !k.Has("DSN") || k.Has("CHUNKING") || Keywords(nil).Has("DSN") {
		t.Error("Has is wrong")
	}
	if got := (Keywords{{"AUTH", "plain Login PLAIN"}}).Words("AUTH"); !reflect.DeepEqual(got, []string{"PLAIN", "LOGIN"}) {
		t.Errorf("the words of AUTH are %q", got)
	}
}

func TestExplain(t *testing.T) {
	for _, tt := range []struct {
		keyword Keyword
		want    string
	}{
		{Keyword{"PIPELINING", ""}, "RFC 2920"},
		{Keyword{"SIZE", "\x1b[31m"}, "RFC 1870"},
		{Keyword{"XCLIENT", "NAME ADDR"}, "Postfix"},
		{Keyword{"X-EXPS", "LOGIN"}, "private"},
		{Keyword{"FOO", ""}, "not known"},
		{Keyword{}, "not known"},
	} {
		if got := tt.keyword.Explain(); !strings.Contains(got, tt.want) || strings.ContainsAny(got, "\x1b\n") {
			t.Errorf("%s: %q, want %q in it", tt.keyword.Name, got, tt.want)
		}
	}
}
