package target

import (
	"errors"
	"net/netip"
	"testing"
)

func TestPrivate(t *testing.T) {
	tests := []struct {
		what string
		addr string
		want bool
	}{
		{"IPv4 loopback", "127.0.0.1", true},
		{"the end of IPv4 loopback", "127.255.255.255", true},
		{"after IPv4 loopback", "128.0.0.1", false},
		{"IPv6 loopback", "::1", true},
		{"after IPv6 loopback", "::2", false},
		{"10/8", "10.255.0.1", true},
		{"before 10/8", "9.255.255.255", false},
		{"172.16/12", "172.16.0.1", true},
		{"the end of 172.16/12", "172.31.255.255", true},
		{"after 172.16/12", "172.32.0.0", false},
		{"192.168/16", "192.168.1.1", true},
		{"after 192.168/16", "192.169.0.0", false},
		{"unique local IPv6", "fd00::1", true},
		{"the other half of unique local IPv6", "fc00::1", true},
		{"link-local IPv4", "169.254.1.1", true},
		{"link-local IPv6", "fe80::1", true},
		{"link-local IPv6 with a zone", "fe80::1%eth0", true},
		{"site-local IPv6, which was given up", "fec0::1", false},
		{"before the shared address space", "100.63.255.255", false},
		{"the shared address space", "100.64.0.0", true},
		{"the end of the shared address space", "100.127.255.255", true},
		{"after the shared address space", "100.128.0.0", false},
		{"this machine, IPv4", "0.0.0.0", true},
		{"this machine, IPv6", "::", true},
		{"the rest of this network", "0.1.2.3", false},
		{"loopback mapped into IPv6", "::ffff:127.0.0.1", true},
		{"a private address mapped into IPv6", "::ffff:10.0.0.1", true},
		{"the shared address space mapped into IPv6", "::ffff:100.64.0.1", true},
		{"no address mapped into IPv6", "::ffff:0.0.0.0", true},
		{"a public address mapped into IPv6", "::ffff:8.8.8.8", false},
		{"a private address behind NAT64", "64:ff9b::10.0.0.1", false},
		{"a private address in 6to4", "2002:0a00:0001::1", false},
		{"a public IPv4 address", "8.8.8.8", false},
		{"an IPv4 address for documentation", "192.0.2.1", false},
		{"a public IPv6 address", "2606:4700::1111", false},
		{"an IPv6 address for documentation", "2001:db8::1", false},
		{"multicast", "224.0.0.1", false},
		{"broadcast", "255.255.255.255", false},
		{"link-local multicast", "ff02::1", false},
	}
	for _, test := range tests {
		if got := Private(netip.MustParseAddr(test.addr)); got != test.want {
			t.Errorf("%s (%s): private is %v", test.what, test.addr, got)
		}
	}
	if Private(netip.Addr{}) {
		t.Error("no address at all is private")
	}
}

func TestCheckPrivate(t *testing.T) {
	const rule = "load goes to loopback and private addresses only, unless --allow-public-target is given"
	tests := []struct {
		what  string
		addrs []string
		want  string
	}{
		{"all private", []string{"127.0.0.1:25", "[::1]:25", "10.0.0.1:25"}, ""},
		{"the only one is public", []string{"192.0.2.1:25"}, "target mail.example.com: 192.0.2.1 is a public address; " + rule},
		{"one of three is public", []string{"127.0.0.1:25", "192.0.2.1:25", "[::1]:25"},
			"target mail.example.com: 192.0.2.1 is a public address (1 of its 3 addresses are public); " + rule},
		{"the first public one is named", []string{"10.0.0.1:25", "[2001:db8::1]:25", "192.0.2.1:25"},
			"target mail.example.com: 2001:db8::1 is a public address (2 of its 3 addresses are public); " + rule},
		{"a public address in disguise", []string{"[::ffff:192.0.2.1]:25"}, "target mail.example.com: 192.0.2.1 is a public address; " + rule},
	}
	for _, test := range tests {
		var addrs []netip.AddrPort
		for _, a := range test.addrs {
			addrs = append(addrs, netip.MustParseAddrPort(a))
		}
		err := CheckPrivate("mail.example.com", addrs...)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.what, err)
			}
			continue
		}
		var public *PublicError
		if !errors.As(err, &public) || err.Error() != test.want {
			t.Errorf("%s: %v\nwant %s", test.what, err, test.want)
		}
	}
}
