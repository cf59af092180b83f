package profiles

import (
	"fmt"
	"strings"
)

// mailboxFault checks a pattern with its first number in place.
func mailboxFault(pattern string) string {
	if mailbox := strings.ReplaceAll(pattern, "{n}", "0"); mailbox != "" && !strings.Contains(mailbox, "@") {
		return fmt.Sprintf("mailbox %q has no domain; write local-part@domain without angle brackets", mailbox)
	}
	return ""
}

// domainFault checks the argument of EHLO.
func domainFault(name string) string {
	if name == "" || strings.ContainsAny(name, " \r\n\t<>") {
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
	return lineFault(field)
}

// lineFault checks a whole header line.
func lineFault(line string) string {
	if i := strings.IndexAny(line, "\r\n\x00"); i >= 0 {
		return fmt.Sprintf("%q holds %q at octet %d; a field is one line", line, line[i], i)
	}
	if len(line) > MaxLine {
		return fmt.Sprintf("the line has %d octets; %d are possible (RFC 5322 section 2.1.1)", len(line), MaxLine)
	}
	return ""
}
