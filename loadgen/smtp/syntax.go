package smtp

import "strconv"

// A SyntaxError says what is wrong with a command's argument. Its values are
// constants, so that refusing hostile input costs no memory, and its text never
// repeats the input.
type SyntaxError uint8

// The syntax errors of paths, domains, parameters, chunk sizes, responses and xtext.
const (
	_                SyntaxError = iota
	ErrNoBracket                 // a path that does not begin with "<"
	ErrNotClosed                 // a path without ">" where it should end
	ErrNullPath                  // "<>" where a recipient is due
	ErrSourceRoute               // "@a,@b:" with bad syntax
	ErrNoLocalPart               // nothing before the "@"
	ErrLocalPart                 // an octet that cannot stand in a local-part
	ErrDot                       // a dot at an end of the local-part, or two together
	ErrQuoted                    // a quoted local-part with a control octet, or without its end
	ErrNoDomain                  // a local-part without "@" and domain
	ErrDomain                    // a domain with an empty or badly made label
	ErrLiteral                   // an address literal that is no address
	ErrNonASCII                  // an octet above 127 where SMTPUTF8 was not asked for
	ErrUTF8                      // octets above 127 that are not UTF-8
	ErrLocalTooLong              // a local-part over 64 octets
	ErrDomainTooLong             // a domain over 255 octets
	ErrPathTooLong               // a path over 256 octets with its brackets
	ErrNoKeyword                 // an argument without "FROM:" or "TO:"
	ErrAfterPath                 // something other than a space behind the path
	ErrParam                     // a parameter that is not KEY or KEY=value
	ErrChunk                     // a BDAT argument that is not a size, or a size and LAST
	ErrChunkTooLarge             // a chunk size over MaxChunk
	ErrBase64                    // a response of an AUTH exchange that is not base64
	ErrXtext                     // a value that is not xtext
	numSyntaxErrors
)

var syntaxErrors = [numSyntaxErrors]string{
	ErrNoBracket:     "path does not begin with <",
	ErrNotClosed:     "path is not closed with >",
	ErrNullPath:      "null path where a recipient is due",
	ErrSourceRoute:   "bad source route",
	ErrNoLocalPart:   "no local-part",
	ErrLocalPart:     "octet that cannot stand in a local-part",
	ErrDot:           "misplaced dot in local-part",
	ErrQuoted:        "bad quoted local-part",
	ErrNoDomain:      "no @domain after the local-part",
	ErrDomain:        "bad domain",
	ErrLiteral:       "bad address literal",
	ErrNonASCII:      "non-ASCII address without SMTPUTF8",
	ErrUTF8:          "invalid UTF-8",
	ErrLocalTooLong:  "local-part over 64 octets",
	ErrDomainTooLong: "domain over 255 octets",
	ErrPathTooLong:   "path over 256 octets",
	ErrNoKeyword:     "no FROM: or TO:",
	ErrAfterPath:     "no space after the path",
	ErrParam:         "bad parameter",
	ErrChunk:         "bad chunk size",
	ErrChunkTooLarge: "chunk size too large",
	ErrBase64:        "not base64",
	ErrXtext:         "not xtext",
}

// Error returns the text, fit for a reply.
func (e SyntaxError) Error() string {
	if e > 0 && e < numSyntaxErrors {
		return syntaxErrors[e]
	}
	return "syntax error " + strconv.Itoa(int(e))
}
