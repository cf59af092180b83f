package message

import (
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"mailmill/loadgen/smtp"
)

// A part is a piece of a pattern, of a header or of a template. The fixed ones hold
// their text; the others are made for each message.
type part struct {
	kind partKind
	form form
	// text is what a fixed part sends. plain is the same before transparency.
	text, plain string
	low, span   uint64 // of numbers that are drawn, or counted
	key         key
}

type partKind uint8

const (
	fixed        partKind = iota // text
	number                       // {n}: of the slot, or of the recipient
	member                       // {0..99}: of the mailbox in its list
	className                    // {class}; fixed as soon as the class is known
	uuid                         // {uuid}
	workerNumber                 // {worker}
	rfc3339                      // {time}
	unixTime                     // {time:unix}
	letters                      // {rand:N}
	drawnNumber                  // {rand:A..B}
	domain                       // {domain}
	reversePath                  // {from}
	forwardPath                  // {rcpt}
	date                         // of the Date field
	messageID                    // the number and the rest (text) of a Message-ID
	author                       // of the From field: the reverse-path, or the mail system (text)
	recipients                   // the To field's list
	digest                       // of the body
)

// A form is how a part's text is written where not every octet can stand for itself.
type form uint8

const (
	asIs        form = iota
	xtext            // RFC 3461 section 4, in parameters of MAIL and RCPT
	encodedWord      // RFC 2047, in a subject
)

// A place says for whom a part is made.
type place struct {
	m         *Mail
	number    int64 // what {n} is
	recipient int   // whose path {rcpt} is
	member    int   // of its list
}

// append appends the part as it is in a message.
func (p *part) append(dst []byte, at place) []byte {
	if p.form != asIs {
		return p.appendFormed(dst, at)
	}
	switch p.kind {
	case fixed:
		return append(dst, p.text...)
	case number:
		return strconv.AppendInt(dst, at.number, 10)
	case date:
		return appendDate(dst, at.m.second)
	case messageID:
		dst = append(dst, '<')
		dst = strconv.AppendInt(dst, at.m.slot, 10)
		return append(dst, p.text...)
	case author:
		if at.m.null() {
			return append(dst, p.text...)
		}
		return at.m.AppendReversePath(dst)
	case recipients:
		return at.m.appendRecipients(dst)
	case digest:
		return at.m.appendDigest(dst)
	}
	return p.appendDrawn(dst, at)
}

// appendDrawn appends what only the messages of some plans have.
func (p *part) appendDrawn(dst []byte, at place) []byte {
	m := at.m
	switch p.kind {
	case member:
		return strconv.AppendUint(dst, p.low+uint64(at.member), 10)
	case uuid:
		return appendUUID(dst, p.key, m.slot)
	case workerNumber:
		return strconv.AppendInt(dst, int64(m.worker), 10)
	case rfc3339:
		return time.Unix(m.second, 0).UTC().AppendFormat(dst, time.RFC3339)
	case unixTime:
		return strconv.AppendInt(dst, m.second, 10)
	case letters:
		return appendLetters(dst, p.key, at.number, int(p.span))
	case drawnNumber:
		return strconv.AppendUint(dst, p.low+scale(p.key.draw(at.number), p.span), 10)
	case domain:
		return append(dst, m.class.domains.pick(at.number)...)
	case reversePath:
		if m.null() {
			return append(dst, "<>"...)
		}
		return m.AppendReversePath(dst)
	case forwardPath:
		return m.AppendForwardPath(dst, at.recipient)
	}
	return dst
}

// appendFormed appends the part in its form. What it stands for lies behind dst until it
// is written.
func (p *part) appendFormed(dst []byte, at place) []byte {
	raw := *p
	raw.form = asIs
	both := raw.append(dst, at)
	end := len(both)
	if text := both[len(dst):]; p.form == xtext {
		both = smtp.AppendXtext(both, text)
	} else {
		both = appendEncodedWord(both, text)
	}
	return append(both[:len(dst)], both[end:]...)
}

// length is the number of octets of the part before transparency.
func (p *part) length(at place) int {
	m := at.m
	switch {
	case p.kind == fixed:
		return len(p.plain)
	case p.form != asIs:
		return measure(func(dst []byte) []byte { return p.append(dst, at) })
	}
	switch p.kind {
	case number:
		return digits(at.number)
	case date:
		return dateLength
	case messageID:
		return len("<") + digits(m.slot) + len(p.text)
	case digest:
		return digestLength
	case recipients:
		return m.recipientsLength()
	case author:
		if m.null() {
			return len(p.text)
		}
		return m.class.from.length(m.sender())
	}
	return p.drawnLength(at)
}

// drawnLength is the length of what appendDrawn appends.
func (p *part) drawnLength(at place) int {
	m := at.m
	switch p.kind {
	case member:
		return digits(int64(p.low) + int64(at.member))
	case uuid:
		return uuidLength
	case workerNumber:
		return digits(int64(m.worker))
	case rfc3339:
		return len("2006-01-02T15:04:05Z")
	case unixTime:
		return digits(m.second)
	case letters:
		return int(p.span)
	case drawnNumber:
		return digits(int64(p.low + scale(p.key.draw(at.number), p.span)))
	case domain:
		return len(m.class.domains.pick(at.number))
	case reversePath:
		if m.null() {
			return len("<>")
		}
		return m.class.from.length(m.sender())
	case forwardPath:
		to, place := m.addressee(at.recipient)
		return to.length(place)
	}
	return 0
}

// buffers are for texts of which only the length, or one property, is wanted.
var buffers = sync.Pool{New: func() any { return new([1024]byte) }}

// measure is the length of what is appended.
func measure(appended func(dst []byte) []byte) int {
	b := buffers.Get().(*[1024]byte)
	defer buffers.Put(b)
	return len(appended(b[:0]))
}

// digits is the length of n >= 0 in decimal.
func digits(n int64) int {
	d := 1
	for ; n >= 10; n /= 10 {
		d++
	}
	return d
}

// uuidLength is the length of a UUID as text.
const uuidLength = 36

// appendUUID appends a UUID (RFC 9562) that is the slot's own, in the form of version 4.
func appendUUID(dst []byte, k key, slot int64) []byte {
	var id [16]byte
	for i := range 2 {
		draw := k.draw(2*slot + int64(i))
		for j := range 8 {
			id[8*i+j] = byte(draw >> (8 * j))
		}
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	for i, at := range []int{0, 4, 6, 8, 10} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, id[at:[]int{4, 6, 8, 10, 16}[i]])
	}
	return dst
}

// appendLetters appends so many letters and digits.
func appendLetters(dst []byte, k key, n int64, count int) []byte {
	const perDraw = 12 // 36^12 is below 2^64
	for i := 0; i < count; i += perDraw {
		draw := mix(k.draw(n) + uint64(i))
		for range min(perDraw, count-i) {
			dst = append(dst, "abcdefghijklmnopqrstuvwxyz0123456789"[draw%36])
			draw /= 36
		}
	}
	return dst
}

func fixedPart(text string) part { return part{text: text, plain: text} }
