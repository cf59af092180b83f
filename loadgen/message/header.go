package message

import (
	"bytes"
	"fmt"
	"mime"
	"slices"
	"strings"
)

// maxLine is the longest line of a header without its line end (RFC 5322
// section 2.1.1).
const maxLine = 998

// A field is one field of a header, or one that is made for each message.
type field struct {
	name  string
	parts pattern
}

// A header is the fields of a message, in their order.
type header []field

// literal is a field with its whole text, name and line end included.
func literal(name string, text []byte) field { return field{name, pattern{fixedPart(string(text))}} }

// plainField is a field with a value of its own.
func plainField(name, value string) field { return made(name, fixedPart(value)) }

// made is a field whose value is made of parts.
func made(name string, value ...part) field {
	parts := pattern{fixedPart(name + ": ")}
	return field{name, append(append(parts, value...), fixedPart("\r\n"))}
}

func (h header) index(name string) int {
	return slices.IndexFunc(h, func(f field) bool { return strings.EqualFold(f.name, name) })
}

func (h header) lastIndex(name string) int {
	for i := len(h) - 1; i >= 0; i-- {
		if strings.EqualFold(h[i].name, name) {
			return i
		}
	}
	return -1
}

// without returns h without its fields of that name.
func (h header) without(name string) header {
	return slices.DeleteFunc(h, func(f field) bool { return strings.EqualFold(f.name, name) })
}

// with returns h with f in the place of the fields of its name, or at the end.
func (h header) with(f field) header {
	i := h.index(f.name)
	if i < 0 {
		return append(h, f)
	}
	h = h.without(f.name)
	return slices.Insert(h, i, f)
}

// parts returns the whole header, with the empty line that ends it.
func (h header) parts() pattern {
	var all pattern
	for _, f := range h {
		all = append(all, f.parts...)
	}
	return append(all, fixedPart("\r\n"))
}

// compile joins fixed parts that follow each other, and gives them their transparent
// form (RFC 5321 section 4.5.2) where it is asked for. No other part begins with a dot.
func compile(p pattern, transparent bool) pattern {
	var out pattern
	for _, q := range p {
		if last := len(out) - 1; last >= 0 && q.kind == fixed && out[last].kind == fixed {
			out[last].plain += q.plain
			continue
		}
		out = append(out, q)
	}
	begins := true // a line
	for i := range out {
		q := &out[i]
		if q.kind != fixed {
			begins = false
			continue
		}
		q.text = q.plain
		if transparent && (begins && strings.HasPrefix(q.plain, ".") || strings.Contains(q.plain, "\n.")) {
			q.text = string(stuff([]byte(q.plain), begins)) // else both are one string
		}
		begins = q.plain == "" && begins || strings.HasSuffix(q.plain, "\n")
	}
	return slices.Clip(out)
}

// stuff doubles the dots that lines begin with. begins tells that text begins a line.
func stuff(text []byte, begins bool) []byte {
	first := begins && len(text) > 0 && text[0] == '.'
	if !first && !bytes.Contains(text, []byte("\n.")) {
		return text
	}
	text = bytes.ReplaceAll(text, []byte("\n."), []byte("\n.."))
	if first {
		text = append([]byte("."), text...)
	}
	return text
}

// CheckFields tells what is wrong with the fields of a pattern for a header.
func CheckFields(s string) error {
	_, err := parsePattern(s, contentFields, false)
	return err
}

// parseHeaderField makes a field of "Name: value", in which value is a pattern.
func parseHeaderField(s string) (field, error) {
	name, value, found := strings.Cut(s, ":")
	name, value = strings.TrimRight(name, " \t"), strings.Trim(value, " \t")
	switch {
	case !found || !isFieldName(name):
		return field{}, fmt.Errorf("header %q: not a field; write \"Name: value\"", s)
	case strings.EqualFold(name, "Date"), strings.EqualFold(name, "Message-ID"), strings.EqualFold(name, MarkField):
		return field{}, fmt.Errorf("header %q: each message has a %s of its own", s, name)
	case strings.ContainsAny(value, "\r\n\x00"):
		return field{}, fmt.Errorf("header %q: a line end or NUL in its value", s)
	}
	p, err := parsePattern(value, contentFields, false)
	if err != nil {
		return field{}, fmt.Errorf("header %.80q: %w", s, err)
	}
	if p.longest()+len(name)+len(": ") > maxLine {
		return field{}, fmt.Errorf("header %.40q…: %d octets; a line may have %d, with its numbers", s, len(s), maxLine)
	}
	return made(name, p...), nil
}

// longest is the length that a pattern may have at most.
func (p pattern) longest() int {
	sum := 0
	for i := range p {
		switch q := &p[i]; q.kind {
		case fixed:
			sum += len(q.plain)
		case reversePath, forwardPath:
			sum += maxPath
		case domain:
			sum += maxDomain
		case letters:
			sum += int(q.span)
		default:
			sum += maxOther
		}
	}
	return sum
}

// The most octets of what fields stand for (RFC 5321 section 4.5.3.1), and of a UUID,
// which is longer than any number.
const (
	maxPath   = 256
	maxDomain = 255
	maxOther  = uuidLength
)

// isFieldName tells whether s is a field-name of RFC 5322 section 2.2.
func isFieldName[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == ':' {
			return false
		}
	}
	return len(s) > 0
}

// subjectField makes the Subject of a pattern. Text beyond ASCII stands in encoded
// words.
func subjectField(s string) (field, error) {
	f, err := parseHeaderField("Subject: " + s)
	if err != nil || isASCII(s) {
		return f, err
	}
	return made("Subject", encodeWords(f.parts[1:len(f.parts)-1])...), nil
}

// encodeWords returns a pattern in encoded words (RFC 2047), on lines of their own if
// there is more than one line of them. Each field becomes a word of its own: white space
// between two encoded words is not shown, so it may stand between any pieces.
func encodeWords(p pattern) pattern {
	var words []part // with white space between them
	length := 0
	for _, q := range p {
		switch q.kind {
		case fixed:
			for word := range strings.SplitSeq(encodeText(q.plain), " ") {
				words = append(words, fixedPart(word))
			}
		default:
			q.form = encodedWord
			words = append(words, q)
		}
	}
	for i := range words {
		length += len(words[i].plain) + len(" ")
		if words[i].kind != fixed {
			length += len("=?utf-8?q?{n}?=")
		}
	}
	const oneLine = 60 // of the 76 that a line of encoded words may have
	separator, out := " ", pattern{}
	if length > oneLine+len(" ") {
		separator = "\r\n "
		out = append(out, fixedPart(separator))
	}
	for i, word := range words {
		if i > 0 {
			out = append(out, fixedPart(separator))
		}
		out = append(out, word)
	}
	return out
}

// encodeText returns a text in encoded words.
func encodeText(s string) string {
	// What mime leaves as it is, ASCII without control octets, needs "_" for its
	// spaces as much as what it encodes.
	if word := mime.QEncoding.Encode("utf-8", s); word != s {
		return word
	}
	return "=?utf-8?q?" + literalWord.Replace(s) + "?="
}

// appendEncodedWord appends an encoded word of what a field stands for.
func appendEncodedWord(dst, text []byte) []byte {
	dst = append(dst, "=?utf-8?q?"...)
	for _, c := range text {
		if c <= ' ' || c >= 0x7f || c == '_' || c == '=' || c == '?' {
			const digits = "0123456789ABCDEF"
			dst = append(dst, '=', digits[c>>4], digits[c&15])
			continue
		}
		dst = append(dst, c)
	}
	return append(dst, "?="...)
}

// literalWord makes an encoded word of ASCII text.
var literalWord = strings.NewReplacer(" ", "_", "_", "=5F", "=", "=3D", "?", "=3F")
