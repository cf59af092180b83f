package identity

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"net/netip"
	"strings"
)

// A Pool is source addresses to draw from. Each entry is drawn as often as the others, however many addresses
// it has.
type Pool struct{ entries []netip.Prefix }

// ParsePool reads entries such as 192.0.2.7, 192.0.2.0/24 and 2001:db8::/32.
func ParsePool(entries []string) (*Pool, error) {
	p := &Pool{}
	for _, text := range entries {
		prefix, err := parseEntry(text)
		if err != nil {
			return nil, err
		}
		p.entries = append(p.entries, prefix)
	}
	return p, nil
}

func parseEntry(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a network; write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32", text)
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return prefix, fmt.Errorf("%q is no network; write 192.0.2.0/24 or 2001:db8::/32", text)
	case prefix.Addr().Is4In6():
		return prefix, fmt.Errorf("%q: write the network of IPv4 addresses as one of IPv4", text)
	}
	return prefix.Masked(), nil
}

// At returns the address of session n. It follows from n and the seed alone. Of an IPv4 network of more than
// two addresses, the first and the last are nobody's.
func (p *Pool) At(seed uint64, n int64) netip.Addr {
	entry := p.entries[draw(seed, n, 0)%uint64(len(p.entries))]
	address := entry.Addr().AsSlice()
	free := entry.Addr().BitLen() - entry.Bits()
	if entry.Addr().Is4() {
		low, size := binary.BigEndian.Uint32(address), uint64(1)<<free
		host := draw(seed, n, 1)
		if size > 2 {
			host = 1 + host%(size-2)
		}
		binary.BigEndian.PutUint32(address, low+uint32(host%size))
	} else {
		var host [16]byte
		binary.BigEndian.PutUint64(host[:8], draw(seed, n, 1))
		binary.BigEndian.PutUint64(host[8:], draw(seed, n, 2))
		for i := range host {
			keep := min(8, max(0, entry.Bits()-8*i)) // bits of this octet that are the network's
			address[i] |= host[i] & byte(0xff>>keep)
		}
	}
	a, _ := netip.AddrFromSlice(address)
	return a
}

// draw returns a number that looks drawn, for the seed, the session's number, and what it is drawn for.
func draw(seed uint64, n int64, what uint64) uint64 {
	h := fnv.New64a()
	var octets [24]byte
	binary.LittleEndian.PutUint64(octets[0:], seed)
	binary.LittleEndian.PutUint64(octets[8:], uint64(n))
	binary.LittleEndian.PutUint64(octets[16:], what)
	h.Write(octets[:])
	// The last octets of FNV's input move few bits: mixed once more, as MurmurHash3 ends.
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
