package target

import (
	"fmt"
	"net/netip"
)

// shared is the address space that carriers use behind their NAT (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// Private tells whether an address cannot be a stranger's server across the public
// Internet. Private are
//
//   - loopback: 127.0.0.0/8, ::1
//   - private networks: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918), fc00::/7 (RFC 4193)
//   - link-local: 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291)
//   - shared address space: 100.64.0.0/10 (RFC 6598), because no route on the
//     Internet leads there, and overlay networks and clouds number test machines from it
//   - 0.0.0.0 and ::, to which a connection goes to this machine or nowhere
//
// An IPv4 address mapped into IPv6 (::ffff:0:0/96) counts as the IPv4 address. Other
// forms with an IPv4 address inside (NAT64, 6to4, Teredo) are public, whatever
// is inside: where a packet to one goes is decided elsewhere.
func Private(addr netip.Addr) bool {
	addr = addr.Unmap()
	return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || addr.IsUnspecified() ||
		shared.Contains(addr)
}

// A PublicError says that a target is not allowed, because it is not wholly
// loopback or private.
type PublicError struct {
	Target string     // as the user wrote it, or an address
	Addr   netip.Addr // the first address that is public
	Public int        // how many are
	Of     int        // of how many
}

// Error says which address is public, and how to allow it.
func (e *PublicError) Error() string {
	others := ""
	if e.Of > 1 {
		others = fmt.Sprintf(" (%d of its %d addresses are public)", e.Public, e.Of)
	}
	return fmt.Sprintf("target %s: %s is a public address%s; load goes to loopback and private addresses only, unless --allow-public-target is given",
		e.Target, e.Addr, others)
}

// CheckPrivate returns a [*PublicError] unless all of the addresses are private. It is
// asked before a run with all addresses of the target, and at every dial
// with the one that is dialed.
func CheckPrivate(target string, addrs ...netip.AddrPort) error {
	e := &PublicError{Target: target, Of: len(addrs)}
	for _, a := range addrs {
		if Private(a.Addr()) {
			continue
		}
		if e.Public++; e.Public == 1 {
			e.Addr = a.Addr().Unmap()
		}
	}
	if e.Public == 0 {
		return nil
	}
	return e
}
