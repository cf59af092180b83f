package message

import (
	"strconv"
	"strings"
)

// placeholder is what a pattern holds where a number goes.
const placeholder = "{n}"

// A pattern is a text with gaps for a number: one between each two pieces.
type pattern []string

func parsePattern(s string) pattern { return strings.Split(s, placeholder) }

// append appends the text with n in its gaps.
func (p pattern) append(dst []byte, n int64) []byte {
	dst = append(dst, p[0]...)
	for _, piece := range p[1:] {
		dst = strconv.AppendInt(dst, n, 10)
		dst = append(dst, piece...)
	}
	return dst
}

// length is the length of what append appends.
func (p pattern) length(n int64) int {
	sum := (len(p) - 1) * digits(n)
	for _, piece := range p {
		sum += len(piece)
	}
	return sum
}

// digits is the length of n >= 0 in decimal.
func digits(n int64) int {
	d := 1
	for ; n >= 10; n /= 10 {
		d++
	}
	return d
}
