package message

import (
	"bytes"
	"fmt"
	"math"
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
	parts []part
}

// A header is the fields of a message, in their order.
type header []field

// literal is a field with its whole text, name and line end included, in wire form.
func literal(name string, wire []byte) field {
	return field{name, []part{{text: string(wire), stuffed: stuffedDots(wire)}}}
}

// patterned is a field whose value is a pattern for the slot's number.
func patterned(name, value string) field {
	line := parsePattern(name + ": " + value + "\r\n")
	f := field{name: name}
	for i, piece := range line {
		if i > 0 {
			f.parts = append(f.parts, part{kind: slotNumber})
		}
		f.parts = append(f.parts, part{text: piece})
	}
	if strings.HasPrefix(name, ".") {
		f.parts[0].text, f.parts[0].stuffed = "."+f.parts[0].text, 1
	}
	return f
}

// made is a field whose value is one part made for each message.
func made(name string, value part) field {
	return field{name, []part{{text: name + ": "}, value, {text: "\r\n"}}}
}

func (h header) index(name string) int {
	return slices.IndexFunc(h, func(f field) bool { return strings.EqualFold(f.name, name) })
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

// parts returns the whole header with the empty line that ends it. Fixed parts
// that follow each other are joined.
func (h header) parts() []part {
	var out []part
	add := func(p part) {
		if last := len(out) - 1; last >= 0 && p.kind == fixed && out[last].kind == fixed {
			out[last].text += p.text
			out[last].stuffed += p.stuffed
			return
		}
		out = append(out, p)
	}
	for _, f := range h {
		for _, p := range f.parts {
			add(p)
		}
	}
	add(part{text: "\r\n"})
	return out
}

// parseField makes a field of "Name: value".
func parseField(s string) (field, error) {
	name, value, found := strings.Cut(s, ":")
	name, value = strings.TrimRight(name, " \t"), strings.Trim(value, " \t")
	switch {
	case !found || !isFieldName(name):
		return field{}, fmt.Errorf("header %q: not a field; write \"Name: value\"", s)
	case strings.EqualFold(name, "Date"), strings.EqualFold(name, "Message-ID"):
		return field{}, fmt.Errorf("header %q: each message has a %s of its own", s, name)
	case strings.ContainsAny(value, "\r\n\x00"):
		return field{}, fmt.Errorf("header %q: a line end or NUL in its value", s)
	case parsePattern(s).length(math.MaxInt64) > maxLine:
		return field{}, fmt.Errorf("header %.40q…: %d octets; a line may have %d, with its numbers", s, len(s), maxLine)
	}
	return patterned(name, value), nil
}

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
	f, err := parseField("Subject: " + s)
	if err != nil || isASCII(s) {
		return f, err
	}
	return patterned("Subject", encodeWords(s)), nil
}

// encodeWords returns a pattern in encoded words (RFC 2047), on lines of their own if
// there is more than one line of them. Each number becomes a word of its own: white space
// between two encoded words is not shown, so it may stand between any pieces.
func encodeWords(s string) string {
	var words []string
	for i, piece := range parsePattern(s) {
		if i > 0 {
			words = append(words, "=?utf-8?q?"+placeholder+"?=")
		}
		// What mime leaves as it is, ASCII without control octets, needs "_" for its
		// spaces as much as what it encodes.
		if word := mime.QEncoding.Encode("utf-8", piece); word != piece {
			words = append(words, word)
		} else if piece != "" {
			words = append(words, "=?utf-8?q?"+literalWord.Replace(piece)+"?=")
		}
	}
	text := strings.Join(words, " ")
	const oneLine = 60 // of the 76 that a line of encoded words may have
	if len(text) > oneLine {
		text = "\r\n " + strings.ReplaceAll(text, " ", "\r\n ")
	}
	return text
}

// literalWord makes an encoded word of ASCII text.
var literalWord = strings.NewReplacer(" ", "_", "_", "=5F", "=", "=3D", "?", "=3F")

func isASCII[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// stuffedDots counts the dots that transparency added to a text in wire form.
func stuffedDots(wire []byte) int {
	n := bytes.Count(wire, []byte("\r\n."))
	if len(wire) > 0 && wire[0] == '.' {
		n++
	}
	return n
}
