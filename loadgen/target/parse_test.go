package target

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		text string
		want Target
	}{
		{"localhost", Target{Scheme: SMTP, Host: "localhost", Port: 25}},
		{"localhost:2525", Target{Scheme: SMTP, Host: "localhost", Port: 2525}},
		{"smtp://mail.example.com", Target{Scheme: SMTP, Host: "mail.example.com", Port: 25}},
		{"smtp://mail.example.com:2525", Target{Scheme: SMTP, Host: "mail.example.com", Port: 2525}},
		{"SMTP://mail.example.com:2525/", Target{Scheme: SMTP, Host: "mail.example.com", Port: 2525}},
		{"my_host-1.example.", Target{Scheme: SMTP, Host: "my_host-1.example.", Port: 25}},
		{"127.0.0.1", Target{Scheme: SMTP, Host: "127.0.0.1", Addr: netip.MustParseAddr("127.0.0.1"), Port: 25}},
		{"127.0.0.1:2525", Target{Scheme: SMTP, Host: "127.0.0.1", Addr: netip.MustParseAddr("127.0.0.1"), Port: 2525}},
		{"[127.0.0.1]:2525", Target{Scheme: SMTP, Host: "127.0.0.1", Addr: netip.MustParseAddr("127.0.0.1"), Port: 2525}},
		{"[::1]", Target{Scheme: SMTP, Host: "::1", Addr: netip.IPv6Loopback(), Port: 25}},
		{"[::1]:2525", Target{Scheme: SMTP, Host: "::1", Addr: netip.IPv6Loopback(), Port: 2525}},
		{"smtp://[0:0::1]:2525", Target{Scheme: SMTP, Host: "::1", Addr: netip.IPv6Loopback(), Port: 2525}},
		{"[IPv6:::1]", Target{Scheme: SMTP, Host: "::1", Addr: netip.IPv6Loopback(), Port: 25}},
		{"[::ffff:127.0.0.1]", Target{Scheme: SMTP, Host: "127.0.0.1", Addr: netip.MustParseAddr("127.0.0.1"), Port: 25}},
		{"[fe80::1%eth0]:25", Target{Scheme: SMTP, Host: "fe80::1%eth0", Addr: netip.MustParseAddr("fe80::1%eth0"), Port: 25}},
		{"smtps://mail.example.com", Target{Scheme: SMTPS, Host: "mail.example.com", Port: 465}},
		{"smtp+starttls://mail.example.com", Target{Scheme: SMTPStartTLS, Host: "mail.example.com", Port: 25}},
		{"submission://mail.example.com", Target{Scheme: Submission, Host: "mail.example.com", Port: 587}},
		{"submissions://mail.example.com:4650", Target{Scheme: Submissions, Host: "mail.example.com", Port: 4650}},
		{"LMTP://[::1]", Target{Scheme: LMTP, Host: "::1", Addr: netip.IPv6Loopback(), Port: 24}},
		{"lmtp+starttls://localhost", Target{Scheme: LMTPStartTLS, Host: "localhost", Port: 24}},
		{"smtp+unix:///run/smtp", Target{Scheme: SMTPUnix, Host: "localhost", Path: "/run/smtp"}},
		{"lmtp+unix:///run/a b@c?", Target{Scheme: LMTPUnix, Host: "localhost", Path: "/run/a b@c?"}},
		{"mx:example.com", Target{Scheme: SMTP, Host: "example.com", Port: 25, MX: true}},
		{"MX:example.com:2525", Target{Scheme: SMTP, Host: "example.com", Port: 2525, MX: true}},
		{"mx:[127.0.0.1]", Target{Scheme: SMTP, Host: "127.0.0.1", Addr: netip.MustParseAddr("127.0.0.1"), Port: 25, MX: true}},
	}
	for _, test := range tests {
		got, err := Parse(test.text)
		if err != nil || got != test.want {
			t.Errorf("Parse(%q) = %+v, %v\nwant %+v", test.text, got, err, test.want)
		}
		if again, err := Parse(got.String()); err != nil || again != got {
			t.Errorf("%q is written as %q, and read as %+v, %v", test.text, got, again, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const accepted = "; write host, host:port, scheme://host:port, [::1]:port, smtp+unix:///path or mx:domain"
	const schemes = "; they are lmtp, lmtp+starttls, lmtp+unix, smtp, smtp+starttls, smtp+unix, smtps, submission, submissions"
	tests := []struct{ text, want string }{
		{"", "no host" + accepted},
		{":2525", "no host" + accepted},
		{"smtp://", "no host" + accepted},
		{"mx:", "no host" + accepted},
		{"lmtps://mail.example.com", "the scheme lmtps is not supported; use lmtp+starttls"},
		{"unix:///run/smtp", "the scheme unix is not supported; use smtp+unix or lmtp+unix"},
		{"smtp+unix://run/smtp", `"run/smtp" is not an absolute path; write smtp+unix:///path`},
		{"lmtp+unix://", `"" is not an absolute path; write lmtp+unix:///path`},
		{"smtp+unix:///" + strings.Repeat("a", 107), `"/` + strings.Repeat("a", 39) + `" cannot be the path of a UNIX socket; it has at most 107 octets and no control characters`},
		{"lmtp://localhost:25", "port 25 is that of SMTP, and LMTP must not be spoken there (RFC 2033 section 5)"},
		{"http://example.com", `"http" is not a scheme for mail` + schemes},
		{"://example.com", `"" is not a scheme for mail` + schemes},
		{"smtp://example.com/path", `"/" is not part of a target` + accepted},
		{"smtp://example.com?x=y", `"?" is not part of a target` + accepted},
		{"two hosts", `" " is not part of a target` + accepted},
		{"::1", "an IPv6 address stands in brackets, such as [::1]:25" + accepted},
		{"[::1", "no ] after the address" + accepted},
		{"[::1]2525", `"2525" after the address is not a port` + accepted},
		{"[example.com]", `"example.com" is not an address` + accepted},
		{"[]", `"" is not an address` + accepted},
		{"localhost:", `port "" is not a number from 1 to 65535`},
		{"localhost:0", `port "0" is not a number from 1 to 65535`},
		{"localhost:65536", `port "65536" is not a number from 1 to 65535`},
		{"localhost:+25", `port "+25" is not a number from 1 to 65535`},
		{"localhost:smtp", `port "smtp" is not a number from 1 to 65535`},
		{"a..b", `host "a..b": a label of 0 octets; they have 1 to 63`},
		{".", `host ".": a label of 0 octets; they have 1 to 63`},
		{"a$b", `host "a$b": '$' cannot stand in a domain`},
		{"bücher.example", `host "bücher.example": "bücher" is not ASCII; write the domain with its xn-- labels`},
		{"127.1", `host "127.1": neither a domain nor an address: four numbers from 0 to 255 make one`},
		{"2130706433", `host "2130706433": neither a domain nor an address: four numbers from 0 to 255 make one`},
		{"256.0.0.1", `host "256.0.0.1": neither a domain nor an address: four numbers from 0 to 255 make one`},
		{"127.0.0.1.:25", `host "127.0.0.1.": neither a domain nor an address: four numbers from 0 to 255 make one`},
		{strings.Repeat("a", 64), `host "` + strings.Repeat("a", 64) + `": a label of 64 octets; they have 1 to 63`},
		{strings.Repeat("abcdefg.", 32), `host "` + strings.Repeat("abcdefg.", 5) + `"…: 255 octets; a domain has at most 253`},
	}
	for _, test := range tests {
		got, err := Parse(test.text)
		if err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", test.text, got)
			continue
		}
		_, reason, _ := strings.Cut(err.Error(), `": `)
		if reason != test.want {
			t.Errorf("Parse(%q): %v\nwant %s", test.text, err, test.want)
		}
	}
}

func TestASchemeSaysWhatIsSpoken(t *testing.T) {
	tests := []struct {
		text     string
		security Security
		lmtp     bool
	}{
		{"localhost", Plain, false}, {"mx:example.com", Plain, false}, {"smtp://h", Plain, false},
		{"smtp+starttls://h", MustStartTLS, false}, {"submission://h", MustStartTLS, false},
		{"smtps://h", ImplicitTLS, false}, {"submissions://h", ImplicitTLS, false}, {"smtp+unix:///s", Plain, false},
		{"lmtp://h", Plain, true}, {"lmtp+starttls://h", MustStartTLS, true}, {"lmtp+unix:///s", Plain, true},
	}
	for _, test := range tests {
		got, err := Parse(test.text)
		if err != nil || got.Security() != test.security || got.LMTP() != test.lmtp {
			t.Errorf("%s: security %d, LMTP %t, %v; want %d, %t", test.text, got.Security(), got.LMTP(), err, test.security, test.lmtp)
		}
	}
}

// Others write logins into targets. Here they are refused, and no error repeats them.
func TestALoginIsNoPartOfATarget(t *testing.T) {
	for text, shown := range map[string]string{
		"smtp://user:secret@example.com":   "smtp://…@example.com",
		"user:sec@ret@example.com:25":      "…@example.com:25",
		"smtp://user:secret@host:25:26":    "smtp://…@host:25:26",
		"gopher://user:secret@example.com": "gopher://…@example.com",
		"smtp+unix://user:secret@/path":    "smtp+unix://…@/path",
	} {
		_, err := Parse(text)
		if err == nil || !strings.HasPrefix(err.Error(), `target "`+shown+`": `) || strings.Contains(err.Error(), "sec") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
