package sink

import (
	"bytes"
	"strings"

	"mailmill/loadgen/smtp"
)

// A mailParameters is what the parameters of a MAIL say.
type mailParameters struct {
	size     int64 // 0: not given
	smtputf8 bool
	prdr     bool
	binary   bool // BODY=BINARYMIME
}

// A parameter is a parameter of MAIL or RCPT. read checks a value, nil where
// none was given.
type parameter struct {
	key  string
	of   Extension // one of these has to be offered
	read func(m *mailParameters, value []byte) (refusal canned)
}

// mailParameter lists the parameters of MAIL.
var mailParameter = []parameter{
	{"SIZE", Size, readSize},                         // RFC 1870
	{"BODY", EightBitMIME | BinaryMIME, readBody},    // RFC 6152
	{"SMTPUTF8", SMTPUTF8, readSMTPUTF8},             // RFC 6531
	{"PRDR", PRDR, readPRDR},                         // draft-hall-prdr
	{"RET", DSN, oneOf("FULL", "HDRS")},              // RFC 3461 section 4.3
	{"ENVID", DSN, xtextUpTo(100)},                   // RFC 3461 section 4.4
	{"AUTH", Auth, xtextUpTo(500 - len(" AUTH=\r"))}, // RFC 4954 section 5: taken from anyone, trusted from none
}

// rcptParameter lists the parameters of RCPT.
var rcptParameter = []parameter{
	{"NOTIFY", DSN, readNotify}, // RFC 3461 section 4.1
	{"ORCPT", DSN, readORCPT},   // RFC 3461 section 4.2
}

// mailParams reads the parameters of MAIL.
func (s *session) mailParams(params []byte) (m mailParameters, refusal canned) {
	if len(params) == 0 {
		return m, 0
	}
	l := s.loop
	l.params = mailParameters{}
	refusal = s.sink.readParams(&l.params, params, mailParameter)
	return l.params, refusal
}

func (s *session) rcptParams(params []byte) canned {
	if len(params) == 0 {
		return 0
	}
	return s.sink.readParams(nil, params, rcptParameter)
}

func (k *Sink) readParams(m *mailParameters, params []byte, known []parameter) canned {
	seen := 0
	for {
		key, value, rest, more, err := smtp.NextParam(params)
		if err != nil {
			return sayBadParameter
		}
		if !more {
			return 0
		}
		params = rest
		i := findParam(known, key)
		switch {
		case i < 0 || known[i].of&k.offers == 0:
			return sayUnknownParameter
		case seen&(1<<i) != 0:
			return sayTwiceParameter
		}
		seen |= 1 << i
		if refusal := known[i].read(m, value); refusal != 0 {
			return refusal
		}
	}
}

func findParam(known []parameter, key []byte) int {
	for i := range known {
		if is(key, known[i].key) {
			return i
		}
	}
	return -1
}

// is compares without regard to case (RFC 5321 section 2.4).
func is(word []byte, upper string) bool {
	return len(word) == len(upper) && bytes.EqualFold(word, []byte(upper))
}

func readSize(m *mailParameters, value []byte) canned {
	if len(value) == 0 || len(value) > 20 { // 1*20DIGIT, RFC 1870 section 4
		return sayBadParameter
	}
	const most = 1 << 62
	for _, c := range value {
		if c < '0' || c > '9' {
			return sayBadParameter
		}
		m.size = min(m.size, most/10-1)*10 + int64(c-'0')
	}
	return 0
}

func readBody(m *mailParameters, value []byte) canned {
	if is(value, "7BIT") || is(value, "8BITMIME") {
		return 0
	}
	if is(value, "BINARYMIME") { // RFC 3030 section 3
		m.binary = true
		return 0
	}
	return sayBadParameter
}

func readSMTPUTF8(m *mailParameters, value []byte) canned {
	if value != nil {
		return sayBadParameter
	}
	m.smtputf8 = true
	return 0
}

func readPRDR(m *mailParameters, value []byte) canned {
	if value != nil {
		return sayBadParameter
	}
	m.prdr = true
	return 0
}

func oneOf(words ...string) func(*mailParameters, []byte) canned {
	return func(_ *mailParameters, value []byte) canned {
		for _, w := range words {
			if is(value, w) {
				return 0
			}
		}
		return sayBadParameter
	}
}

func xtextUpTo(most int) func(*mailParameters, []byte) canned {
	return func(_ *mailParameters, value []byte) canned {
		if len(value) > most || !isXtext(value) {
			return sayBadParameter
		}
		return 0
	}
}

// isXtext reports whether value is xtext (RFC 3461 section 4): printable, with "+" and
// "=" as "+HH".
func isXtext(value []byte) bool {
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c < '!' || c > '~' || c == '=':
			return false
		case c == '+':
			if len(value)-i < 3 || !isUpperHex(value[i+1]) || !isUpperHex(value[i+2]) {
				return false
			}
			i += 2
		}
	}
	return len(value) > 0
}

func isUpperHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' }

// readNotify reads NEVER, alone, or a list.
func readNotify(_ *mailParameters, value []byte) canned {
	if is(value, "NEVER") {
		return 0
	}
	for more := true; more; {
		var word []byte
		word, value, more = bytes.Cut(value, []byte{','})
		if !is(word, "SUCCESS") && !is(word, "FAILURE") && !is(word, "DELAY") {
			return sayBadParameter
		}
	}
	return 0
}

// readORCPT reads addr-type ";" xtext.
func readORCPT(_ *mailParameters, value []byte) canned {
	kind, address, found := bytes.Cut(value, []byte{';'})
	if !found || len(kind) == 0 || len(value) > 500 || !isXtext(address) || strings.ContainsAny(string(kind), "+=") {
		return sayBadParameter
	}
	return 0
}
