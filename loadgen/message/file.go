package message

import (
	"bytes"

	"mailmill/loadgen/smtp"
)

// parseMessage splits a whole message into the fields of its header and its
// body, both in wire form.
//
// The header ends at the first empty line, or before the first line that is
// neither a field nor the continuation of one; so a file without a header is all
// body.
func parseMessage(data []byte) (h header, body []byte) {
	rest := smtp.AppendTransparent(nil, data)
	if bytes.HasPrefix(rest, []byte("From ")) {
		rest = rest[nextLine(rest):]
	}
	for len(rest) > 0 {
		if bytes.HasPrefix(rest, []byte("\r\n")) {
			return h, rest[2:]
		}
		name, n := cutField(rest)
		if n == 0 {
			break
		}
		h = append(h, literal(name, rest[:n]))
		rest = rest[n:]
	}
	return h, rest
}

// cutField finds the field at the start of wire: its name, and its length with its
// continuation lines. The length is 0 if there is no field.
func cutField(wire []byte) (name string, n int) {
	before, _, found := bytes.Cut(wire[:nextLine(wire)], []byte(":"))
	before = bytes.TrimRight(before, " \t")
	if !found || !isFieldName(before) {
		return "", 0
	}
	n = nextLine(wire)
	for n < len(wire) && (wire[n] == ' ' || wire[n] == '\t') {
		n += nextLine(wire[n:])
	}
	return string(before), n
}

// nextLine is the length of the first line of wire, with its line end.
func nextLine(wire []byte) int {
	if i := bytes.IndexByte(wire, '\n'); i >= 0 {
		return i + 1
	}
	return len(wire)
}
