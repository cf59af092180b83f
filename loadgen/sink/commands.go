package sink

import (
	"bytes"
	"slices"
	"strings"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A commandRow says when a command is allowed, and what it does.
type commandRow struct {
	step  timing.Step
	do    func(*session, *turn, smtp.Line) // nil: 502
	stage [numStages]canned                // what is said instead at a stage; 0: the command is allowed
	bare  bool                             // takes no argument
	help  string                           // the argument, for HELP
}

// sequences of RFC 5321 section 4.1.4: at which stage a command is out of place.
var (
	always     = [numStages]canned{turnedAway: sayNoService}
	noMail     = [numStages]canned{sayNoClient, 0, sayNested, sayNested, sayNoService}
	noRcpt     = [numStages]canned{sayNoClient, sayNoMail, 0, 0, sayNoService}
	noData     = [numStages]canned{sayNoClient, sayNoMail, sayNoRecipients, 0, sayNoService}
	toTheLast  = [numStages]canned{}
	notOffered = commandRow{stage: always}
)

// verbs is the command set.
var verbs = [smtp.NumVerbs]commandRow{
	smtp.VerbEHLO: {timing.EHLO, (*session).ehlo, always, false, "domain"},
	smtp.VerbHELO: {timing.HELO, (*session).helo, always, false, "domain"},
	smtp.VerbMAIL: {timing.Mail, (*session).mail, noMail, false, "FROM:<reverse-path> [parameters]"},
	smtp.VerbRCPT: {timing.Rcpt, (*session).rcpt, noRcpt, false, "TO:<forward-path> [parameters]"},
	smtp.VerbDATA: {timing.Data, (*session).data, noData, true, ""},
	smtp.VerbRSET: {timing.RSET, (*session).rset, always, true, ""},
	smtp.VerbNOOP: {timing.NOOP, (*session).noop, always, false, "[anything]"},
	smtp.VerbVRFY: {timing.VRFY, (*session).vrfy, always, false, "user"},
	smtp.VerbEXPN: {timing.EXPN, (*session).expn, always, false, "list"},
	smtp.VerbHELP: {timing.Help, (*session).helpOn, always, false, "[command]"},
	smtp.VerbQUIT: {timing.Quit, (*session).quit, toTheLast, true, ""},
	// Obsolete, and not to be implemented (RFC 5321 appendix F.6, section 4.1.4).
	smtp.VerbSEND: notOffered,
	smtp.VerbSOML: notOffered,
	smtp.VerbSAML: notOffered,
	smtp.VerbTURN: notOffered,
	// Of extensions that are not offered.
	smtp.VerbBDAT:     notOffered,
	smtp.VerbBURL:     notOffered,
	smtp.VerbSTARTTLS: notOffered,
	smtp.VerbAUTH:     notOffered,
	smtp.VerbETRN:     notOffered,
	smtp.VerbATRN:     notOffered,
	smtp.VerbXCLIENT:  notOffered,
	smtp.VerbXFORWARD: notOffered,
}

// command takes one command line.
func (s *session) command(t *turn) bool {
	rest := t.rest()
	line, n, bareLF := smtp.CutLine(rest, s.sink.config.LenientLines)
	if n > s.sink.config.MaxLine || n == 0 && len(rest) >= s.sink.config.MaxLine {
		return s.tooLong(t, n)
	}
	if n == 0 {
		return false
	}
	l := smtp.ParseLine(line)
	c := &verbs[l.Verb]
	refusal := s.refusal(l, c, line)
	var r *rule
	if refusal == 0 && c.do != nil {
		var later bool
		if r, later = s.behave(t, c.step); later {
			return false
		}
	}
	t.used += n
	s.loop.commands[l.Verb]++
	if bareLF || refusal == sayStrayOctets && bytes.IndexByte(line, '\n') >= 0 {
		s.loop.BareLF++
	}
	switch {
	case refusal != 0:
		s.say(t, refusal)
	case r != nil:
		s.doAs(t, r, c, l)
	default:
		c.do(s, t, l)
	}
	return s.phase == commands
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
	case c.stage[s.stage] != 0:
		return c.stage[s.stage]
	case len(l.Name) == 0:
		return sayEmpty
	case c.step == 0 && (l.Verb == smtp.VerbUnknown || l.Verb == smtp.VerbLHLO):
		return sayUnknown
	case c.do == nil:
		return sayNotImplemented
	case c.bare && len(l.Arg) > 0:
		return sayNoArguments
	}
	return 0
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

// tooLong answers a command line over the limit with one 500, and gets past it. n
// is its length where its end has arrived.
func (s *session) tooLong(t *turn, n int) bool {
	s.loop.LongCommands++
	s.say(t, sayLineTooLong)
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

func (s *session) ehlo(t *turn, l smtp.Line) { s.hello(t, l, sayEHLO) }
func (s *session) helo(t *turn, l smtp.Line) { s.hello(t, l, sayHELO) }

// hello ends a mail transaction, as RSET does (RFC 5321 section 4.1.4). A refused
// EHLO leaves everything as it was.
func (s *session) hello(t *turn, l smtp.Line, c canned) {
	if len(l.Arg) == 0 {
		s.say(t, sayArguments)
		return
	}
	if _, rest, err := smtp.ParseDomain(l.Arg, true); err != nil || len(rest) > 0 {
		s.say(t, saySyntax)
		return
	}
	if s.sink.config.Store != nil && s.client != string(l.Arg) {
		s.client = string(l.Arg)
	}
	s.dropTransaction()
	s.stage, s.esmtp = greeted, l.Verb == smtp.VerbEHLO
	s.say(t, c)
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

// vrfy says what is known of a user (RFC 5321 section 3.5).
func (s *session) vrfy(t *turn, l smtp.Line) {
	s.lookUp(t, l, sayCannotVerify, sayNoUser)
}

// expn knows no list: a user is a list of one.
func (s *session) expn(t *turn, l smtp.Line) {
	s.lookUp(t, l, sayCannotExpand, sayNoList)
}

func (s *session) lookUp(t *turn, l smtp.Line, cannot, none canned) {
	d := &s.sink.directory
	switch {
	case len(l.Arg) == 0:
		s.say(t, sayArguments)
	case len(d.boxes) == 0:
		s.say(t, cannot)
	default:
		box := d.verify(l.Arg)
		if box == nil {
			s.say(t, none)
			return
		}
		r := box.answer
		if r.code == 250 {
			r = makeReply(250, enhanced("2.1.5"), "<"+box.address+">")
		}
		s.sayReply(t, &r)
	}
}

func (s *session) helpOn(t *turn, l smtp.Line) {
	if len(l.Arg) == 0 {
		s.say(t, sayHelp)
		return
	}
	r, known := s.sink.help[strings.ToUpper(string(l.Arg))]
	if !known {
		s.say(t, sayNoTopic)
		return
	}
	s.sayReply(t, &r)
}

// helpText lists the commands.
func helpText() string {
	var names []string
	for v, c := range verbs {
		if c.do != nil {
			names = append(names, smtp.Verb(v).String())
		}
	}
	slices.Sort(names)
	return "Commands: " + strings.Join(names, " ") + "\nRFC 5321; HELP command for its syntax"
}

// helpReplies answers HELP with an argument, by verb.
func helpReplies() map[string]reply {
	replies := map[string]reply{}
	for v, c := range verbs {
		if c.do != nil {
			name := smtp.Verb(v).String()
			replies[name] = makeReply(214, enhanced("2.0.0"), strings.TrimSpace(name+" "+c.help))
		}
	}
	return replies
}
