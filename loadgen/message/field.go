package message

import (
	"fmt"
	"strconv"
	"strings"
)

// A fieldRow is a field's name, and what reads the text behind its colon.
type fieldRow struct {
	name string
	make func(p *part, arg string) error
}

// fieldRows are the fields of patterns.
var fieldRows = []fieldRow{
	{"n", func(p *part, arg string) error { p.kind = number; return noArgument(arg) }},
	{"uuid", func(p *part, arg string) error { p.kind = uuid; return noArgument(arg) }},
	{"worker", func(p *part, arg string) error { p.kind = workerNumber; return noArgument(arg) }},
	{"class", func(p *part, arg string) error { p.kind = className; return noArgument(arg) }},
	{"domain", func(p *part, arg string) error { p.kind = domain; return noArgument(arg) }},
	{"from", func(p *part, arg string) error { p.kind = reversePath; return noArgument(arg) }},
	{"rcpt", func(p *part, arg string) error { p.kind = forwardPath; return noArgument(arg) }},
	{"time", (*part).parseTime},
	{"rand", (*part).parseRand},
}

// The fields that can stand in a place. Addresses follow from numbers alone.
var (
	addressFields = []string{"n", "uuid", "class", "domain", "rand"}
	contentFields = []string{"n", "uuid", "class", "domain", "rand", "worker", "time", "from", "rcpt"}
)

func noArgument(arg string) error {
	if arg != "" {
		return fmt.Errorf("takes nothing behind a colon")
	}
	return nil
}

func (p *part) parseTime(arg string) error {
	switch arg {
	case "":
		p.kind = rfc3339
	case "unix":
		p.kind = unixTime
	default:
		return fmt.Errorf("is {time}, as in RFC 3339, or {time:unix}, in seconds")
	}
	return nil
}

// maxLetters bounds {rand:N}: a local part has 64 octets, a line 998.
const maxLetters = 500

func (p *part) parseRand(arg string) error {
	if arg == "" {
		arg = "8"
	}
	low, high, ranged := strings.Cut(arg, "..")
	if !ranged {
		n, err := strconv.Atoi(arg)
		if err != nil || n < 1 || n > maxLetters {
			return fmt.Errorf("is {rand:N} with 1 to %d letters and digits, or {rand:A..B} with a number of that range", maxLetters)
		}
		p.kind, p.span = letters, uint64(n)
		return nil
	}
	p.kind = drawnNumber
	return p.parseRange(low, high)
}

func (p *part) parseRange(low, high string) error {
	from, err := strconv.ParseUint(low, 10, 63)
	to, also := strconv.ParseUint(high, 10, 63)
	if err != nil || also != nil || to < from {
		return fmt.Errorf("is no range; write the smaller number first, such as 1..100")
	}
	p.low, p.span = from, to-from+1
	return nil
}
