package smtp

import (
	"bytes"
	"encoding/base64"
)

// MaxAuthLine is the longest line of an AUTH exchange, in octets with its CRLF
// (RFC 4954 section 4).
const MaxAuthLine = 12288

// ParseAuth reads the argument of AUTH, "mechanism [initial-response]" (RFC 4954
// section 4). initial is still encoded, and nil where there is none; DecodeInitial
// decodes it.
func ParseAuth(arg []byte) (mechanism, initial []byte) {
	for i, c := range arg {
		if octets[c]&blank != 0 {
			return arg[:i], trimBlanks(arg[i:])
		}
	}
	return arg, nil
}

// DecodeInitial decodes an initial response, for which "=" stands for an empty one
// (RFC 4954 section 4). The error is ErrBase64.
func DecodeInitial(initial []byte) ([]byte, error) {
	if len(initial) == 1 && initial[0] == '=' {
		return []byte{}, nil
	}
	return DecodeResponse(initial)
}

// DecodeResponse decodes a line of an AUTH exchange, without its CRLF. The result is
// never nil without an error, which is ErrBase64: nothing but base64 is taken, padded
// as RFC 4648 section 4 has it.
func DecodeResponse(line []byte) ([]byte, error) {
	if bytes.ContainsAny(line, "\r\n") { // which the decoder would pass over
		return nil, ErrBase64
	}
	decoded := make([]byte, base64.StdEncoding.DecodedLen(len(line)))
	n, err := base64.StdEncoding.Strict().Decode(decoded, line)
	if err != nil {
		return nil, ErrBase64
	}
	return decoded[:n], nil
}

// AppendChallenge appends the reply 334 with a challenge of the server (RFC 4954
// section 4), in one line whatever its length.
func AppendChallenge(dst, challenge []byte) []byte {
	dst = append(dst, "334 "...)
	dst = base64.StdEncoding.AppendEncode(dst, challenge)
	return append(dst, '\r', '\n')
}
