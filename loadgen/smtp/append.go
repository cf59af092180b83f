package smtp

import "strconv"

// Command lines without arguments, and the end of mail data (RFC 5321 section
// 4.1.1). EndOfData follows a content that ended with CRLF, or was empty.
const (
	LineDATA     = "DATA\r\n"
	LineRSET     = "RSET\r\n"
	LineNOOP     = "NOOP\r\n"
	LineQUIT     = "QUIT\r\n"
	LineSTARTTLS = "STARTTLS\r\n"
	EndOfData    = ".\r\n"
)

// AppendEHLO appends an EHLO command; name is a domain or an address literal.
func AppendEHLO(dst []byte, name string) []byte { return appendLine(dst, "EHLO ", name) }

// AppendHELO appends a HELO command.
func AppendHELO(dst []byte, name string) []byte { return appendLine(dst, "HELO ", name) }

// AppendLHLO appends an LHLO command (RFC 2033 section 4.1).
func AppendLHLO(dst []byte, name string) []byte { return appendLine(dst, "LHLO ", name) }

func appendLine(dst []byte, verb, arg string) []byte {
	dst = append(dst, verb...)
	dst = append(dst, arg...)
	return append(dst, '\r', '\n')
}

// AppendMail appends a MAIL command. reversePath is without angle brackets, and
// empty for the null path; params, such as "SIZE=1000 BODY=8BITMIME", may be
// empty.
func AppendMail(dst, reversePath []byte, params string) []byte {
	return appendPath(dst, "MAIL FROM:<", reversePath, params)
}

// AppendRcpt appends a RCPT command. forwardPath is without angle brackets.
func AppendRcpt(dst, forwardPath []byte, params string) []byte {
	return appendPath(dst, "RCPT TO:<", forwardPath, params)
}

func appendPath(dst []byte, verb string, path []byte, params string) []byte {
	dst = append(dst, verb...)
	dst = append(dst, path...)
	dst = append(dst, '>')
	if params != "" {
		dst = append(dst, ' ')
		dst = append(dst, params...)
	}
	return append(dst, '\r', '\n')
}

// AppendBDAT appends the command line of a chunk of size octets (RFC 3030
// section 2).
func AppendBDAT(dst []byte, size int, last bool) []byte {
	dst = append(dst, "BDAT "...)
	dst = strconv.AppendInt(dst, int64(size), 10)
	if last {
		dst = append(dst, " LAST"...)
	}
	return append(dst, '\r', '\n')
}
