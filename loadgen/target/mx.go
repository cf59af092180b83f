package target

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// An Exchange is a server of a target, with its addresses in the resolver's order.
type Exchange struct {
	// Host is the server's name, or its address.
	Host string
	// Preference is that of the MX record, or 0.
	Preference uint16
	// Implicit tells that the domain has no MX record and is its own exchanger.
	Implicit bool
	// Addrs are none where the target is a UNIX socket.
	Addrs []netip.AddrPort
}

// Exchanges returns the servers of a target in the order in which they are to be
// tried. Unless the target is a domain with MX, that is one. Its errors are of type
// [*Error].
func Exchanges(ctx context.Context, r Resolver, t Target, o Options) ([]Exchange, error) {
	if t.Path != "" {
		return []Exchange{{Host: t.Host}}, nil
	}
	if t.Addr.IsValid() {
		if !o.admits(t.Addr) {
			return nil, t.errorf(nil, "%s is not of the address family that -4 or -6 asks for", t.Addr)
		}
		return []Exchange{{Host: t.Host, Addrs: []netip.AddrPort{netip.AddrPortFrom(t.Addr, t.Port)}}}, nil
	}
	if !t.MX {
		addrs, err := lookup(ctx, r, t.Host, t.Port, o)
		if err != nil {
			return nil, t.errorf(err, "no address of %s: %s", t.Host, reason(err))
		}
		return []Exchange{{Host: t.Host, Addrs: addrs}}, nil
	}
	records, err := r.LookupMX(ctx, t.Host)
	// A resolver that leaves out records with malformed names returns the others
	// beside its error.
	if len(records) == 0 {
		return t.implicit(ctx, r, err, o)
	}
	records, failure := t.choose(records, o)
	if failure != nil {
		return nil, failure
	}
	return t.addresses(ctx, r, records, o)
}

// implicit is the exchange of a domain without MX records: the domain itself (RFC
// 5321 section 5.1). It takes an answer to know that there is none; after any other
// error the domain's own address may not be used.
func (t Target) implicit(ctx context.Context, r Resolver, err error, o Options) ([]Exchange, error) {
	if err != nil && !notFound(err) {
		return nil, t.errorf(err, "the MX records of %s: %s", t.Host, reason(err))
	}
	addrs, err := lookup(ctx, r, t.Host, t.Port, o)
	if err != nil {
		return nil, t.errorf(err, "%s has no MX record, and no address: %s", t.Host, reason(err))
	}
	return []Exchange{{Host: t.Host, Implicit: true, Addrs: addrs}}, nil
}

// choose returns the records to try, in their order.
func (t Target) choose(records []*net.MX, o Options) ([]*net.MX, *Error) {
	kept := slices.DeleteFunc(slices.Clone(records), func(mx *net.MX) bool { return name(mx.Host) == "" })
	if len(kept) == 0 {
		return nil, t.errorf(nil, "%s takes no mail: its MX record is the null MX, \".\" (RFC 7505; 556 5.1.10)", t.Host)
	}
	order(kept, o.Seed)
	self := slices.IndexFunc(kept, func(mx *net.MX) bool { return o.Self != "" && name(mx.Host) == name(o.Self) })
	if self < 0 {
		return kept, nil
	}
	// Mail to a host of the same or a higher number would come back (RFC 5321
	// section 5.1).
	first := slices.IndexFunc(kept, func(mx *net.MX) bool { return mx.Pref == kept[self].Pref })
	if first == 0 {
		return nil, t.errorf(nil, "%s is this machine's own name and among the best exchangers: mail would loop (5.4.6)", o.Self)
	}
	return kept[:first], nil
}

// order sorts records by preference, the lowest number first, and those of equal
// preference at random. They are brought into one order before, so that a seed
// gives the same order whatever order the resolver chose.
func order(records []*net.MX, seed uint64) {
	slices.SortFunc(records, func(a, b *net.MX) int { return strings.Compare(name(a.Host), name(b.Host)) })
	rng := rand.New(rand.NewPCG(seed, 0))
	rng.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	slices.SortStableFunc(records, func(a, b *net.MX) int { return cmp.Compare(a.Pref, b.Pref) })
}

// addresses looks up each record's host and leaves out those without an address.
// The domain's own address is no substitute for any.
func (t Target) addresses(ctx context.Context, r Resolver, records []*net.MX, o Options) ([]Exchange, error) {
	var exchanges []Exchange
	var failed *net.MX
	var failure error
	for _, mx := range records {
		addrs, err := lookupExchanger(ctx, r, mx.Host, t.Port, o)
		if err == nil {
			exchanges = append(exchanges, Exchange{Host: name(mx.Host), Preference: mx.Pref, Addrs: addrs})
		} else if failure == nil || notFound(failure) { // a temporary failure says more: it may pass
			failed, failure = mx, err
		}
	}
	if len(exchanges) > 0 {
		return exchanges, nil
	}
	return nil, t.errorf(failure, "no mail exchanger of %s has an address (of %d, %s: %s); beside MX records its own address is not used (5.4.4)",
		t.Host, len(records), name(failed.Host), reason(failure))
}

// lookupExchanger is lookup for the host of an MX record, which is a name and never
// an address (RFC 5321 section 5.1).
func lookupExchanger(ctx context.Context, r Resolver, host string, port uint16, o Options) ([]netip.AddrPort, error) {
	if _, err := netip.ParseAddr(strings.Trim(name(host), "[]")); err == nil {
		return nil, &net.DNSError{Err: "an address in place of a name", Name: host, IsNotFound: true}
	}
	return lookup(ctx, r, host, port, o)
}

// name is a domain in the form in which two are compared.
func name(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }
