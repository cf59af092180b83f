package identity

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"mailmill/loadgen/smtp"
)

// A Command is one that claims attributes of a client.
type Command uint8

// The commands, which are Postfix's.
const (
	XCLIENT Command = iota
	XFORWARD
)

// String returns the command's verb.
func (c Command) String() string { return [...]string{"XCLIENT", "XFORWARD"}[c] }

// An Attribute is one thing that a command claims. Values holds what is claimed, in turn by the session's number,
// with {n} for that number; none stands for what the book itself draws.
type Attribute struct {
	Name   string
	Values []string
}

// usually are the attributes of each command, with the value of one that is given none; "" where the book draws it,
// and "=" where one has to be given.
var usually = [...]map[string]string{
	XCLIENT: {"NAME": "client{n}.example.com", "ADDR": "", "PORT": "", "PROTO": "ESMTP", "HELO": "", "LOGIN": "=",
		"DESTADDR": "=", "DESTPORT": "="},
	XFORWARD: {"NAME": "client{n}.example.com", "ADDR": "", "PORT": "", "PROTO": "ESMTP", "HELO": "", "IDENT": "{n}",
		"SOURCE": "REMOTE"},
}

// maxLine is the longest of either command with its CRLF.
const maxLine = 512

// ParseAttributes reads what a command claims, "ADDR,NAME,LOGIN=user{n}": names in any case, with a value or
// without one. open reads the lines of a value that is @FILE; nil leaves such values alone.
func ParseAttributes(c Command, text string, open func(path string) ([]string, error)) ([]Attribute, error) {
	if text == "" {
		return nil, nil
	}
	var all []Attribute
	for _, word := range strings.Split(text, ",") {
		name, value, given := strings.Cut(word, "=")
		a := Attribute{Name: strings.ToUpper(strings.TrimSpace(name))}
		usual, known := usually[c][a.Name]
		switch {
		case !known:
			return nil, fmt.Errorf("%v has no attribute %q; it has %s", c, a.Name, attributeNames(c))
		case has(all, a.Name):
			return nil, fmt.Errorf("%s is there twice", a.Name)
		case given && value == "" || !given && usual == "=":
			return nil, fmt.Errorf("%s needs a value; write %s=VALUE, with {n} for the session's number, or %s=@FILE", a.Name, a.Name, a.Name)
		case given:
			a.Values = []string{value}
		case usual != "":
			a.Values = []string{usual}
		}
		if path, isFile := strings.CutPrefix(value, "@"); isFile && open != nil {
			lines, err := open(path)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", a.Name, err)
			}
			a.Values = lines
		}
		all = append(all, a)
	}
	return all, fits(c, all)
}

func has(all []Attribute, name string) bool {
	for _, a := range all {
		if a.Name == name {
			return true
		}
	}
	return false
}

// attributeNames lists the names in the order in which Postfix announces them.
func attributeNames(c Command) string {
	var names []string
	for _, name := range []string{"NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT", "IDENT", "SOURCE"} {
		if _, known := usually[c][name]; known {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// longestDrawn is room for what the book itself draws: an IPv6 address, or a name in EHLO.
const longestDrawn = 255

// fits checks that the values hold no control octets, and that the line is never too long.
func fits(c Command, all []Attribute) error {
	longest := len(c.String()) + len("\r\n")
	for _, a := range all {
		most := len("IPV6:") + 39
		if a.Name == "HELO" {
			most = longestDrawn
		}
		for i, v := range a.Values {
			if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				return fmt.Errorf("%s: %q holds a control character", a.Name, v)
			}
			n := len(smtp.AppendXtext(nil, []byte(strings.ReplaceAll(v, "{n}", strconv.FormatInt(1<<62, 10)))))
			if i == 0 || n > most {
				most = n
			}
		}
		longest += len(a.Name) + len(" =") + most
	}
	if longest > maxLine {
		return fmt.Errorf("the %v command may become %d octets long, and %d are allowed; leave out an attribute, or make its values shorter", c, longest, maxLine)
	}
	return nil
}

// An attributed session is one that attributes are claimed for.
type attributed struct {
	number int64
	addr   netip.Addr // invalid: none
	port   uint16
	helo   string
}

// value returns what is claimed in a session. What nobody knows is "[UNAVAILABLE]".
func (a *Attribute) value(s attributed) string {
	if len(a.Values) > 0 {
		v := a.Values[s.number%int64(len(a.Values))]
		return strings.ReplaceAll(v, "{n}", strconv.FormatInt(s.number, 10))
	}
	switch {
	case a.Name == "HELO":
		return s.helo
	case !s.addr.IsValid():
		return "[UNAVAILABLE]"
	case a.Name == "PORT":
		return strconv.Itoa(int(s.port))
	case s.addr.Is6():
		return "IPV6:" + s.addr.String()
	}
	return s.addr.String()
}
