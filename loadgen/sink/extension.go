package sink

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// An Extension is a set of what an EHLO reply can offer (RFC 5321 section 2.2).
type Extension uint32

// The extensions. What belongs to one that is not offered is refused: its commands
// with 502, its parameters with 555.
const (
	Pipelining          Extension = 1 << iota // RFC 2920
	Size                                      // RFC 1870
	EightBitMIME                              // RFC 6152
	SMTPUTF8                                  // RFC 6531; not without 8BITMIME
	DSN                                       // RFC 3461
	EnhancedStatusCodes                       // RFC 2034
	Chunking                                  // RFC 3030
	BinaryMIME                                // RFC 3030; not without CHUNKING
	Limits                                    // RFC 9422
	VRFY                                      // RFC 5321 section 3.5
	EXPN                                      // RFC 5321 section 3.5
	Help                                      // RFC 5321 section 4.1.1.8
	StartTLS                                  // RFC 3207
	Auth                                      // RFC 4954
	XCLIENT                                   // of Postfix
	XFORWARD                                  // of Postfix
	PRDR                                      // of Exim (draft-hall-prdr); only if asked for
	everyExtension      = 1<<iota - 1
)

// extensionNames are the keywords, in the order of the constants and of the EHLO reply.
var extensionNames = [...]string{
	"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES", "CHUNKING", "BINARYMIME", "LIMITS",
	"VRFY", "EXPN", "HELP", "STARTTLS", "AUTH", "XCLIENT", "XFORWARD", "PRDR",
}

// ParseExtension returns the extension with that keyword, in any case.
func ParseExtension(keyword string) (Extension, error) {
	for i, name := range extensionNames {
		if strings.EqualFold(name, keyword) {
			return 1 << i, nil
		}
	}
	return 0, fmt.Errorf("extension %q is none of %s", keyword, Extension(everyExtension))
}

// String returns the keywords, with ", " between them.
func (e Extension) String() string {
	var names []string
	for i, name := range extensionNames {
		if e&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// offers returns the extensions that c makes good.
func (c *Config) offers() Extension {
	e := everyExtension &^ c.Without
	if e&EightBitMIME == 0 {
		e &^= SMTPUTF8
	}
	if e&Chunking == 0 {
		e &^= BinaryMIME
	}
	if c.TLS == nil || c.ImplicitTLS {
		e &^= StartTLS
	}
	if !c.PRDR || c.LMTP {
		e &^= PRDR
	}
	if !c.knowsPasswords() && !c.certifies() {
		e &^= Auth
	}
	return e
}

// knowsPasswords reports whether anybody may log in with one.
func (c *Config) knowsPasswords() bool { return len(c.Accounts) > 0 || c.AuthAny }

// certifies reports whether clients can show who they are by a certificate.
func (c *Config) certifies() bool { return c.TLS != nil && c.TLS.ClientCAs != nil }

// A standing is what a session's connection gives its client a right to.
type standing uint8

const (
	secure    standing = 1 << iota // TLS protects it
	certified                      // and the client has shown a certificate that holds
	private                        // passwords may go over it in clear
	trusted                        // the client may say whom it speaks for
	numStandings
)

// hidden returns the extensions that are not offered at a standing.
func (st standing) hidden() (e Extension) {
	if st&secure != 0 {
		e |= StartTLS // RFC 3207 section 4.2
	}
	if st&trusted == 0 {
		e |= XCLIENT | XFORWARD
	}
	return e
}

// greetings returns the replies to EHLO and LHLO (RFC 5321 section 4.1.1.1), one for each
// standing.
func greetings(c *Config) (replies [numStandings]reply) {
	for st := range replies {
		lines := append([]string{c.Hostname}, keywords(c, standing(st))...)
		replies[st] = c.reply(250, 0, strings.Join(lines, "\n"))
	}
	return replies
}

// keywords returns the lines of the reply to EHLO below the first.
func keywords(c *Config, st standing) (lines []string) {
	offered := c.offers() &^ st.hidden()
	for i, name := range extensionNames {
		e := Extension(1) << i
		if offered&e == 0 {
			continue
		}
		params, empty := extensionParams(c, e, st)
		if empty {
			continue
		}
		lines = append(lines, strings.TrimSpace(name+" "+params))
	}
	return lines
}

// extensionParams returns what stands behind a keyword; empty: what has to stand there
// is missing, and the keyword goes too.
func extensionParams(c *Config, e Extension, st standing) (params string, empty bool) {
	switch e {
	case Size:
		return strconv.FormatInt(offeredSize(c.MaxSize), 10), false
	case Limits:
		params = c.limits()
		return params, params == ""
	case Auth:
		params = strings.Join(offeredMechanisms(c, st), " ")
		return params, params == ""
	case XCLIENT:
		return "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT", false
	case XFORWARD:
		return "NAME ADDR PORT PROTO HELO IDENT SOURCE", false
	}
	return "", false
}

// offeredSize is the SIZE limit to offer: 0 stands for none (RFC 1870 section 3).
func offeredSize(size int64) int64 {
	if size == math.MaxInt64 {
		return 0
	}
	return size
}

// limits are the parameters of LIMITS (RFC 9422 section 4).
func (c *Config) limits() string {
	var words []string
	if c.MaxTransactions > 0 {
		words = append(words, "MAILMAX="+strconv.Itoa(c.MaxTransactions))
	}
	if c.MaxRecipients < math.MaxInt {
		words = append(words, "RCPTMAX="+strconv.Itoa(c.MaxRecipients))
	}
	if c.MaxRecipientDomains > 0 {
		words = append(words, "RCPTDOMAINMAX="+strconv.Itoa(c.MaxRecipientDomains))
	}
	return strings.Join(words, " ")
}
