package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// A zone is a resolver that answers from a table, and counts the names it was asked
// for. The value of a name is its addresses, the errors "servfail" and "timeout", or MX
// records "10 a, 20 b" under "mx NAME". A name that is not there does not exist.
type zone struct {
	records map[string]string
	asked   []string
}

func (z *zone) answer(name string) (string, error) {
	z.asked = append(z.asked, name)
	text, there := z.records[name]
	plain := strings.TrimPrefix(name, "mx ")
	switch {
	case !there:
		return "", &net.DNSError{Err: "no such host", Name: plain, IsNotFound: true}
	case text == "servfail":
		return "", &net.DNSError{Err: "server misbehaving", Name: plain, IsTemporary: true}
	case text == "timeout":
		return "", &net.DNSError{Err: "i/o timeout", Name: plain, IsTimeout: true}
	}
	return text, nil
}

func (z *zone) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	text, err := z.answer("mx " + name)
	if err != nil || text == "" {
		return nil, err
	}
	var records []*net.MX
	for record := range strings.SplitSeq(text, ", ") {
		mx := new(net.MX)
		if _, err := fmt.Sscanf(record, "%d %s", &mx.Pref, &mx.Host); err != nil {
			return nil, err
		}
		records = append(records, mx)
	}
	return records, nil
}

func (z *zone) LookupNetIP(_ context.Context, network, host string) ([]netip.Addr, error) {
	text, err := z.answer(host)
	if err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	for _, s := range strings.Fields(text) {
		a := netip.MustParseAddr(s)
		if network == "ip" || network == "ip4" && a.Unmap().Is4() || network == "ip6" && a.Unmap().Is6() {
			addrs = append(addrs, a)
		}
	}
	if len(addrs) == 0 && text != "" { // so says net.Resolver where there are addresses of the other family alone
		return nil, &net.AddrError{Err: "no suitable address found", Addr: host}
	}
	return addrs, nil
}

func TestAddressesOfTheOtherFamilyAreNoneForGood(t *testing.T) {
	_, err := resolve(t, &zone{records: map[string]string{"four.example": "192.0.2.1"}}, "four.example", Options{Network: "ip6"})
	var none *Error
	if !errors.As(err, &none) || none.Temporary || !strings.HasSuffix(err.Error(), "no address of four.example: no suitable address found") {
		t.Errorf("%v", err)
	}
}

func resolve(t *testing.T, z *zone, target string, o Options) ([]string, error) {
	t.Helper()
	parsed, err := Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	addrs, err := Resolve(t.Context(), z, parsed, o)
	var texts []string
	for _, a := range addrs {
		texts = append(texts, a.String())
	}
	return texts, err
}

func TestResolve(t *testing.T) {
	z := zone{records: map[string]string{
		"two.example":    "127.0.0.2 ::1",
		"mapped.example": "::ffff:127.0.0.3",
		"twice.example":  "127.0.0.4 127.0.0.4",
		"broken.example": "servfail",
		"slow.example":   "timeout",
		"empty.example":  "",
	}}
	tests := []struct {
		what, target string
		options      Options
		want         string
		err          string
	}{
		{"an address is itself", "127.0.0.1:2525", Options{}, "[127.0.0.1:2525]", ""},
		{"an IPv6 address is itself", "[::1]", Options{}, "[[::1]:25]", ""},
		{"and even with MX there is nothing to ask", "mx:[127.0.0.1]", Options{}, "[127.0.0.1:25]", ""},
		{"a host has its addresses in the resolver's order", "two.example:26", Options{}, "[127.0.0.2:26 [::1]:26]", ""},
		{"of one family if so told", "two.example", Options{Network: "ip4"}, "[127.0.0.2:25]", ""},
		{"of the other family if so told", "two.example", Options{Network: "ip6"}, "[[::1]:25]", ""},
		{"an address of the family asked for", "127.0.0.1", Options{Network: "ip4"}, "[127.0.0.1:25]", ""},
		{"an address of the other family", "[::1]", Options{Network: "ip4"}, "[]",
			"target smtp://[::1]:25: ::1 is not of the address family that -4 or -6 asks for"},
		{"a UNIX socket has no address to look up", "smtp+unix:///run/smtp", Options{}, "[]", ""},
		{"a mapped address is an IPv4 address", "mapped.example", Options{}, "[127.0.0.3:25]", ""},
		{"an address that comes twice is tried once", "twice.example", Options{}, "[127.0.0.4:25]", ""},
		{"a name that does not exist", "none.example", Options{}, "[]",
			"target smtp://none.example:25: no address of none.example: no such host"},
		{"a name without addresses", "empty.example", Options{}, "[]",
			"target smtp://empty.example:25: no address of empty.example: no address"},
		{"a name server that fails", "broken.example", Options{}, "[]",
			"target smtp://broken.example:25: no address of broken.example: server misbehaving (temporary: try again, or check the resolver)"},
		{"a name server that is silent", "slow.example", Options{}, "[]",
			"target smtp://slow.example:25: no address of slow.example: i/o timeout (temporary: try again, or check the resolver)"},
	}
	for _, test := range tests {
		got, err := resolve(t, &z, test.target, test.options)
		checkResolved(t, test.what, got, err, test.want, test.err)
	}
}

func checkResolved(t *testing.T, what string, got []string, err error, want, wantErr string) {
	t.Helper()
	if fmt.Sprint(got) != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
	text := ""
	if err != nil {
		text = err.Error()
		if e := new(Error); !errors.As(err, &e) || e.Temporary != strings.Contains(text, "temporary") {
			t.Errorf("%s: %#v is not an Error that knows whether it is temporary", what, err)
		}
	}
	if text != wantErr {
		t.Errorf("%s: %s\nwant %s", what, text, wantErr)
	}
}

func TestAddressesNeedNoDNS(t *testing.T) {
	z := zone{}
	for _, target := range []string{"127.0.0.1", "[::1]:26", "mx:[127.0.0.1]", "mx:[IPv6:::1]"} {
		if _, err := resolve(t, &z, target, Options{}); err != nil {
			t.Error(err)
		}
	}
	if len(z.asked) != 0 {
		t.Errorf("addresses were looked up: %q", z.asked)
	}
}

func TestErrorsKeepTheirCause(t *testing.T) {
	_, err := resolve(t, &zone{}, "none.example", Options{})
	var dns *net.DNSError
	if !errors.As(err, &dns) || dns.Name != "none.example" {
		t.Errorf("%#v does not hold the resolver's error", err)
	}
}

func TestASystemResolverIsAResolver(t *testing.T) {
	var r Resolver = net.DefaultResolver
	localhost, err := Parse("localhost:2525")
	if err != nil {
		t.Fatal(err)
	}
	addrs, err := Resolve(t.Context(), r, localhost, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckPrivate("localhost", addrs...); err != nil || slices.ContainsFunc(addrs, func(a netip.AddrPort) bool { return a.Port() != 2525 }) {
		t.Errorf("localhost is %v, %v", addrs, err)
	}
}

func TestACancelledLookupIsTemporary(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	unknown := Target{Scheme: SMTP, Host: "none.invalid", Port: 25}
	_, err := Resolve(ctx, &cancelled{}, unknown, Options{})
	if e := new(Error); !errors.As(err, &e) || !e.Temporary || !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not temporary, or has lost its cause", err)
	}
}

// cancelled is a resolver that reports the end of its context as it is.
type cancelled struct{ zone }

func (*cancelled) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	return nil, ctx.Err()
}
