package sink

import (
	"bytes"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/transport"
)

// command takes one command line.
func (s *session) command(t *turn) bool {
	rest := t.rest()
	line, n, bareLF := smtp.CutLine(rest, s.sink.config.LenientLines)
	if n > s.sink.config.MaxLine || n == 0 && len(rest) >= s.sink.config.MaxLine {
		if c := s.overlong(rest, n); c != 0 {
			return s.tooLong(t, n, c)
		}
	}
	if n == 0 {
		if s.sink.hasty && !s.hurried {
			s.hurry(t, rest)
		}
		return false
	}
	if s.spoken != nil {
		s.complete(t, n, line)
		return s.phase == commands
	}
	if s.sink.config.Tarpit > 0 && s.sticks(t) {
		return false
	}
	l := smtp.ParseLine(line)
	c := &s.sink.commands[l.Verb]
	refusal := s.refusal(l, c, line)
	rules, r, later := s.meet(t, l, c, refusal)
	if later {
		return false
	}
	t.used += n
	s.hurried = false
	s.loop.commands[l.Verb]++
	if bareLF || refusal == sayStrayOctets && bytes.IndexByte(line, '\n') >= 0 {
		s.loop.BareLF++
	}
	mark := len(t.out)
	t.last, t.address = 0, nil
	switch {
	case refusal != 0:
		s.say(t, refusal)
	case r != nil:
		s.doAs(t, r, c, l)
	default:
		c.do(s, t, l)
	}
	if t.last >= 400 {
		s.countRefusal(t, l)
	}
	if len(rules) > 0 {
		s.spoil(t, mark)
	}
	return s.phase == commands || s.phase == chunk
}

// meet returns the rules for a command, and of them the one that it meets; later tells that it has to wait.
func (s *session) meet(t *turn, l smtp.Line, c *commandRow, refusal canned) (rules []rule, r *rule, later bool) {
	rules = s.sink.rules[c.step]
	if s.sink.scripts != nil {
		rules = s.rulesOf(c.step, l.Arg)
	}
	if len(rules) == 0 || refusal != 0 || c.do == nil || l.Verb == smtp.VerbBDAT { // the octets of a chunk come first
		return rules, nil, false
	}
	if s.sink.patterned {
		t.address = addressIn(l.Verb, l.Arg)
	}
	r, later = s.behave(t, rules)
	return rules, r, later
}

// hurry answers a command whose verb has come and whose end has not, if so told.
func (s *session) hurry(t *turn, in []byte) {
	i := bytes.IndexByte(in, ' ')
	if i <= 0 {
		return
	}
	l := smtp.ParseLine(in[:i+1])
	c := &s.sink.commands[l.Verb]
	if s.hurried = true; c.do == nil || s.refusal(l, c, nil) != 0 {
		return
	}
	rules := s.sink.rules[c.step]
	for i := range rules {
		if r := &rules[i]; r.early && s.spoken == nil && s.drawn(t, r) {
			s.spoken = r
			s.loop.Behaved++
			s.sayReply(t, &r.reply)
		}
	}
}

// complete takes the end of a command that was answered before it. It is carried out without
// another word, if the answer was that it would be.
func (s *session) complete(t *turn, n int, line []byte) {
	l, r := smtp.ParseLine(line), s.spoken
	t.used += n
	s.hurried, s.spoken = false, nil
	s.loop.commands[l.Verb]++
	if !r.succeeds {
		return
	}
	mark := len(t.out)
	s.sink.commands[l.Verb].do(s, t, l)
	s.loop.said(t.last, -1)
	t.out = t.out[:mark]
}

// refusal returns what to say to a command that is not to be carried out; 0: it is.
func (s *session) refusal(l smtp.Line, c *commandRow, line []byte) canned {
	switch {
	case bytes.IndexByte(line, '\n') >= 0 || bytes.IndexByte(line, '\r') >= 0 || bytes.IndexByte(line, 0) >= 0:
		return sayStrayOctets
	case s.sink.closing.Load():
		return sayShutdown
	case l.Verb == smtp.VerbHTTP:
		return sayHTTP
	case c.gates&s.gates != 0:
		return s.barred(c.gates)
	case c.stage[s.stage] != 0:
		return c.stage[s.stage]
	case len(l.Name) == 0:
		return sayEmpty
	case c.do == nil && s.sink.config.foreign(l.Verb):
		return sayUnknown
	case c.do == nil:
		return sayNotImplemented
	case c.bare && len(l.Arg) > 0:
		return sayNoArguments
	}
	return 0
}

// barred returns what to say to a command behind gates that are closed.
func (s *session) barred(g gates) canned {
	if g&s.gates&tlsGate != 0 {
		return sayNeedsTLS
	}
	return sayNeedsAuth
}

// doAs carries out a behaviour drawn for a command.
func (s *session) doAs(t *turn, r *rule, c *commandRow, l smtp.Line) {
	s.loop.Behaved++
	if r.deed == Answer && r.succeeds {
		mark, code := len(t.out), t.last
		c.do(s, t, l)
		if t.last.Severity() == r.reply.code.Severity() {
			s.loop.said(t.last, -1)
			t.out, t.last = t.out[:mark], code
			s.sayReply(t, &r.reply)
		}
		return
	}
	s.misbehave(t, r)
}

// overlong returns what to say to a command line that is over the usual limit; 0: it is
// one of AUTH, which may be. n is its length where its end has arrived.
func (s *session) overlong(in []byte, n int) canned {
	switch {
	case !isAuth(in):
		return sayLineTooLong
	case n > smtp.MaxAuthLine || n == 0 && len(in) >= max(s.sink.config.MaxLine, smtp.MaxAuthLine):
		return sayAuthTooLong
	}
	return 0
}

// tooLong answers a command line over the limit with one 500, and gets past it. n
// is its length where its end has arrived.
func (s *session) tooLong(t *turn, n int, c canned) bool {
	s.loop.LongCommands++
	s.loop.CommandsRefused++
	s.say(t, c)
	if n > 0 {
		t.used += n
		return s.phase == commands
	}
	if s.phase == commands {
		s.phase = skipping
	}
	return true
}

// skip passes the rest of a line. A CR at the end of what has come is kept: it may be
// half of the line's end.
func (s *session) skip(t *turn) bool {
	rest := t.rest()
	if _, n, _ := smtp.CutLine(rest, s.sink.config.LenientLines); n > 0 {
		t.used += n
		s.phase = commands
		return true
	}
	t.used += len(bytes.TrimSuffix(rest, []byte{'\r'}))
	return false
}

// swallow takes everything and says nothing.
func (s *session) swallow(t *turn) bool {
	t.used = len(t.in)
	return false
}

func (s *session) ehlo(t *turn, l smtp.Line) { s.hello(t, l, &s.sink.greetings[s.standing]) }
func (s *session) helo(t *turn, l smtp.Line) { s.hello(t, l, &s.sink.canned[sayHELO]) }

// hello ends a mail transaction, as RSET does (RFC 5321 section 4.1.4). A refused
// EHLO leaves everything as it was.
func (s *session) hello(t *turn, l smtp.Line, r *reply) {
	if len(l.Arg) == 0 {
		s.say(t, sayArguments)
		return
	}
	if _, rest, err := smtp.ParseDomain(l.Arg, true); err != nil || len(rest) > 0 {
		s.say(t, saySyntax)
		return
	}
	if s.sink.envelopes && s.identity().helo != string(l.Arg) {
		s.who.helo = string(l.Arg)
	}
	s.dropTransaction()
	s.stage, s.esmtp = greeted, l.Verb != smtp.VerbHELO
	s.sayReply(t, r)
}

func (s *session) rset(t *turn, _ smtp.Line) {
	s.dropTransaction()
	s.say(t, sayReset)
}

func (s *session) noop(t *turn, _ smtp.Line) { s.say(t, sayNoop) }

func (s *session) quit(t *turn, _ smtp.Line) {
	s.say(t, sayQuit)
	// With nothing more from the client, close(2) sends FIN, and no reset can overtake 221.
	how := transport.Now
	if len(t.rest()) > 0 {
		how = transport.Polite
	}
	s.leave(how)
}
