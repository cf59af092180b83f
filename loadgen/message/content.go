package message

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"mailmill/loadgen/smtp"
)

// A content is one that messages have in common.
type content struct {
	head     pattern // up to the last part that is made for each message
	lead     string  // what follows it, in wire form, before the body that is shared
	body     []byte  // the rest in wire form, with the end of mail data where there is one
	size     int64   // octets of lead and body, before transparency
	digest   string  // of the body, in hexadecimal; "" if it has parts that are made for each message
	varying  *varying
	bodyHash string // of RFC 6376, in base64; "" where nothing is signed, or each message has its own
	origin   string
	eightBit bool
	utf8     bool
	binary   bool
}

// A varying is what the digest of a body is made of that differs from message to
// message.
type varying struct {
	from int    // the index of its first part in head
	rest []byte // the end of the body that is shared, before transparency
}

// A draft is a message that is not yet prepared.
type draft struct {
	header header
	body   pattern
	origin string
}

// prepare makes the content of a draft. keep is where the shared part of the body stays.
func (b *binder) prepare(d draft) (*content, []byte) {
	head := b.bind(d.header.parts())
	body := b.bind(d.body)
	own := len(body) // parts up to the last that is made for each message
	for own > 0 && body[own-1].kind == fixed {
		own--
	}
	var rest []byte
	for _, p := range body[own:] {
		rest = append(rest, p.plain...)
	}
	c := &content{origin: d.origin, size: int64(len(rest)), binary: holdsNUL(head) || holdsNUL(body),
		eightBit: head.eightBit() || body.eightBit(), utf8: head.utf8()}
	if own == 0 {
		c.head = compile(head, b.transparent)
		c.digest = digestOf(rest)
		if b.signs {
			c.bodyHash = bodyHash(rest)
		}
	} else {
		head = compile(head, b.transparent)
		inBody := compile(body[:own], b.transparent)
		c.varying = &varying{len(head), rest}
		c.head = append(head, inBody...)
	}
	wire := rest
	if b.transparent {
		wire = append(bytes.Clone(stuff(rest, own == 0)), smtp.EndOfData...)
	}
	return c, wire
}

// holdsNUL tells whether a text holds what only BINARYMIME can carry, as far as text
// can: its line ends are CRLF.
func holdsNUL(text pattern) bool {
	return slices.ContainsFunc(text, func(p part) bool { return strings.IndexByte(p.plain, 0) >= 0 })
}

// eightBit tells whether a text has octets above 127.
func (p pattern) eightBit() bool {
	return slices.ContainsFunc(p, func(q part) bool { return !isASCII(q.plain) })
}

// utf8 tells whether a header has fields in UTF-8. Other octets above 127 are older than
// RFC 6532, and go as they are.
func (p pattern) utf8() bool {
	return slices.ContainsFunc(p, func(q part) bool { return !isASCII(q.plain) && utf8.ValidString(q.plain) })
}

func isASCII[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// digestOf is the SHA-256 of a body that lies in pieces, in hexadecimal.
func digestOf(pieces ...[]byte) string {
	h := sha256.New()
	for _, piece := range pieces {
		h.Write(piece)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A binder makes the patterns of one class its own.
type binder struct {
	run         Config
	class       int
	name        string
	transparent bool
	signs       bool
	fields      uint64 // of {rand} so far
}

// bind gives the fields of a pattern the keys of their draws, and the name of the class.
func (b *binder) bind(p pattern) pattern {
	out := make(pattern, len(p))
	for i, q := range p {
		switch q.kind {
		case className:
			q = fixedPart(b.name)
		case letters, drawnNumber:
			q.key = b.run.key(b.class, drawField+purpose(b.fields))
			b.fields++
		case uuid:
			q.key = b.run.runKey()
		}
		out[i] = q
	}
	return out
}
