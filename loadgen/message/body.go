package message

import "math/rand/v2"

// Different bodies keep filters from meeting one text again and again. They are
// made before the run and stay in memory, so there are fewer of large ones.
const (
	maxBodies      = 16
	maxBodiesTotal = 4 << 20 // octets
)

// synthesize makes bodies of size octets each, in lines of at most 78 octets
// (RFC 5322 section 2.1.1). No line begins with a dot, so they are their own wire
// form.
func synthesize(seed uint64, size int) [][]byte {
	bodies := make([][]byte, min(maxBodies, max(1, maxBodiesTotal/max(1, size))))
	p := newProse(rand.New(rand.NewPCG(seed, 0)))
	for i := range bodies {
		bodies[i] = appendText(make([]byte, 0, size+len(".\r\n")), size, p)
	}
	return bodies
}

// wrapAt is where lines are wrapped: short of 78, to leave room for the octet that
// the last line but one may need.
const wrapAt = 76

// appendText appends lines of prose that are size octets long, line ends included.
func appendText(dst []byte, size int, p *prose) []byte {
	line := make([]byte, 0, wrapAt+1)
	p.begin()
	for left := size; left > 0; left -= len(line) + len("\r\n") {
		line = p.appendLine(line[:0])
		switch room := left - len("\r\n"); {
		case len(line) >= room:
			line = cut(line, room)
		case len(line) == room-1: // the octet that would be left cannot hold a line end
			line = append(line, '.')
		}
		dst = append(append(dst, line...), "\r\n"...)
	}
	return dst
}

// cut shortens the last line of a body, which ends a sentence if there is room for
// one.
func cut(line []byte, length int) []byte {
	line = line[:length]
	if length > 1 {
		line[length-1] = '.'
	}
	return line
}
