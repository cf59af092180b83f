package target

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// accepted ends the error texts of Parse.
const accepted = "write host, host:port, scheme://host:port, [::1]:port, smtp+unix:///path or mx:domain"

// Parse returns the target of a text:
//
//	host  host:port  smtp://host  smtp://host:port   one server, by name or address
//	[::1]  [::1]:2525  smtp://[::1]:2525             an IPv6 address
//	mx:domain  mx:domain:port                        the mail exchangers of a domain
//	smtp+unix:///path  lmtp+unix:///path             a UNIX socket
//
// In the place of smtp may stand any [Scheme]; it also says the port of a target that names none.
// Errors are one line, and say what is accepted.
func Parse(s string) (Target, error) {
	t, err := parse(s)
	if err != nil {
		return Target{}, fmt.Errorf("target %q: %w", concealed(s), err)
	}
	return t, nil
}

// concealed is the text without what stands in front of an "@", where others have logins.
func concealed(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	if scheme, _, found := strings.Cut(s[:at], "://"); found {
		return scheme + "://…" + s[at:]
	}
	return "…" + s[at:]
}

func parse(s string) (Target, error) {
	t := Target{Scheme: SMTP}
	rest := s
	if scheme, after, found := strings.Cut(s, "://"); found {
		t.Scheme, rest = Scheme(strings.ToLower(scheme)), strings.TrimSuffix(after, "/")
	} else if len(s) >= 3 && strings.EqualFold(s[:3], "mx:") {
		t.MX, rest = true, s[3:]
	}
	if err := checkScheme(t.Scheme); err != nil {
		return t, err
	}
	if forms[t.Scheme].port == 0 {
		return t.withPath(rest)
	}
	if strings.Contains(rest, "@") {
		return t, fmt.Errorf("a login is not part of a target: give it with --auth-users; %s", accepted)
	}
	if i := strings.IndexAny(rest, "/?# \t\r\n"); i >= 0 {
		return t, fmt.Errorf("%q is not part of a target; %s", rest[i:i+1], accepted)
	}
	host, port, err := cutPort(rest)
	if err != nil {
		return t, err
	}
	if t.Port, err = parsePort(port, forms[t.Scheme].port); err != nil {
		return t, err
	}
	if t.LMTP() && t.Port == forms[SMTP].port {
		return t, fmt.Errorf("port 25 is that of SMTP, and LMTP must not be spoken there (RFC 2033 section 5)")
	}
	return t.withHost(host)
}

// withPath returns t with the path of its UNIX socket.
func (t Target) withPath(path string) (Target, error) {
	if !strings.HasPrefix(path, "/") {
		return t, fmt.Errorf("%q is not an absolute path; write %s:///path", concealed(path), t.Scheme)
	}
	if strings.ContainsAny(path, "\x00\r\n") || len(path) > maxPath {
		return t, fmt.Errorf("%.40q cannot be the path of a UNIX socket; it has at most %d octets and no control characters", path, maxPath)
	}
	t.Path, t.Host = path, "localhost"
	return t, nil
}

// maxPath is what the system's address of a UNIX socket holds.
const maxPath = 107

func checkScheme(s Scheme) error {
	if _, known := forms[s]; known {
		return nil
	}
	if instead := unsupported[s]; instead != "" {
		return fmt.Errorf("the scheme %s is not supported; use %s", s, instead)
	}
	return fmt.Errorf("%q is not a scheme for mail; they are %s", s, schemes())
}

// cutPort splits host:port. A host in brackets keeps them.
func cutPort(s string) (host, port string, err error) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", "", fmt.Errorf("no ] after the address; %s", accepted)
		}
		host, s = s[:end+1], s[end+1:]
		if s != "" && s[0] != ':' {
			return "", "", fmt.Errorf("%q after the address is not a port; %s", s, accepted)
		}
		return host, s, nil
	}
	if strings.Count(s, ":") > 1 {
		return "", "", fmt.Errorf("an IPv6 address stands in brackets, such as [::1]:25; %s", accepted)
	}
	i := strings.IndexByte(s, ':')
	if i < 0 {
		return s, "", nil
	}
	return s[:i], s[i:], nil
}

// parsePort returns the port of ":port", or the default for "".
func parsePort(s string, otherwise uint16) (uint16, error) {
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseUint(s[1:], 10, 16)
	if err != nil || n == 0 || s[1] == '+' {
		return 0, fmt.Errorf("port %q is not a number from 1 to 65535", s[1:])
	}
	return uint16(n), nil
}

// withHost returns t with its host: an address, in brackets or not, or a domain.
func (t Target) withHost(s string) (Target, error) {
	t.Host = s
	literal, bracketed := strings.CutPrefix(strings.TrimSuffix(s, "]"), "[")
	if bracketed && len(literal) > 5 && strings.EqualFold(literal[:5], "IPv6:") { // RFC 5321 section 4.1.3
		literal = literal[5:]
	}
	if addr, err := netip.ParseAddr(literal); err == nil {
		t.Addr = addr.Unmap()
		t.Host = t.Addr.String()
		return t, nil
	}
	if bracketed {
		return t, fmt.Errorf("%q is not an address; %s", literal, accepted)
	}
	return t, checkDomain(s)
}

// checkDomain checks a domain name: LDH labels (RFC 1123 section 2.1) and the
// underscore that many zones hold.
func checkDomain(s string) error {
	if s == "" {
		return fmt.Errorf("no host; %s", accepted)
	}
	name := strings.TrimSuffix(s, ".")
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if err := checkLabel(label); err != nil {
			return fmt.Errorf("host %q: %w", s, err)
		}
	}
	// Some resolvers read 127.1 or 2130706433 as addresses; others ask the DNS.
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" {
		return fmt.Errorf("host %q: neither a domain nor an address: four numbers from 0 to 255 make one", s)
	}
	if len(name) > 253 {
		return fmt.Errorf("host %.40q…: %d octets; a domain has at most 253", s, len(name))
	}
	return nil
}

func checkLabel(s string) error {
	for _, r := range s {
		if r >= 0x80 {
			return fmt.Errorf("%q is not ASCII; write the domain with its xn-- labels", s)
		}
		if !isLabelOctet(byte(r)) {
			return fmt.Errorf("%q cannot stand in a domain", r)
		}
	}
	if len(s) == 0 || len(s) > 63 {
		return fmt.Errorf("a label of %d octets; they have 1 to 63", len(s))
	}
	return nil
}

func isLabelOctet(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}
