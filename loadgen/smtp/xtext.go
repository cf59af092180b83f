package smtp

// AppendXtext encodes text as xtext (RFC 3461 section 4): what is not a printing
// character of ASCII, and "+" and "=", becomes "+" and two hexadecimal digits in
// upper case.
func AppendXtext(dst, text []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range text {
		if c < '!' || c > '~' || c == '+' || c == '=' {
			dst = append(dst, '+', digits[c>>4], digits[c&15])
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// ParseXtext decodes xtext (RFC 3461 section 4), in which "+" and two hexadecimal digits
// stand for an octet. Digits are taken in both cases. The error is ErrXtext.
func ParseXtext(in []byte) ([]byte, error) {
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); i++ {
		c := in[i]
		switch {
		case c < '!' || c > '~' || c == '=':
			return nil, ErrXtext
		case c == '+':
			if len(in)-i < 3 {
				return nil, ErrXtext
			}
			high, low := hexDigit(in[i+1]), hexDigit(in[i+2])
			if high < 0 || low < 0 {
				return nil, ErrXtext
			}
			c = byte(high<<4 | low)
			i += 2
		}
		out = append(out, c)
	}
	return out, nil
}

// hexDigit returns the value of a digit, or -1.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c - 'A' + 10)
	case 'a' <= c && c <= 'f':
		return int(c - 'a' + 10)
	}
	return -1
}
