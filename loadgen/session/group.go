package session

import (
	"fmt"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A group is what of a group of commands (RFC 2920 section 3.1) is unanswered beside the step that is
// outstanding: RCPT commands, then DATA. The group was written at once, so all its steps begin with that
// write, and each ends with its own reply. The next group waits for the last of them: a client that went on
// writing without reading could come to a standstill with a server that does the same.
type group struct {
	rcpts int
	data  bool
}

// What a group may be: no larger than the scratch buffer in which it is made, with room for the longest
// command line (RFC 5321 section 4.5.3.1.4); and no more recipients than every server must take in a mail
// transaction (section 4.5.3.1.8), since some count the commands that wait for them.
const (
	groupOctets = 4096 - 512
	groupRcpts  = 100
)

func (g group) open() bool { return g.rcpts > 0 || g.data }

// join appends to the command that begins a group those that follow it: RCPT from forward-path i on, and DATA if
// there is room for all of them. A word that is to be said before a step ends the group there.
func (s *Session) join(line []byte, i int) []byte {
	words := s.config.Before
	for n := s.mail.NumRecipients(); i < n; i++ {
		if s.group.rcpts == groupRcpts || len(line) > groupOctets || words != nil && words.before(timing.Rcpt) {
			return line
		}
		line = s.appendRcpt(line, i)
		s.group.rcpts++
	}
	if s.config.Chunk > 0 || words != nil && words.before(timing.Data) {
		return line
	}
	s.group.data = true
	return append(line, smtp.LineDATA...)
}

// nextOfGroup makes the next command of the group the outstanding step. Its time-out counts from now: the
// server works through a group one command after the other.
func (s *Session) nextOfGroup(now timing.Instant) *transport.Action {
	switch {
	case s.group.rcpts == 0:
		s.step, s.group.data = timing.Data, false
	case s.step == timing.Rcpt:
		s.group.rcpts--
		s.rcpt++
	default:
		s.group.rcpts--
		s.step = timing.Rcpt
	}
	s.until = s.config.until(s.step, now)
	return s.act(transport.Wait)
}

// mootReply takes the reply to a RCPT that followed a refused MAIL.
func (s *Session) mootReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	switch {
	case r.Code.Severity() == smtp.PositiveIntermediate:
		return s.unexpected(e, r)
	case s.group.open():
		return s.nextOfGroup(e.Now)
	}
	return s.ready(e)
}

// sayNothing answers a server that asks for content although it has refused MAIL, or every recipient: an empty
// one, which cannot be delivered to anybody (RFC 2920 section 3.1).
func (s *Session) sayNothing(e *transport.Event) *transport.Action {
	return s.say(e.Now, timing.Accept, append(e.Scratch, smtp.EndOfData...))
}

// unanswered says which commands or recipients the end of a session leaves without a reply; "" where it is the
// outstanding step alone.
func (s *Session) unanswered(k timing.FaultKind) string {
	g := s.group
	switch {
	case k != timing.Timeout && k != timing.ClosedEarly && k != timing.Reset:
	case s.step == timing.Mail && g.open():
		return "MAIL is unanswered, and what followed it"
	case s.step == timing.Rcpt && g.open():
		return fmt.Sprintf("RCPT %d is unanswered, and what followed it", s.rcpt+1)
	case s.step == timing.BDAT && s.chunks.flight > 1:
		return fmt.Sprintf("%d chunks are unanswered", s.chunks.flight)
	case s.due > 0:
		return fmt.Sprintf("%d of %d recipients have no reply to the content", s.due, s.taken)
	}
	return ""
}

// abandon counts what was sent beside the outstanding step, and will have no reply.
func (s *Session) abandon() {
	shard, class := s.Loop.Shard, s.class
	for ; s.group.rcpts > 0; s.group.rcpts-- {
		shard.Sent(class, timing.Rcpt)
	}
	if s.group.data {
		s.group.data = false
		shard.Sent(class, timing.Data)
	}
	for ; s.step == timing.BDAT && s.chunks.flight > 1; s.chunks.flight-- {
		shard.Sent(class, timing.BDAT)
	}
	for further := s.due - 1; further > 0; further-- {
		shard.Sent(class, timing.Accept)
	}
}

// agree makes use of what both sides can, once the server's offer is known.
func (s *Session) agree() {
	s.pipelined = s.config.Pipeline && s.offer.has(pipelining)
	if s.config.Pipeline && !s.pipelined {
		s.Loop.Shard.Unpipelined(s.class)
	}
}
