package message

import "bytes"

// appendCanonical appends content with CRLF for each line end, be it CRLF, LF or CR,
// and one at the end of the last line.
func appendCanonical(dst, content []byte) []byte {
	for len(content) > 0 {
		i := bytes.IndexAny(content, "\r\n")
		if i < 0 {
			return append(append(dst, content...), "\r\n"...)
		}
		dst = append(append(dst, content[:i]...), "\r\n"...)
		if content[i] == '\r' && i+1 < len(content) && content[i+1] == '\n' {
			i++
		}
		content = content[i+1:]
	}
	return dst
}

// parseMessage splits a whole message into the fields of its header and its
// body, both with CRLF line ends.
//
// The header ends at the first empty line, or before the first line that is
// neither a field nor the continuation of one; so a file without a header is all
// body.
func parseMessage(data []byte) (header, []byte) {
	return splitMessage(appendCanonical(make([]byte, 0, len(data)+len(data)/32+2), data))
}

// splitMessage is parseMessage of what has CRLF line ends.
func splitMessage(rest []byte) (h header, body []byte) {
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

// cutField finds the field at the start of text: its name, and its length with its
// continuation lines. The length is 0 if there is no field.
func cutField(text []byte) (name string, n int) {
	before, _, found := bytes.Cut(text[:nextLine(text)], []byte(":"))
	before = bytes.TrimRight(before, " \t")
	if !found || !isFieldName(before) {
		return "", 0
	}
	n = nextLine(text)
	for n < len(text) && (text[n] == ' ' || text[n] == '\t') {
		n += nextLine(text[n:])
	}
	return string(before), n
}

// nextLine is the length of the first line of text, with its line end.
func nextLine(text []byte) int {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}
