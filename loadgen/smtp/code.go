package smtp

import "strconv"

// A Code is a reply code, 200 to 599 (RFC 5321 section 4.2). 0 is no code.
type Code uint16

// Severity returns what the first digit of the code says.
func (c Code) Severity() Severity { return Severity(c / 100) }

// A Severity is the first digit of a reply code (RFC 5321 section 4.2.1).
type Severity uint8

// The severities. 1yz, positive preliminary, does not exist in SMTP.
const (
	PositiveCompletion   Severity = 2
	PositiveIntermediate Severity = 3
	TransientNegative    Severity = 4
	PermanentNegative    Severity = 5
)

var severityNames = [...]string{
	PositiveCompletion:   "positive completion",
	PositiveIntermediate: "positive intermediate",
	TransientNegative:    "transient negative",
	PermanentNegative:    "permanent negative",
}

// String returns RFC 5321's words for the severity.
func (s Severity) String() string {
	if int(s) < len(severityNames) && severityNames[s] != "" {
		return severityNames[s]
	}
	return "severity(" + strconv.Itoa(int(s)) + ")"
}

// An Enhanced is an enhanced status code, class.subject.detail (RFC 3463), in
// one word, so that it can be a map key or part of one. 0 is none.
type Enhanced uint32

// enhancedBits hold one part of three digits.
const enhancedBits = 10

// MakeEnhanced returns class.subject.detail. Each part is 0 to 999; class is 2,
// 4 or 5 in a code that may be sent.
func MakeEnhanced(class, subject, detail int) Enhanced {
	return Enhanced(class)<<(2*enhancedBits) | Enhanced(subject)<<enhancedBits | Enhanced(detail)
}

// Class returns the first part: 2 success, 4 persistent transient failure,
// 5 permanent failure.
func (e Enhanced) Class() Severity { return Severity(e >> (2 * enhancedBits)) }

// Append appends the code in its dotted form; nothing for none.
func (e Enhanced) Append(dst []byte) []byte {
	if e == 0 {
		return dst
	}
	const part = 1<<enhancedBits - 1
	dst = strconv.AppendUint(dst, uint64(e>>(2*enhancedBits)), 10)
	dst = append(dst, '.')
	dst = strconv.AppendUint(dst, uint64(e>>enhancedBits&part), 10)
	dst = append(dst, '.')
	return strconv.AppendUint(dst, uint64(e&part), 10)
}

// String returns the code in its dotted form, "" for none. It allocates.
func (e Enhanced) String() string { return string(e.Append(make([]byte, 0, 12))) }

// ParseEnhanced takes an enhanced status code from the start of a reply's text
// (RFC 2034 section 4). It must be followed by spaces, which are taken too, or
// by the end. Where ok is false, rest is text.
func ParseEnhanced(text []byte) (e Enhanced, rest []byte, ok bool) {
	if len(text) < 5 || text[1] != '.' || text[0] != '2' && text[0] != '4' && text[0] != '5' {
		return 0, text, false
	}
	subject, at := parsePart(text, 2)
	if at == 2 || at == len(text) || text[at] != '.' {
		return 0, text, false
	}
	detail, end := parsePart(text, at+1)
	if end == at+1 {
		return 0, text, false
	}
	e = MakeEnhanced(int(text[0]-'0'), subject, detail)
	if end < len(text) && text[end] != ' ' {
		return 0, text, false
	}
	for end < len(text) && text[end] == ' ' {
		end++
	}
	return e, text[end:], true
}

// parsePart reads one to three digits of text from at on, and returns their
// value and where they end.
func parsePart(text []byte, at int) (value, end int) {
	last := min(at+3, len(text))
	for end = at; end < last; end++ {
		d := text[end] - '0'
		if d > 9 {
			break
		}
		value = value*10 + int(d)
	}
	return value, end
}
