package profiles

import (
	"fmt"
	"slices"
	"strings"

	"mailmill/loadgen/timing"
)

// A Word is a command that sessions say before a step although nothing asks for it.
type Word struct {
	Before timing.Step // Mail, Rcpt, Data or Quit
	Step   timing.Step // of the command: NOOP, RSET, Help, VRFY or EXPN
	// Argument is what the command asks for; "" is nothing, or the command's own choice.
	Argument string
}

// The steps before which a word may stand, and the words. RSET would end a mail
// transaction that is under way.
var (
	wordPlaces = []timing.Step{timing.Mail, timing.Rcpt, timing.Data, timing.Quit}
	words      = []timing.Step{timing.NOOP, timing.RSET, timing.Help, timing.VRFY, timing.EXPN}
)

// ParseWord reads STEP:WORD, such as "mail:noop" or "quit:vrfy user@example.com".
func ParseWord(s string) (Word, error) {
	place, command, found := strings.Cut(s, ":")
	if !found {
		return Word{}, fmt.Errorf("not STEP:WORD; write mail:noop")
	}
	before, err := oneStep(place, "step that a word can stand before", wordPlaces)
	if err != nil {
		return Word{}, err
	}
	name, argument, _ := strings.Cut(strings.TrimSpace(command), " ")
	step, err := oneStep(name, "word", words)
	argument = strings.TrimSpace(argument)
	switch {
	case err != nil:
		return Word{}, err
	case step == timing.RSET && before != timing.Mail && before != timing.Quit:
		return Word{}, fmt.Errorf("RSET before %s would end the mail transaction; it can stand before mail and quit", before)
	case step == timing.RSET && argument != "":
		return Word{}, fmt.Errorf("RSET asks for nothing; leave out %q", argument)
	case strings.ContainsFunc(argument, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return Word{}, fmt.Errorf("a control character in %q", argument)
	case strings.Contains(argument, ";"):
		return Word{}, fmt.Errorf("a semicolon in %q, which would begin another word", argument)
	case len(argument) > maxArgument:
		return Word{}, fmt.Errorf("%d octets behind %s; a command line has room for %d", len(argument), name, maxArgument)
	}
	return Word{before, step, argument}, nil
}

// maxArgument is what a command line of 512 octets (RFC 5321 section 4.5.3.1.4) has left behind the verb, with
// room for a number.
const maxArgument = 480

func oneStep(name, what string, of []timing.Step) (timing.Step, error) {
	step, ok := timing.ParseStep(strings.ToLower(name))
	if ok && slices.Contains(of, step) {
		return step, nil
	}
	var names []string
	for _, s := range of {
		names = append(names, s.String())
	}
	return 0, fmt.Errorf("%q is no %s%s; there are %s", name, what, didYouMean(name, names), strings.Join(names, " "))
}

// String returns the word as ParseWord reads it.
func (w Word) String() string {
	return strings.TrimSpace(w.Before.String() + ":" + w.Step.String() + " " + w.Argument)
}
