package smtp

import (
	"bytes"
	"net/netip"
	"unicode/utf8"
)

// ParseDomain takes a domain or an address literal (RFC 5321 sections 4.1.2 and
// 4.1.3) from the start of in: the argument of EHLO. It must be followed by a
// blank or by the end; rest begins there. Like other servers it takes an
// underscore for a letter. Only an address literal with a tag costs an
// allocation. The error is a SyntaxError.
func ParseDomain(in []byte, smtputf8 bool) (domain, rest []byte, err error) {
	end, e := scanDomain(in, 0, smtputf8)
	if e == 0 && end < len(in) && octets[in[end]]&blank == 0 {
		e = ErrDomain
	}
	if e != 0 {
		return nil, in, e
	}
	return in[:end], in[end:], nil
}

// scanDomain reads a domain or an address literal. It ends at the first octet
// that cannot belong to one.
func scanDomain(in []byte, at int, smtputf8 bool) (end int, e SyntaxError) {
	if at < len(in) && in[at] == '[' {
		return scanLiteral(in, at)
	}
	for start := at; ; at++ {
		if at, e = scanLabel(in, at, smtputf8); e != 0 {
			return at, e
		}
		if at-start > maxDomain {
			return at, ErrDomainTooLong
		}
		if at == len(in) || in[at] != '.' {
			return at, 0
		}
	}
}

// scanLabel reads one label. A hyphen stands at neither end of it.
func scanLabel(in []byte, at int, smtputf8 bool) (end int, e SyntaxError) {
	start, ascii := at, true
	for ; at < len(in); at++ {
		c := in[at]
		if octets[c]&ldh != 0 {
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		size, e := scanRune(in[at:], smtputf8)
		if e != 0 {
			return at, e
		}
		at, ascii = at+size-1, false
	}
	switch {
	case at == start, in[start] == '-':
		return start, ErrDomain
	case in[at-1] == '-':
		return at - 1, ErrDomain
	case ascii && at-start > maxLabel: // a U-label's limit holds for its ASCII form
		return at, ErrDomain
	}
	return at, 0
}

// scanLiteral reads an address literal with its brackets.
func scanLiteral(in []byte, at int) (end int, e SyntaxError) {
	size := bytes.IndexByte(in[at:min(len(in), at+maxDomain)], ']')
	if size < 0 {
		return at, ErrLiteral
	}
	if !isLiteral(in[at+1 : at+size]) {
		return at, ErrLiteral
	}
	return at + size + 1, 0
}

// isLiteral tells whether in is an IPv4 address, "IPv6:" and an address, or
// another tag and its address. An IPv6 address without its tag would pass for
// the last.
func isLiteral(in []byte) bool {
	colon := bytes.IndexByte(in, ':')
	if colon < 0 {
		return isIPv4(in)
	}
	tag, address := in[:colon], in[colon+1:]
	if equalFold(tag, "IPV6") {
		addr, err := netip.ParseAddr(string(address))
		return err == nil && addr.Is6() && addr.Zone() == ""
	}
	if len(tag) == 0 || len(address) == 0 || octets[tag[len(tag)-1]]&letDig == 0 {
		return false
	}
	_, err := netip.ParseAddr(string(in))
	return err != nil && all(tag, ldh) && all(address, dcontent)
}

// isIPv4 tells whether in is four numbers up to 255 of one to three digits each.
func isIPv4(in []byte) bool {
	for dots := 0; ; dots++ {
		value, end := parsePart(in, 0)
		if end == 0 || value > 255 {
			return false
		}
		if end == len(in) {
			return dots == 3
		}
		if in[end] != '.' {
			return false
		}
		in = in[end+1:]
	}
}

// all tells whether all octets of in are of one of the kinds.
func all(in []byte, kinds octetSet) bool {
	for _, c := range in {
		if octets[c]&kinds == 0 {
			return false
		}
	}
	return true
}
