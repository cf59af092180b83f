package smtp

import (
	"fmt"
	"unicode/utf8"
)

// A Path is a reverse-path or a forward-path without its source route
// (RFC 5321 section 4.1.2). Both parts are lent from the input and stand as
// written: Local with its quotes, Domain with the brackets of an address
// literal. Both are empty in the null path; Domain alone is empty in
// "<Postmaster>".
type Path struct{ Local, Domain []byte }

// IsNull tells whether the path is the null path, "<>".
func (p Path) IsNull() bool { return len(p.Local) == 0 && len(p.Domain) == 0 }

// Limits of RFC 5321 section 4.5.3.1, in octets.
const (
	maxLocalPart = 64
	maxDomain    = 255
	maxPath      = 256 // with its brackets and its source route
	maxLabel     = 63  // RFC 1035 section 2.3.4
)

// ParsePath takes a path, which may be null, from the start of in, which is at
// its "<". rest begins behind its ">". A source route is checked and left out.
// Octets above 127 need smtputf8 (RFC 6531). Only an address literal with a tag
// costs an allocation. The error is a SyntaxError.
func ParsePath(in []byte, smtputf8 bool) (p Path, rest []byte, err error) {
	p, end, e := scanPath(in, smtputf8)
	if e == 0 && len(p.Domain) == 0 && len(p.Local) != 0 {
		e = ErrNoDomain
	}
	if e != 0 {
		return Path{}, in, e
	}
	return p, in[end:], nil
}

// ParseForwardPath is ParsePath for a recipient: it takes "<Postmaster>" without
// a domain, in any case (RFC 5321 section 4.1.1.3), and refuses the null path.
func ParseForwardPath(in []byte, smtputf8 bool) (p Path, rest []byte, err error) {
	p, end, e := scanPath(in, smtputf8)
	switch {
	case e != 0:
	case p.IsNull():
		e = ErrNullPath
	case len(p.Domain) == 0 && !equalFold(p.Local, "POSTMASTER"):
		e = ErrNoDomain
	}
	if e != 0 {
		return Path{}, in, e
	}
	return p, in[end:], nil
}

// CheckMailbox checks a mailbox of the settings: without angle brackets, ""
// being the null path. The error says what is wrong and at which octet, counted
// from 0. It allocates.
func CheckMailbox(s string, smtputf8 bool) error {
	if s == "" {
		return nil
	}
	in := []byte(s)
	p, at, e := scanMailbox(in, 0, smtputf8)
	switch {
	case e != 0:
	case at < len(in): // a ">", the only octet that may end a mailbox
		e = ErrDomain
	case len(p.Domain) == 0:
		e = ErrNoDomain
	case len(in)+len("<>") > maxPath:
		e = ErrPathTooLong
	}
	if e == 0 {
		return nil
	}
	return fmt.Errorf("mailbox %.80q: %w, at octet %d", s, e, at)
}

// scanPath reads a path and returns where it ends. It leaves it to the caller
// which paths without a domain are allowed.
func scanPath(in []byte, smtputf8 bool) (p Path, end int, e SyntaxError) {
	if len(in) == 0 || in[0] != '<' {
		return Path{}, 0, ErrNoBracket
	}
	if len(in) > 1 && in[1] == '>' {
		return Path{}, 2, 0
	}
	at := 1
	if at < len(in) && in[at] == '@' {
		if at, e = skipRoute(in, at, smtputf8); e != 0 {
			return Path{}, at, e
		}
	}
	if p, at, e = scanMailbox(in, at, smtputf8); e != 0 {
		return Path{}, at, e
	}
	if at == len(in) {
		return Path{}, at, ErrNotClosed
	}
	if at++; at > maxPath {
		return Path{}, at, ErrPathTooLong
	}
	return p, at, 0
}

// skipRoute reads "@a,@b:" (RFC 5321 appendix C), which is accepted and ignored.
func skipRoute(in []byte, at int, smtputf8 bool) (end int, e SyntaxError) {
	for at < len(in) && in[at] == '@' {
		if at, e = scanDomain(in, at+1, smtputf8); e != 0 {
			return at, e
		}
		switch {
		case at < len(in) && in[at] == ':':
			return at + 1, 0
		case at < len(in) && in[at] == ',':
			at++
		default:
			return at, ErrSourceRoute
		}
	}
	return at, ErrSourceRoute
}

// scanMailbox reads a local-part and, behind an "@", a domain. It ends at ">"
// or at the end of in. With an error, end is the octet in question.
func scanMailbox(in []byte, at int, smtputf8 bool) (p Path, end int, e SyntaxError) {
	start := at
	if at, e = scanLocalPart(in, at, smtputf8); e != 0 {
		return Path{}, at, e
	}
	p.Local = in[start:at]
	if at == len(in) || in[at] == '>' {
		return p, at, 0
	}
	if in[at] != '@' {
		return Path{}, at, ErrLocalPart
	}
	start = at + 1
	if at, e = scanDomain(in, start, smtputf8); e != 0 {
		return Path{}, at, e
	}
	p.Domain = in[start:at]
	if at < len(in) && in[at] != '>' {
		return Path{}, at, ErrDomain
	}
	return p, at, 0
}

// scanLocalPart reads a Dot-string or a Quoted-string.
func scanLocalPart(in []byte, at int, smtputf8 bool) (end int, e SyntaxError) {
	if at < len(in) && in[at] == '"' {
		return scanQuoted(in, at, smtputf8)
	}
	start, atom := at, at
	for ; at < len(in); at++ {
		c := in[at]
		if octets[c]&atext != 0 {
			continue
		}
		if c >= utf8.RuneSelf {
			size, e := scanRune(in[at:], smtputf8)
			if e != 0 {
				return at, e
			}
			at += size - 1
			continue
		}
		if c != '.' {
			break
		}
		if at == atom {
			return at, ErrDot
		}
		atom = at + 1
	}
	switch {
	case at == start && at < len(in) && in[at] != '@' && in[at] != '>':
		return at, ErrLocalPart
	case at == start:
		return at, ErrNoLocalPart
	case at == atom:
		return at, ErrDot
	case at-start > maxLocalPart:
		return at, ErrLocalTooLong
	}
	return at, 0
}

// scanQuoted reads a Quoted-string, in which "@", ">" and, behind a backslash,
// even a quote are ordinary.
func scanQuoted(in []byte, at int, smtputf8 bool) (end int, e SyntaxError) {
	start := at
	for at++; at < len(in); at++ {
		switch c := in[at]; {
		case octets[c]&qtext != 0:
		case c == '"':
			if at++; at-start > maxLocalPart {
				return at, ErrLocalTooLong
			}
			return at, 0
		case c == '\\':
			if at++; at == len(in) || in[at] < ' ' || in[at] > '~' {
				return at, ErrQuoted
			}
		case c >= utf8.RuneSelf:
			size, e := scanRune(in[at:], smtputf8)
			if e != 0 {
				return at, e
			}
			at += size - 1
		default:
			return at, ErrQuoted
		}
	}
	return at, ErrQuoted
}

// scanRune returns the size of the non-ASCII character at the start of in.
func scanRune(in []byte, smtputf8 bool) (size int, e SyntaxError) {
	if !smtputf8 {
		return 0, ErrNonASCII
	}
	r, size := utf8.DecodeRune(in)
	if r == utf8.RuneError && size == 1 {
		return 0, ErrUTF8
	}
	return size, 0
}
