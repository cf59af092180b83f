package profiles

import (
	"fmt"
	"strings"

	"mailmill/loadgen/message"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/target"
)

// targetFault checks the form of a target; nothing is resolved.
func targetFault(s string) string {
	if s == "" {
		return ""
	}
	if _, err := target.Parse(s); err != nil {
		return err.Error()
	}
	return ""
}

// domainFault checks the argument of EHLO.
func domainFault(name string) string {
	if _, rest, err := smtp.ParseDomain([]byte(name), false); err != nil || len(rest) > 0 {
		return fmt.Sprintf("%q is neither a domain nor an address literal; write client.example.com or [127.0.0.1]", name)
	}
	return ""
}

// headerFault checks a header field: a name of printable US-ASCII without colon,
// a colon, and a value on the same line (RFC 5322 section 2.2).
func headerFault(field string) string {
	name, _, found := strings.Cut(field, ":")
	if !found || name == "" {
		return fmt.Sprintf("%q is no header field; write 'Name: value'", field)
	}
	for _, octet := range []byte(name) {
		if octet <= ' ' || octet >= 0x7f {
			return fmt.Sprintf("%q holds %q in the field's name; only printable US-ASCII may stand there", field, octet)
		}
	}
	for _, made := range []string{"Date", "Message-ID", message.MarkField} {
		if strings.EqualFold(name, made) {
			return fmt.Sprintf("%q: each message has a %s of its own; leave it out", field, made)
		}
	}
	return lineFault(field)
}

// lineFault checks a whole header line, and its fields in braces.
func lineFault(line string) string {
	if i := strings.IndexAny(line, "\r\n\x00"); i >= 0 {
		return fmt.Sprintf("%q holds %q at octet %d; a field is one line", line, line[i], i)
	}
	if len(line) > MaxLine {
		return fmt.Sprintf("the line has %d octets; %d are possible (RFC 5322 section 2.1.1)", len(line), MaxLine)
	}
	return faultOf(message.CheckFields(line))
}
