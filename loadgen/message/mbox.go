package message

import (
	"bytes"
	"iter"
)

// mboxLine begins the line before each message of an mbox (RFC 4155).
const mboxLine = "From "

// eachLetter returns the messages of an mbox: what stands between its "From " lines,
// those at the top, and behind an empty line with a time in them, without the empty line
// before the next one. Where ">From " or ">>From " begins a line, one ">" is taken away: it
// was put there so that the line would not look like one of the mbox's own.
func eachLetter(mbox []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		rest := mbox[nextLine(mbox):]
		for {
			end, next := nextLetter(rest)
			if !yield(unquoteFrom(rest[:end])) || next == len(rest) {
				return
			}
			rest = rest[next:]
		}
	}
}

// nextLetter returns where the first message ends, and where the one after it begins.
func nextLetter(text []byte) (end, next int) {
	empty := true // the line before
	for at := 0; at < len(text); {
		line := nextLine(text[at:])
		if empty && bytes.HasPrefix(text[at:], []byte(mboxLine)) && holdsTime(text[at:at+line]) {
			return withoutEmptyLine(text, at), at + line
		}
		empty = len(bytes.TrimRight(text[at:at+line], "\r\n")) == 0
		at += line
	}
	return len(text), len(text)
}

// holdsTime tells whether a line has hours and minutes, such as 20:48. A sentence that
// begins with "From" has none, as a rule.
func holdsTime(line []byte) bool {
	for i := 2; i+2 < len(line); i++ {
		if line[i] == ':' && isDigit(line[i-2]) && isDigit(line[i-1]) && isDigit(line[i+1]) && isDigit(line[i+2]) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// withoutEmptyLine is where the empty line begins that ends at an index, or the index.
func withoutEmptyLine(text []byte, at int) int {
	before := bytes.TrimSuffix(text[:at], []byte("\n"))
	return len(bytes.TrimSuffix(before, []byte("\r")))
}

// unquoteFrom takes one ">" from each line that begins with some, and "From " behind them.
func unquoteFrom(text []byte) []byte {
	if !bytes.Contains(text, []byte(">"+mboxLine)) {
		return text
	}
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		line := text[:nextLine(text)]
		text = text[len(line):]
		if line[0] == '>' && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte(mboxLine)) {
			line = line[1:]
		}
		out = append(out, line...)
	}
	return out
}
