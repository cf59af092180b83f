package smtp

import "bytes"

// A Verb is the command that a line asks for.
type Verb uint8

// The verbs. VerbHTTP is a method of HTTP or its "Host:", which tell that a
// browser was made to talk to the mail server.
const (
	VerbUnknown Verb = iota
	VerbEHLO
	VerbHELO
	VerbLHLO
	VerbMAIL
	VerbRCPT
	VerbDATA
	VerbBDAT
	VerbBURL
	VerbRSET
	VerbNOOP
	VerbVRFY
	VerbEXPN
	VerbHELP
	VerbQUIT
	VerbSTARTTLS
	VerbAUTH
	VerbSEND
	VerbSOML
	VerbSAML
	VerbTURN
	VerbETRN
	VerbATRN
	VerbXCLIENT
	VerbXFORWARD
	VerbHTTP
	NumVerbs
)

var verbNames = [NumVerbs]string{
	"unknown", "EHLO", "HELO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "BURL", "RSET", "NOOP", "VRFY", "EXPN", "HELP",
	"QUIT", "STARTTLS", "AUTH", "SEND", "SOML", "SAML", "TURN", "ETRN", "ATRN", "XCLIENT", "XFORWARD", "HTTP",
}

// String returns the verb in upper case, "unknown" and "HTTP" for the two that
// are none.
func (v Verb) String() string {
	if v < NumVerbs {
		return verbNames[v]
	}
	return verbNames[VerbUnknown]
}

// A Line is a command line in its parts, both lent from the input.
type Line struct {
	Verb Verb
	Name []byte // the verb as the client wrote it, whether known or not
	Arg  []byte // what follows, without the blanks around it
}

// ParseLine takes a command line apart; line is without its CRLF. Verbs are
// recognised in any case (RFC 5321 section 2.4).
func ParseLine(line []byte) Line {
	end := 0
	for end < len(line) && octets[line[end]]&blank == 0 {
		end++
	}
	return Line{Verb: verbOf(line[:end]), Name: line[:end], Arg: trimBlanks(line[end:])}
}

// CutLine finds a command line at the start of in. n is its length with the
// line end, which line is without; 0 while the end has not arrived. Only CRLF
// ends a line (RFC 5321 section 2.3.8), but where lenient, LF alone does too,
// and bare says so.
func CutLine(in []byte, lenient bool) (line []byte, n int, bare bool) {
	for from := 0; ; {
		i := bytes.IndexByte(in[from:], '\n')
		if i < 0 {
			return nil, 0, false
		}
		end := from + i
		if end > 0 && in[end-1] == '\r' {
			return in[:end-1], end + 1, false
		}
		if lenient {
			return in[:end], end + 1, true
		}
		from = end + 1
	}
}

// A verbRow is a slot of verbTable: the first four octets of a name, the name,
// and what it stands for.
type verbRow struct {
	key  uint32
	verb Verb
	name string
}

// verbTable finds a verb by a hash of its first four octets. No two names share
// those, so one comparison of words tells nearly everything.
var verbTable = func() (table [1 << verbBits]verbRow) {
	put := func(name string, verb Verb) {
		key := verbKey([]byte(name))
		i := verbHash(key)
		for table[i].key != 0 {
			i = (i + 1) % len(table)
		}
		table[i] = verbRow{key, verb, name}
	}
	for verb := VerbEHLO; verb < VerbHTTP; verb++ {
		put(verbNames[verb], verb)
	}
	for _, name := range httpNames {
		put(name, VerbHTTP)
	}
	return table
}()

// httpNames are the methods, the first word of HTTP/2's preface, and the field
// without which there is no HTTP/1.1.
var httpNames = [...]string{
	"GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "DELETE", "TRACE", "PATCH", "PRI", "HOST:",
}

const verbBits = 7

// verbHash spreads keys over the table (Fibonacci hashing).
func verbHash(key uint32) int { return int(key * 0x9e3779b1 >> (32 - verbBits)) }

// verbKey packs the first four octets of a name, in upper case; fewer leave
// zeros.
func verbKey(name []byte) (key uint32) {
	if len(name) >= 4 {
		key = uint32(name[0])<<24 | uint32(name[1])<<16 | uint32(name[2])<<8 | uint32(name[3])
	} else {
		for i, c := range name {
			key |= uint32(c) << (24 - 8*i)
		}
	}
	return key &^ 0x20202020
}

func verbOf(name []byte) Verb {
	key := verbKey(name)
	for i := verbHash(key); verbTable[i].key != 0; i = (i + 1) % len(verbTable) {
		if row := &verbTable[i]; row.key == key && equalFold(name, row.name) {
			return row.verb
		}
	}
	return VerbUnknown
}

// equalFold tells whether in is upper, which is in upper case, in any case.
func equalFold(in []byte, upper string) bool {
	if len(in) != len(upper) {
		return false
	}
	for i, c := range in {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}

// trimBlanks cuts spaces and tabs from both ends.
func trimBlanks(in []byte) []byte {
	for len(in) > 0 && octets[in[0]]&blank != 0 {
		in = in[1:]
	}
	for len(in) > 0 && octets[in[len(in)-1]]&blank != 0 {
		in = in[:len(in)-1]
	}
	return in
}
