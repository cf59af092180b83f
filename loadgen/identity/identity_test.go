package identity

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func pool(t rapid.TB, entries ...string) *Pool {
	t.Helper()
	p, err := ParsePool(entries)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every address that is drawn lies in an entry, and follows from the seed and the number.
func TestADrawnAddressIsOfThePool(t *testing.T) {
	for _, entries := range [][]string{{"192.0.2.7"}, {"192.0.2.0/24"}, {"192.0.2.0/31", "2001:db8::/33"}, {"2001:db8::7"}, {"0.0.0.0/0"}, {"::/0"}} {
		p := pool(t, entries...)
		rapid.Check(t, func(t *rapid.T) {
			seed, n := rapid.Uint64().Draw(t, "seed"), rapid.Int64Min(0).Draw(t, "n")
			a := p.At(seed, n)
			if a != p.At(seed, n) || !slices.ContainsFunc(p.entries, func(e netip.Prefix) bool { return e.Contains(a) }) {
				t.Fatalf("%v drew %v, then %v", entries, a, p.At(seed, n))
			}
		})
	}
}

func TestEntriesAreDrawnAlikeAndAddressesWithinThem(t *testing.T) {
	p := pool(t, "192.0.2.7", "198.51.100.0/29", "2001:db8::/64")
	const draws = 6000
	count := map[netip.Addr]int{}
	six := 0
	for n := range int64(draws) {
		a := p.At(1, n)
		if count[a]++; a.Is6() {
			six++
		}
	}
	near := func(what string, got, want int) {
		if got < want*8/10 || got > want*12/10 {
			t.Errorf("%s was drawn %d times, want about %d", what, got, want)
		}
	}
	near("the single address", count[netip.MustParseAddr("192.0.2.7")], draws/3)
	near("IPv6", six, draws/3)
	for host := 1; host <= 6; host++ {
		near(fmt.Sprint("host ", host), count[netip.MustParseAddr(fmt.Sprint("198.51.100.", host))], draws/3/6)
	}
	for _, nobody := range []string{"198.51.100.0", "198.51.100.7"} {
		if n := count[netip.MustParseAddr(nobody)]; n > 0 {
			t.Errorf("%s, which is nobody's, was drawn %d times", nobody, n)
		}
	}
	if pool(t, "10.0.0.0/8").At(1, 5) == pool(t, "10.0.0.0/8").At(2, 5) {
		t.Error("another seed draws the same")
	}
}

func TestWhatIsNoPool(t *testing.T) {
	for _, entry := range []string{"", "192.0.2", "192.0.2.0/33", "fe80::1%eth0", "example.com", "::ffff:192.0.2.0/120"} {
		if _, err := ParsePool([]string{entry}); err == nil || !strings.Contains(err.Error(), entry) {
			t.Errorf("%q: %v", entry, err)
		}
	}
}

func TestPROXYHeaders(t *testing.T) {
	four, six := netip.MustParseAddrPort("127.0.0.1:25"), netip.MustParseAddrPort("[::1]:25")
	for _, row := range []struct {
		name    string
		version byte
		clients string
		server  netip.AddrPort
		want    string // {port} stands for the client's, in decimal or in hexadecimal
	}{
		{"version 1, IPv4", 1, "192.0.2.10", four, "PROXY TCP4 192.0.2.10 127.0.0.1 {port} 25\r\n"},
		{"version 1, IPv6", 1, "2001:db8::10", six, "PROXY TCP6 2001:db8::10 ::1 {port} 25\r\n"},
		{"a client of the other family", 1, "192.0.2.10", six, "PROXY TCP4 192.0.2.10 127.0.0.1 {port} 25\r\n"},
		{"a client of the other other family", 1, "2001:db8::10", four, "PROXY TCP6 2001:db8::10 ::1 {port} 25\r\n"},
		{"a server at a UNIX socket", 1, "192.0.2.10", netip.AddrPort{}, "PROXY TCP4 192.0.2.10 127.0.0.1 {port} 25\r\n"},
		{"version 1 of nobody", 1, "", four, "PROXY UNKNOWN\r\n"},
		{"version 2, IPv4", 2, "192.0.2.10", four, "0d0a0d0a000d0a515549540a2111000cc000020a7f000001{port}0019"},
		{"version 2, IPv6", 2, "2001:db8::10", six,
			"0d0a0d0a000d0a515549540a2121002420010db800000000000000000000001000000000000000000000000000000001{port}0019"},
		{"version 2 of nobody", 2, "", four, "0d0a0d0a000d0a515549540a20000000"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := &Book{Seed: 1, Proxy: row.version}
			if row.clients != "" {
				b.Clients = pool(t, row.clients)
			}
			header, err := b.AppendProxy([]byte("x"), 7, row.server)
			got, port := string(header[1:]), fmt.Sprint(b.client(7).Port())
			if row.version == 2 {
				got, port = hex.EncodeToString(header[1:]), fmt.Sprintf("%04x", b.client(7).Port())
			}
			if want := strings.ReplaceAll(row.want, "{port}", port); err != nil || got != want {
				t.Errorf("%q, %v; want %q", got, err, want)
			}
		})
	}
}

// lines is a file of two lines.
func lines(path string) ([]string, error) {
	if path != "names" {
		return nil, errors.New("no such file")
	}
	return []string{"one.example.com", "two.example.com"}, nil
}

func TestWhatACommandClaims(t *testing.T) {
	for _, row := range []struct {
		name    string
		command Command
		text    string
		clients string
		number  int64
		want    string // {port} stands for the client's
	}{
		{"what the book draws", XCLIENT, "addr,port,helo", "192.0.2.7", 0, "XCLIENT ADDR=192.0.2.7 PORT={port} HELO=client.example\r\n"},
		{"an IPv6 address is marked", XCLIENT, "ADDR", "2001:db8::7", 0, "XCLIENT ADDR=IPV6:2001:db8::7\r\n"},
		{"what usually stands there", XCLIENT, "NAME,PROTO", "", 3, "XCLIENT NAME=client3.example.com PROTO=ESMTP\r\n"},
		{"values with the session's number, in xtext", XCLIENT, "login=user{n}+x@example.com", "", 3, "XCLIENT LOGIN=user3+2Bx@example.com\r\n"},
		{"a file's lines in turn", XCLIENT, "name=@names", "", 3, "XCLIENT NAME=two.example.com\r\n"},
		{"what nobody knows", XFORWARD, "ADDR,PORT", "", 3, "XFORWARD ADDR=[UNAVAILABLE] PORT=[UNAVAILABLE]\r\n"},
		{"what is XFORWARD's alone", XFORWARD, "IDENT,SOURCE,SOURCE=LOCAL", "", 3, ""},
		{"IDENT and SOURCE", XFORWARD, "IDENT,SOURCE", "", 3, "XFORWARD IDENT=3 SOURCE=REMOTE\r\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			claims, err := ParseAttributes(row.command, row.text, lines)
			if row.want == "" {
				if err == nil {
					t.Errorf("%s is taken", row.text)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			b := &Book{Seed: 1}
			b.Claims[row.command] = claims
			if row.clients != "" {
				b.Clients = pool(t, row.clients)
			}
			want := strings.ReplaceAll(row.want, "{port}", fmt.Sprint(b.client(row.number).Port()))
			if got := string(b.AppendCommand(nil, row.command, row.number, "client.example")); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestWhatNoCommandClaims(t *testing.T) {
	for _, row := range []struct {
		command    Command
		text, says string
	}{
		{XCLIENT, "COLOR", `XCLIENT has no attribute "COLOR"; it has NAME, ADDR, PORT, PROTO, HELO, LOGIN, DESTADDR, DESTPORT`},
		{XFORWARD, "LOGIN=x", `XFORWARD has no attribute "LOGIN"; it has NAME, ADDR, PORT, PROTO, HELO, IDENT, SOURCE`},
		{XCLIENT, "ADDR,addr", "ADDR is there twice"},
		{XCLIENT, "LOGIN", "LOGIN needs a value; write LOGIN=VALUE, with {n} for the session's number, or LOGIN=@FILE"},
		{XCLIENT, "NAME=", "NAME needs a value"},
		{XCLIENT, "NAME=@nowhere", "NAME: no such file"},
		{XCLIENT, "NAME=a\x00b", "control character"},
		{XCLIENT, "NAME=" + strings.Repeat("a", 500), "may become"},
	} {
		if _, err := ParseAttributes(row.command, row.text, lines); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, want %s", row.text, err, row.says)
		}
	}
}

func TestAnAttributeThatIsNotOffered(t *testing.T) {
	b := &Book{}
	b.Claims[XCLIENT], _ = ParseAttributes(XCLIENT, "ADDR,LOGIN=x", nil)
	if got := b.Missing(XCLIENT, []string{"NAME", "ADDR"}); got != "LOGIN" {
		t.Errorf("missing is %q, want LOGIN", got)
	}
	if got := b.Missing(XCLIENT, []string{"LOGIN", "ADDR"}) + b.Missing(XFORWARD, nil); got != "" {
		t.Errorf("missing is %q, want nothing", got)
	}
}

func TestNamesOfAFile(t *testing.T) {
	got, err := Names([]string{"a.example.com", "@names"}, lines)
	if err != nil || !slices.Equal(got, []string{"a.example.com", "one.example.com", "two.example.com"}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := Names([]string{"@nowhere"}, lines); err == nil {
		t.Error("a file that does not exist is taken")
	}
}
