package sink

import (
	"strings"

	"mailmill/loadgen/smtp"
)

// countRefusal counts a command whose reply was 4yz or 5yz, and writes down whom it was
// about, if it was of an envelope.
func (s *session) countRefusal(t *turn, l smtp.Line) {
	s.loop.CommandsRefused++
	switch l.Verb {
	case smtp.VerbRCPT:
		s.loop.RecipientsRefused++
		if s.sink.log != nil {
			s.logPath("rcpt", "to", refusedPath(l.Arg, smtp.ParseRcptArg), t.last)
		}
	case smtp.VerbMAIL:
		if s.sink.log != nil {
			s.logPath("mail", "from", refusedPath(l.Arg, smtp.ParseMailArg), t.last)
		}
	}
}

// refusedPath is the address in an argument, or all of it where it makes no sense.
func refusedPath(arg []byte, parse func([]byte, bool) (smtp.Path, []byte, error)) string {
	p, _, err := parse(arg, true)
	if err != nil {
		return string(arg)
	}
	return strings.TrimSuffix(string(appendPath(nil, p)), "\n")
}
