package session

import (
	"strconv"

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
//	connect → greeting → ehlo (→ helo) → mail → rcpt … → data → content → accept ─┬→ (idle → noop …) → mail …
//	                                        └─ refused ──┴─ rset ────────────────┘→ quit
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
		timing.RSET:     {smtp.CmdRSET, (*Session).rsetReply},
		timing.NOOP:     {smtp.CmdNOOP, (*Session).noopReply},
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

// sayMail sends MAIL with the parameters that the server offered and the message needs.
func (s *Session) sayMail(now timing.Instant, scratch []byte) *transport.Action {
	line := append(scratch, "MAIL FROM:<"...)
	line = append(s.mail.AppendReversePath(line), '>')
	if s.offer.has(size) {
		line = strconv.AppendInt(append(line, " SIZE="...), s.mail.Size(), 10)
	}
	if s.mail.EightBit() && s.offer.has(eightBit) {
		line = append(line, " BODY=8BITMIME"...)
	}
	return s.say(now, timing.Mail, append(line, "\r\n"...))
}

func (s *Session) mailReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() == smtp.PositiveCompletion {
		return s.sayRcpt(e, 0)
	}
	outcome, fits := refusal(r.Code)
	if !fits {
		return s.unexpected(e, r)
	}
	s.decide(e.Now, outcome)
	return s.ready(e) // no mail transaction was begun, so none has to be reset
}

func (s *Session) sayRcpt(e *transport.Event, i int) *transport.Action {
	s.rcpt = i
	line := append(e.Scratch, "RCPT TO:<"...)
	line = append(s.mail.AppendForwardPath(line, i), ">\r\n"...)
	return s.say(e.Now, timing.Rcpt, line)
}

// rcptReply counts a recipient. A refusal of one leaves the mail transaction to the others
// (RFC 5321 section 3.3).
func (s *Session) rcptReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	switch r.Code.Severity() {
	case smtp.PositiveCompletion:
		s.result.Accepted++
	case smtp.TransientNegative:
		s.result.Deferred++
	case smtp.PermanentNegative:
		s.result.Rejected++
	default:
		return s.unexpected(e, r)
	}
	if s.rcpt+1 < s.mail.NumRecipients() {
		return s.sayRcpt(e, s.rcpt+1)
	}
	if s.result.Accepted > 0 {
		return s.say(e.Now, timing.Data, append(e.Scratch, smtp.LineDATA...))
	}
	outcome, _ := refusal(r.Code)
	s.decide(e.Now, outcome)
	return s.reset(e)
}

func (s *Session) dataReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() == smtp.PositiveIntermediate {
		return s.sayContent(e)
	}
	outcome, fits := refusal(r.Code)
	if !fits { // 250 to DATA: the server waits for no content, and must not get any
		return s.unexpected(e, r)
	}
	s.decide(e.Now, outcome)
	return s.reset(e)
}

// sayContent writes the header and the body with its end of mail data: in one write where they fit.
func (s *Session) sayContent(e *transport.Event) *transport.Action {
	head, body := s.mail.AppendHead(e.Scratch), s.mail.Body()
	s.step, s.began = timing.Content, e.Now
	return s.write(e.Now, head, body)
}

// write writes the next block of the content.
func (s *Session) write(now timing.Instant, head, body []byte) *transport.Action {
	n := min(len(body), contentBlock)
	s.body, s.until = body[n:], s.config.until(timing.Content, now)
	s.block = len(head) + n
	a := s.act(transport.Write)
	a.Head, a.Body, a.Notify = head, body[:n], true
	return a
}

// written goes on with the content, or ends the step when its last octet is with the kernel.
func (s *Session) written(e *transport.Event) *transport.Action {
	if s.step != timing.Content || s.leaving {
		return s.act(transport.Wait)
	}
	s.octets += int64(s.block)
	s.result.Octets += int64(s.block)
	if len(s.body) > 0 {
		return s.write(e.Now, nil, s.body)
	}
	s.Loop.Shard.Step(s.config.Class, timing.Span{Step: timing.Content, Begin: s.began, End: e.Now}, s.counts)
	s.step, s.began, s.until = timing.Accept, e.Now, s.config.until(timing.Accept, e.Now)
	return s.act(transport.Wait)
}

// earlyReply takes a reply that comes before the content is wholly written: the server has
// decided, and what is left of the content would be taken for commands.
func (s *Session) earlyReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	outcome, fits := refusal(r.Code)
	if !fits {
		return s.unexpected(e, r)
	}
	return s.end(e.Now, outcome)
}

func (s *Session) acceptReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	outcome, fits := refusal(r.Code)
	switch {
	case r.Code.Severity() == smtp.PositiveCompletion:
		s.decide(e.Now, timing.Accepted)
	case fits:
		s.decide(e.Now, outcome)
	default:
		return s.unexpected(e, r)
	}
	return s.ready(e)
}

// reset drops a mail transaction that was begun and came to no end.
func (s *Session) reset(e *transport.Event) *transport.Action {
	return s.say(e.Now, timing.RSET, append(e.Scratch, smtp.LineRSET...))
}

func (s *Session) rsetReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	switch r.Code.Severity() {
	case smtp.PositiveCompletion:
		return s.ready(e)
	case smtp.PositiveIntermediate:
		return s.unexpected(e, r)
	}
	return s.sayQuit(e.Now, e.Scratch) // the old mail transaction may be alive: no other may follow it
}

// noopReply finds the server there, if it says so or not.
func (s *Session) noopReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() == smtp.PositiveIntermediate {
		return s.unexpected(e, r)
	}
	return s.ready(e)
}

func (s *Session) sayQuit(now timing.Instant, scratch []byte) *transport.Action {
	s.phase, s.quit = Busy, true
	return s.say(now, timing.Quit, append(scratch, smtp.LineQUIT...))
}

func (s *Session) quitReply(*transport.Event, *smtp.Reply) *transport.Action { return s.hangUp() }

// unasked takes a reply with no command outstanding. A 421, the only one that a server may send
// (RFC 5321 section 3.8), never comes here.
func (s *Session) unasked(e *transport.Event, r *smtp.Reply) *transport.Action {
	return s.fail(e.Now, timing.Fault{Kind: timing.Desync, Text: "a reply to no command: " + smtp.Evidence(r.Raw)})
}
