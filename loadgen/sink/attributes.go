package sink

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	"mailmill/loadgen/smtp"
)

// An attribute is one that XCLIENT or XFORWARD may give, with the values it may have.
type attribute struct {
	name  string
	takes func(value string) bool
}

// The attributes of both commands, as Postfix documents them.
var (
	clientAttributes = []attribute{
		{"NAME", anything}, {"ADDR", isAddress}, {"PORT", isPort}, {"PROTO", isProtocol}, {"HELO", anything},
		{"LOGIN", anything}, {"DESTADDR", isAddress}, {"DESTPORT", isPort},
	}
	forwardAttributes = []attribute{
		{"NAME", anything}, {"ADDR", isAddress}, {"PORT", isPort}, {"PROTO", anything}, {"HELO", anything},
		{"IDENT", anything}, {"SOURCE", isSource},
	}
)

// What stands in the place of a value that nobody knows, or nobody knows now.
const (
	unavailable     = "[UNAVAILABLE]"
	unavailableNow  = "[TEMPUNAVAIL]"
	maxAttributes   = 512 // octets of either command (Postfix)
	ipv6AddressMark = "IPV6:"
)

func anything(string) bool { return true }

func isAddress(v string) bool { return parseAddress(v).IsValid() }

// parseAddress reads an address as both commands write it.
func parseAddress(v string) netip.Addr {
	text, isSix := cutFold(v, ipv6AddressMark)
	a, err := netip.ParseAddr(text)
	if err != nil || a.Is4() == isSix || a.Zone() != "" {
		return netip.Addr{}
	}
	return a.Unmap()
}

// cutFold cuts an upper-case prefix, in any case.
func cutFold(v, prefix string) (rest string, found bool) {
	if len(v) >= len(prefix) && strings.EqualFold(v[:len(prefix)], prefix) {
		return v[len(prefix):], true
	}
	return v, false
}

func isPort(v string) bool {
	n, err := strconv.ParseUint(v, 10, 16)
	return err == nil && n > 0
}

func isProtocol(v string) bool { return strings.EqualFold(v, "SMTP") || strings.EqualFold(v, "ESMTP") }

func isSource(v string) bool { return strings.EqualFold(v, "LOCAL") || strings.EqualFold(v, "REMOTE") }

// readAttributes reads the argument of a command. Values that are unavailable are left
// out.
func readAttributes(arg []byte, known []attribute) (values map[string]string, ok bool) {
	values = map[string]string{}
	if len(arg) > maxAttributes {
		return nil, false
	}
	for {
		key, value, rest, more, err := smtp.NextParam(arg)
		if err != nil {
			return nil, false
		}
		if !more {
			return values, true
		}
		arg = rest
		text, err := smtp.ParseXtext(value)
		if err != nil || len(text) == 0 || bytes.ContainsFunc(text, isControl) {
			return nil, false
		}
		if !takes(values, known, strings.ToUpper(string(key)), string(text)) {
			return nil, false
		}
	}
}

// takes puts a value among the others, if it is one of the known, and given once.
func takes(values map[string]string, known []attribute, name, value string) bool {
	for _, a := range known {
		if a.name != name {
			continue
		}
		if _, twice := values[name]; twice {
			return false
		}
		if strings.EqualFold(value, unavailable) || strings.EqualFold(value, unavailableNow) {
			return true
		}
		values[name] = value
		return a.takes(value)
	}
	return false
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// attributes reads the argument of either command. Where it is not to be carried out, it says so.
func (s *session) attributes(t *turn, l smtp.Line, known []attribute) (values map[string]string, ok bool) {
	values, ok = readAttributes(l.Arg, known)
	switch {
	case s.standing&trusted == 0:
		s.say(t, sayNotTrusted)
	case len(l.Arg) == 0:
		s.say(t, sayArguments)
	case !ok:
		s.say(t, sayBadAttribute)
	default:
		return values, true
	}
	return nil, false
}

// xclient makes the session that of another client, whom a trusted peer speaks for, and
// begins it anew.
func (s *session) xclient(t *turn, l smtp.Line) {
	values, ok := s.attributes(t, l, clientAttributes)
	if !ok {
		return
	}
	who := s.identity()
	if a := parseAddress(values["ADDR"]); a.IsValid() {
		who.addr = a
	}
	who.helo, who.login = values["HELO"], values["LOGIN"]
	s.authenticated = who.login != ""
	if s.authenticated {
		s.gates &^= authGate
	}
	s.stage, s.esmtp = connected, false
	s.say(t, sayGreeting)
}

// xforward notes whom a trusted peer passes a message on for, until the mail transaction
// ends.
func (s *session) xforward(t *turn, l smtp.Line) {
	values, ok := s.attributes(t, l, forwardAttributes)
	if !ok {
		return
	}
	var words []string
	for _, a := range forwardAttributes {
		if v := values[a.name]; v != "" {
			words = append(words, a.name+"="+v)
		}
	}
	who := s.identity()
	who.forwarded = strings.TrimSpace(who.forwarded + " " + strings.Join(words, " "))
	if len(who.forwarded) > maxAttributes {
		who.forwarded = strings.Join(words, " ")
	}
	s.say(t, sayForwarded)
}
