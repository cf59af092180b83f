package session

import (
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A stepRow says what a step's reply answers and what follows from it.
type stepRow struct {
	command smtp.Command // the row of the reply-code dictionary
	next    func(s *Session, e *transport.Event, r *smtp.Reply) *transport.Action
}

// steps is the order of a session: the reply to each step decides the next one.
//
//	connect → greeting → ehlo (→ helo) → mail → rcpt … ─┬→ data → content → accept … ─┬→ (idle → noop …) → mail …
//	                                        │           └→ bdat … ────────────────────┤→ quit
//	                                        └─ refused ──────────── rset ─────────────┘
var steps [timing.NumSteps]stepRow

func init() {
	steps = [timing.NumSteps]stepRow{
		timing.Greeting: {smtp.CmdConnect, (*Session).greeted},
		timing.EHLO:     {smtp.CmdEHLO, (*Session).ehloReply},
		timing.HELO:     {smtp.CmdHELO, (*Session).heloReply},
		timing.Mail:     {smtp.CmdMAIL, (*Session).mailReply},
		timing.Rcpt:     {smtp.CmdRCPT, (*Session).rcptReply},
		timing.Data:     {smtp.CmdDATA, (*Session).dataReply},
		timing.Content:  {smtp.CmdDOT, (*Session).earlyReply},
		timing.Accept:   {smtp.CmdDOT, (*Session).acceptReply},
		timing.BDAT:     {smtp.CmdBDAT, (*Session).chunkReply},
		timing.RSET:     {smtp.CmdRSET, (*Session).rsetReply},
		timing.NOOP:     {smtp.CmdNOOP, (*Session).noopReply},
		timing.VRFY:     {smtp.CmdVRFY, (*Session).wordReply},
		timing.EXPN:     {smtp.CmdEXPN, (*Session).wordReply},
		timing.Help:     {smtp.CmdHELP, (*Session).wordReply},
		timing.Quit:     {smtp.CmdQUIT, (*Session).quitReply},
		timing.Idle:     {smtp.CmdConnect, (*Session).unasked},
	}
}

// dial tries the next address of the server.
func (s *Session) dial(now timing.Instant) *transport.Action {
	endpoints := s.server.Endpoints
	to := &endpoints[(s.which.Endpoint+s.tried)%len(endpoints)]
	s.tried++
	s.step, s.began, s.until = timing.Connect, now, s.config.until(timing.Connect, now)
	a := s.act(transport.Dial)
	a.Dial = to
	return a
}

func (s *Session) connected(e *transport.Event) *transport.Action {
	shard := s.Loop.Shard
	s.dialed(e)
	shard.SessionOpened(s.config.Class)
	shard.Step(s.config.Class, timing.Span{Step: timing.Connect, Begin: e.Since, End: e.Now}, s.counts)
	s.step, s.began, s.until = timing.Greeting, e.Now, s.config.until(timing.Greeting, e.Now)
	return s.act(transport.Wait)
}

// dialed notes when connect(2) was called: what lies before it, a wait for the permit to dial above all, is
// no part of the service.
func (s *Session) dialed(e *transport.Event) {
	if s.tried == 1 {
		s.opened = e.Since
		s.result.Began = max(s.result.Began, e.Since)
		s.result.Waited = e.Waited
	}
}

func (s *Session) greeted(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() != smtp.PositiveCompletion {
		return s.refusedSession(e, r) // RFC 5321 section 3.1: QUIT is still due
	}
	return s.say(e.Now, timing.EHLO, smtp.AppendEHLO(e.Scratch, s.config.name(s.which.Number)))
}

func (s *Session) ehloReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	switch r.Code.Severity() {
	case smtp.PositiveCompletion:
		s.offer = s.Loop.offers.of(*r)
		return s.sessionOpen(e)
	case smtp.PermanentNegative: // RFC 5321 section 3.2: an old server knows HELO only
		return s.say(e.Now, timing.HELO, smtp.AppendHELO(e.Scratch, s.config.name(s.which.Number)))
	}
	return s.refusedSession(e, r)
}

func (s *Session) heloReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() != smtp.PositiveCompletion {
		return s.refusedSession(e, r)
	}
	s.offer = plain
	return s.sessionOpen(e)
}

func (s *Session) sessionOpen(e *transport.Event) *transport.Action {
	s.agree()
	s.Loop.Shard.Opening(s.config.Class, e.Now.Sub(s.opened), s.counts)
	return s.ready(e)
}

// refusedSession ends a session in which no mail transaction is to be had.
func (s *Session) refusedSession(e *transport.Event, r *smtp.Reply) *transport.Action {
	outcome, fits := refusal(r.Code)
	if !fits {
		return s.unexpected(e, r)
	}
	s.decide(e.Now, outcome)
	return s.sayQuit(e.Now, e.Scratch)
}

// noopReply finds the server there, if it says so or not.
func (s *Session) noopReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if s.then != nil {
		return s.wordReply(e, r)
	}
	if r.Code.Severity() == smtp.PositiveIntermediate {
		return s.unexpected(e, r)
	}
	return s.ready(e)
}

func (s *Session) sayQuit(now timing.Instant, scratch []byte) *transport.Action {
	s.phase = Busy
	if s.config.Before != nil && s.config.Before.before(timing.Quit) {
		return s.sayWord(now, scratch, timing.Quit, (*Session).sendQuit)
	}
	return s.sendQuit(now, scratch)
}

func (s *Session) sendQuit(now timing.Instant, scratch []byte) *transport.Action {
	s.quit = true
	return s.say(now, timing.Quit, append(scratch, smtp.LineQUIT...))
}

func (s *Session) quitReply(*transport.Event, *smtp.Reply) *transport.Action { return s.hangUp() }

// unasked takes a reply with no command outstanding. A 421, the only one that a server may send
// (RFC 5321 section 3.8), never comes here.
func (s *Session) unasked(e *transport.Event, r *smtp.Reply) *transport.Action {
	return s.fail(e.Now, timing.Fault{Kind: timing.Desync, Text: "a reply to no command: " + smtp.Evidence(r.Raw)})
}
