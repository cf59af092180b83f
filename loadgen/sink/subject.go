package sink

import (
	"bytes"
	"mime"
	"strings"
	"unicode"
)

// maxSubject is the longest line of a header (RFC 5322 section 2.1.1): as much of a
// Subject as is passed on.
const maxSubject = 998

// Subject returns the first Subject of the content's header: unfolded, decoded
// (RFC 2047), without control characters, cut at 998 octets. It is "" where there is
// none within the first 4 KiB.
func (m *Message) Subject() string {
	if len(m.chunks) == 0 {
		return ""
	}
	text := strings.Map(func(r rune) rune {
		switch {
		case r == '\t': // of folding
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, decode(rawSubject(m.chunks[0])))
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) > maxSubject {
		text = strings.ToValidUTF8(text[:maxSubject], "")
	}
	return text
}

// decode decodes encoded words. In a character set that is not known, or encoded
// badly, they stay as they are.
func decode(raw string) string {
	var words mime.WordDecoder
	if text, err := words.DecodeHeader(raw); err == nil {
		return text
	}
	return raw
}

// rawSubject unfolds the first Subject field of a header (RFC 5322 section 2.2.3).
func rawSubject(header []byte) string {
	const name = "Subject:"
	var field []byte
	for line := range bytes.Lines(header) {
		line = bytes.TrimRight(line, "\r\n")
		switch folded := len(line) > 0 && (line[0] == ' ' || line[0] == '\t'); {
		case field != nil && folded:
			field = append(field, line...)
		case field != nil || len(line) == 0:
			return string(bytes.TrimSpace(field))
		case len(line) >= len(name) && strings.EqualFold(string(line[:len(name)]), name):
			field = append([]byte{}, line[len(name):]...)
		}
	}
	return string(bytes.TrimSpace(field))
}
