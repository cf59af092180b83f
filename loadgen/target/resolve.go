package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// A Resolver asks the DNS. [*net.Resolver] is one.
type Resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options are the settings of resolving. The zero value is usable.
type Options struct {
	// Network is "ip4" or "ip6" for addresses of one family only; "" is both.
	Network string
	// Self is the name of this machine, whose MX records end the list (RFC 5321
	// section 5.1); "" is none.
	Self string
	// Seed decides the order of exchangers with equal preference.
	Seed uint64
}

func (o Options) network() string {
	if o.Network == "" {
		return "ip"
	}
	return o.Network
}

// An Error says why a target has no addresses.
type Error struct {
	Target Target
	// Temporary tells that the same question may be answered later: the DNS did not
	// answer. A name that does not exist is not temporary.
	Temporary bool
	// Reason is what is wrong, in words.
	Reason string
	// Err is the resolver's error, if there was one.
	Err error
}

// Error says in one line which target has no addresses, and why.
func (e *Error) Error() string {
	text := "target " + e.Target.String() + ": " + e.Reason
	if e.Temporary {
		text += " (temporary: try again, or check the resolver)"
	}
	return text
}

// Unwrap returns the resolver's error.
func (e *Error) Unwrap() error { return e.Err }

// admits tells whether an address that needs no look-up is of the family asked for.
func (o Options) admits(a netip.Addr) bool {
	return o.Network == "" || a.Is4() == (o.Network == "ip4")
}

// Resolve returns the addresses of a target in the order in which they are to be
// tried, each once. Its errors are of type [*Error].
func Resolve(ctx context.Context, r Resolver, t Target, o Options) ([]netip.AddrPort, error) {
	exchanges, err := Exchanges(ctx, r, t, o)
	if err != nil {
		return nil, err
	}
	var addrs []netip.AddrPort
	for _, x := range exchanges {
		for _, a := range x.Addrs {
			if !slices.Contains(addrs, a) {
				addrs = append(addrs, a)
			}
		}
	}
	return addrs, nil
}

// lookup returns the addresses of a host, in the resolver's order. IPv4 addresses are
// IPv4, which LookupNetIP does not promise.
func lookup(ctx context.Context, r Resolver, host string, port uint16, o Options) ([]netip.AddrPort, error) {
	found, err := r.LookupNetIP(ctx, o.network(), host)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	addrs := make([]netip.AddrPort, len(found))
	for i, addr := range found {
		addrs[i] = netip.AddrPortFrom(addr.Unmap(), port)
	}
	return addrs, nil
}

// notFound tells an answer that there is nothing from the lack of an answer. Only
// the first may be acted upon: a server that fails says nothing about the name.
func notFound(err error) bool {
	var dns *net.DNSError
	var family *net.AddrError // there are addresses, of the other family
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &family)
}

// reason is the resolver's error in a few words, without the name asked for.
func reason(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Err
	}
	var family *net.AddrError
	if errors.As(err, &family) {
		return family.Err
	}
	return err.Error()
}

func (t Target) errorf(err error, format string, args ...any) *Error {
	return &Error{t, err != nil && !notFound(err), fmt.Sprintf(format, args...), err}
}
