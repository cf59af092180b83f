package session

import (
	"strconv"
	"strings"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A Word is a command that a session says although nothing asks for it, as old clients did and curious ones do:
// NOOP, RSET, HELP, VRFY or EXPN (RFC 5321 section 4.1.1). Its reply is counted and timed, and decides nothing.
type Word struct {
	Step timing.Step // of the command: NOOP, RSET, Help, VRFY or EXPN
	// Argument may hold {n}, for the number of the message. Where VRFY and EXPN have none, they ask for the
	// message's first forward-path.
	Argument string
}

// Words are said before each command of a step: Mail, Rcpt, Data, which stands for the first BDAT too, or Quit.
type Words [timing.NumSteps][]Word

func (w *Words) before(step timing.Step) bool { return len(w[step]) > 0 }

// verbs are the commands of the steps that a Word can be.
var verbs = [timing.NumSteps]string{
	timing.NOOP: "NOOP", timing.RSET: "RSET", timing.Help: "HELP", timing.VRFY: "VRFY", timing.EXPN: "EXPN",
}

// A sayer goes on with a session.
type sayer func(s *Session, now timing.Instant, scratch []byte) *transport.Action

// sayWord says the next word before a step, and the step after the last one.
func (s *Session) sayWord(now timing.Instant, scratch []byte, before timing.Step, then sayer) *transport.Action {
	w := &s.config.Before[before][s.word]
	s.word++
	s.before, s.then = before, then
	line := append(scratch, verbs[w.Step]...)
	return s.say(now, w.Step, append(s.appendArgument(line, w), "\r\n"...))
}

// appendArgument appends what a word asks for. QUIT belongs to no message, and has the session's number.
func (s *Session) appendArgument(dst []byte, w *Word) []byte {
	n := s.which.Number
	if s.mail != nil {
		n = s.mail.Slot()
	}
	switch asks := w.Step == timing.VRFY || w.Step == timing.EXPN; {
	case w.Argument != "":
		text := append(dst, ' ')
		for i, piece := range strings.Split(w.Argument, "{n}") {
			if i > 0 {
				text = strconv.AppendInt(text, n, 10)
			}
			text = append(text, piece...)
		}
		return text
	case asks && s.mail != nil:
		return s.mail.AppendForwardPath(append(dst, ' '), 0)
	case asks:
		return append(dst, " postmaster"...)
	}
	return dst
}

// wordReply goes on, whatever the server has said to the word.
func (s *Session) wordReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() == smtp.PositiveIntermediate {
		return s.unexpected(e, r)
	}
	then := s.then
	if s.word < len(s.config.Before[s.before]) {
		return s.sayWord(e.Now, e.Scratch, s.before, then)
	}
	s.word, s.then = 0, nil
	return then(s, e.Now, e.Scratch)
}
