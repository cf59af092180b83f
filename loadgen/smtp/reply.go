package smtp

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// A Reply is one whole reply of a server (RFC 5321 section 4.2). Text and Raw
// are lent from the input.
type Reply struct {
	Code     Code
	Enhanced Enhanced // of the last line, else of the first; only where its class is the code's first digit
	Text     []byte   // of the last line, after the code, its separator and the enhanced status code
	Raw      []byte   // all lines with their ends
	Lines    int

	// What was accepted although a server must not send it.
	BareLF   bool // a line ended with LF alone
	EightBit bool // an octet above 127; legal only where SMTPUTF8 was asked for (RFC 6531 section 3.7.4)
	LongLine bool // a line over 512 octets with its end (RFC 5321 section 4.5.3.1.5)
}

// EachLine calls f with the text of each line: what follows the code and its
// separator, enhanced status code included.
func (r Reply) EachLine(f func(text []byte)) {
	for line := range bytes.Lines(r.Raw) {
		f(lineText(line))
	}
}

// A Malformation says why octets are not a reply.
type Malformation uint8

// The malformations.
const (
	WellFormed   Malformation = iota
	NoCode                    // a line without [2-5][0-9][0-9] and SP, "-" or the end behind it
	MixedCodes                // lines of one reply with different codes
	LineTooLong               // a line over MaxReplyLine
	HasNUL                    // a NUL octet
	TooManyLines              // a reply over MaxReplyLines
	ReplyTooLong              // a reply over MaxReply
	numMalformations
)

var malformationNames = [numMalformations]string{
	"well formed", "no code", "mixed codes in one reply", "line too long", "NUL in a reply", "too many lines", "reply too long",
}

// String returns the malformation in words.
func (m Malformation) String() string {
	if m < numMalformations {
		return malformationNames[m]
	}
	return "malformation(" + strconv.Itoa(int(m)) + ")"
}

// Limits of a reply, in octets with line ends and in lines. RFC 5321 allows
// lines of 512 octets; servers are given more room than that, and a hostile one
// no more than this.
const (
	MaxReplyLine  = 64 << 10
	MaxReply      = 256 << 10
	MaxReplyLines = 1000

	replyLineLimit = 512 // RFC 5321 section 4.5.3.1.5
)

// A Parser finds replies in a stream of octets that arrives in any pieces. The
// zero value is ready; a session has one.
type Parser struct {
	seen  uint32 // octets already searched for the end of a line
	start uint32 // where the present line begins
	lines uint16 // whole lines before it
	code  Code   // theirs
	flags flags  // theirs
}

// flags are Reply's three booleans, gathered line by line.
type flags uint8

const (
	bareLF flags = 1 << iota
	eightBit
	longLine
)

// Next looks for one whole reply at the start of in, and makes r it; n is its length. Where
// more octets are needed, n is 0 and m is WellFormed, r is as it was, and the next call must be
// given the same octets with more behind them. The parser remembers how far it
// has looked, so the work is linear in the octets whatever the pieces.
//
// A malformation is reported as soon as the octets cannot become a reply, and
// is the same for all pieces. The parser is ready for a new stream then.
func (p *Parser) Next(in []byte, r *Reply) (n int, m Malformation) {
	for {
		i := bytes.IndexByte(in[p.seen:], '\n')
		if i < 0 {
			m = p.check(in[p.start:])
			p.seen = uint32(len(in))
			break
		}
		end := int(p.seen) + i + 1
		line := in[p.start:end]
		if m = p.check(line); m != WellFormed {
			break
		}
		f, hasNUL := inspect(line)
		if hasNUL {
			m = HasNUL
			break
		}
		p.flags |= f
		p.lines++
		p.code = codeOf(line)
		if line[3] != '-' {
			p.reply(r, in[:end], line)
			*p = Parser{}
			return end, WellFormed
		}
		if p.lines == MaxReplyLines {
			m = TooManyLines
			break
		}
		p.seen, p.start = uint32(end), uint32(end)
	}
	if m != WellFormed {
		*p = Parser{}
	}
	return 0, m
}

// check returns what is wrong with the present line, which may not be whole
// yet. The checks are ordered by the octet that fails them, so that the verdict
// does not depend on how much has arrived.
func (p *Parser) check(line []byte) Malformation {
	if len(line) > 0 && line[0]-'2' > 3 {
		return NoCode
	}
	for i := 1; i < min(3, len(line)); i++ {
		if line[i]-'0' > 9 {
			return NoCode
		}
	}
	if len(line) < 4 {
		return WellFormed
	}
	return p.checkRest(line)
}

func (p *Parser) checkRest(line []byte) Malformation {
	if p.lines > 0 && codeOf(line) != p.code {
		return MixedCodes
	}
	switch line[3] {
	case ' ', '-', '\n':
	case '\r':
		if len(line) > 4 && line[4] != '\n' {
			return NoCode
		}
	default:
		return NoCode
	}
	size := len(line)
	if line[size-1] != '\n' {
		size++ // at least the line feed is still to come
	}
	if size > MaxReplyLine && int(p.start)+MaxReplyLine <= MaxReply {
		return LineTooLong
	}
	if int(p.start)+size > MaxReply {
		return ReplyTooLong
	}
	return WellFormed
}

// reply makes r the reply whose last line is line, where it lies: copies of so large a value cost more
// than the rest of a reply of one line does.
func (p *Parser) reply(r *Reply, raw, line []byte) {
	r.Code, r.Enhanced, r.Text, r.Raw, r.Lines = p.code, 0, lineText(line), raw, int(p.lines)
	r.BareLF, r.EightBit, r.LongLine = p.flags&bareLF != 0, p.flags&eightBit != 0, p.flags&longLine != 0
	if e, rest, ok := ParseEnhanced(r.Text); ok && e.Class() == r.Code.Severity() {
		r.Enhanced, r.Text = e, rest
		return
	}
	if r.Lines > 1 {
		first := raw[:bytes.IndexByte(raw, '\n')+1]
		if e, _, ok := ParseEnhanced(lineText(first)); ok && e.Class() == r.Code.Severity() {
			r.Enhanced = e
		}
	}
}

// codeOf returns the code of a line that begins with three digits.
func codeOf(line []byte) Code {
	return Code(line[0]-'0')*100 + Code(line[1]-'0')*10 + Code(line[2]-'0')
}

// lineText returns what stands behind the code and its separator, without the
// end of the line.
func lineText(line []byte) []byte {
	end := len(line)
	if end > 0 && line[end-1] == '\n' {
		end--
		if end > 0 && line[end-1] == '\r' {
			end--
		}
	}
	return line[min(4, end):end]
}

// inspect gathers the flags of a whole line, eight octets at a time, and looks
// for NUL on the way.
func inspect(line []byte) (f flags, hasNUL bool) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	if len(line) > replyLineLimit {
		f |= longLine
	}
	if line[len(line)-2] != '\r' {
		f |= bareLF
	}
	var all, zero uint64
	i := 0
	for ; i+8 <= len(line); i += 8 {
		w := binary.LittleEndian.Uint64(line[i:])
		all |= w
		zero |= (w - ones) &^ w // the high bit of the lowest zero octet, and of none where there is none
	}
	for ; i < len(line); i++ {
		w := uint64(line[i])
		all |= w
		zero |= (w - 1) &^ w & 0x80
	}
	if all&highs != 0 {
		f |= eightBit
	}
	return f, zero&highs != 0
}

// evidenceOctets is how much of what a server sent a fault text quotes.
const evidenceOctets = 80

// Evidence returns the start of in, quoted, for the text of a fault. It
// allocates.
func Evidence(in []byte) string { return strconv.Quote(string(in[:min(len(in), evidenceOctets)])) }
