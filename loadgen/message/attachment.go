package message

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime"
	"strconv"
	"strings"
)

// An Attachment is a part of a message beside its text, with a content that is made
// up.
type Attachment struct {
	// Type is its media type (RFC 2045 section 5.1), such as application/pdf.
	Type string
	// Size is its length in octets, before it is encoded.
	Size int
}

// maxAttachment bounds one attachment, in octets. It is held in memory, a third longer.
const maxAttachment = 1 << 28

// ParseAttachment reads "application/pdf=200k"; parse reads the size.
func ParseAttachment(s string, parse func(string) (int, error)) (Attachment, error) {
	kind, size, found := strings.Cut(s, "=")
	name, params, err := mime.ParseMediaType(kind)
	if !found || err != nil || len(params) > 0 || strings.Count(name, "/") != 1 {
		return Attachment{}, errors.New("not a media type and a size; write application/pdf=200k")
	}
	if composite, _, _ := strings.Cut(name, "/"); composite == "multipart" || composite == "message" {
		return Attachment{}, fmt.Errorf("%s is made of other parts, and cannot be in base64 (RFC 2045 section 6.4); write application/pdf=200k", name)
	}
	n, err := parse(size)
	if err != nil {
		return Attachment{}, err
	}
	if n < 0 || n > maxAttachment {
		return Attachment{}, fmt.Errorf("%d octets; an attachment has 0 to %d", n, maxAttachment)
	}
	return Attachment{name, n}, nil
}

// extensions are the endings of file names by media type, and how such files begin.
var extensions = map[string]struct{ ending, magic string }{
	"application/pdf":  {"pdf", "%PDF-1.7\n"},
	"application/zip":  {"zip", "PK\x03\x04"},
	"application/gzip": {"gz", "\x1f\x8b\x08"},
	"image/png":        {"png", "\x89PNG\r\n\x1a\n"},
	"image/jpeg":       {"jpg", "\xff\xd8\xff\xe0"},
	"image/gif":        {"gif", "GIF89a"},
	"text/plain":       {"txt", ""},
	"text/csv":         {"csv", ""},
	"text/html":        {"html", ""},
}

// epilogue is what stands behind a message's text.
type epilogue struct {
	boundary string
	sample   string // in the text
	files    []Attachment
	virus    bool
	binary   bool
	rng      *rand.Rand
	prose    *prose
}

// epilogues returns what makes the end of text i, different ones of the same length.
func (b *binder) epilogues(c ClassConfig) (func(i int) []byte, error) {
	e := epilogue{boundary: c.boundary(), files: c.Attachments, binary: c.Binary,
		rng: rand.New(rand.NewPCG(b.run.Seed, uint64(b.class)|1<<32))}
	switch c.Sample {
	case "":
	case "gtube":
		e.sample = gtube()
	case "eicar":
		e.virus = true
	default:
		return nil, fmt.Errorf("sample %q: none of eicar, gtube", c.Sample)
	}
	return e.make, nil
}

// multipart tells whether the message has parts beside its text.
func (c ClassConfig) multipart() bool { return len(c.Attachments) > 0 || c.Sample == "eicar" }

// boundary is what divides the parts. No line of a text or of base64 begins with it.
func (c ClassConfig) boundary() string {
	if !c.multipart() {
		return ""
	}
	return "=_mailmill_" + hex.EncodeToString([]byte{byte(len(c.Attachments)), 0x6d, 0x69, 0x6c, 0x6c})
}

// prologue is what stands before the text.
func (c ClassConfig) prologue() string {
	if !c.multipart() {
		return ""
	}
	return "--" + c.boundary() + "\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
}

func (e *epilogue) make(int) []byte {
	var out []byte
	if e.sample != "" {
		out = append(append(append(out, "\r\n"...), e.sample...), "\r\n"...)
	}
	if e.boundary == "" {
		return out
	}
	for i, a := range e.files {
		known, ok := extensions[a.Type]
		if !ok {
			known.ending = "bin"
		}
		out = e.appendFile(out, a.Type, "attachment-"+strconv.Itoa(i+1)+"."+known.ending, e.octets(a, known.magic))
	}
	if e.virus {
		out = e.appendFile(out, "application/octet-stream", "eicar.com", []byte(eicar()))
	}
	return append(append(append(out, "\r\n--"...), e.boundary...), "--\r\n"...)
}

// octets makes the content of a file: text for text, and else what a compressed format
// looks like, random octets.
func (e *epilogue) octets(a Attachment, magic string) []byte {
	if strings.HasPrefix(a.Type, "text/") && a.Size > 1 {
		if e.prose == nil {
			e.prose = newProse(e.rng)
		}
		return appendText(make([]byte, 0, a.Size), a.Size, e.prose)
	}
	out := make([]byte, a.Size)
	for i := range out {
		out[i] = byte(e.rng.Uint32())
	}
	copy(out, magic)
	return out
}

// withoutLineEnds changes each CR and LF into another octet: many servers store CRLF as
// LF, in octets of other kinds as well, and the body would no longer be that of the mark.
// NUL and lines without end are left, which nothing but BINARYMIME can carry.
func withoutLineEnds(octets []byte) []byte {
	for i, c := range octets {
		if c == '\r' || c == '\n' {
			octets[i] = c | 0x80
		}
	}
	return octets
}

// appendFile appends a part of the message: as it is, or in base64, in lines of 76 octets
// (RFC 2045 section 6.8).
func (e *epilogue) appendFile(dst []byte, kind, name string, octets []byte) []byte {
	encoding := "base64"
	if e.binary {
		encoding = "binary"
	}
	dst = fmt.Appendf(dst, "\r\n--%s\r\nContent-Type: %s; name=%q\r\nContent-Transfer-Encoding: %s\r\n"+
		"Content-Disposition: attachment; filename=%q\r\n\r\n", e.boundary, kind, name, encoding, name)
	if e.binary {
		return append(append(dst, withoutLineEnds(octets)...), "\r\n"...)
	}
	const perLine = 57
	for len(octets) > 0 {
		n := min(perLine, len(octets))
		dst = append(base64.StdEncoding.AppendEncode(dst, octets[:n]), "\r\n"...)
		octets = octets[n:]
	}
	return dst
}
