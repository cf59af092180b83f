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
//	(resolve →) connect (→ proxy) (→ tls) → greeting → ehlo or lhlo (→ helo)
//	  (→ starttls → tls → ehlo) (→ xclient → ehlo) (→ auth) → (xforward →) mail …
//
//	mail → rcpt … ─┬→ data → content → accept … ─┬→ (idle → noop …) → mail …
//	   │           └→ bdat … ────────────────────┤→ quit
//	   └─ refused ──────────── rset ─────────────┘
var steps [timing.NumSteps]stepRow

func init() {
	steps = [timing.NumSteps]stepRow{
		timing.Greeting: {smtp.CmdConnect, (*Session).greeted},
		timing.Proxy:    {smtp.CmdConnect, (*Session).tooEarly},
		timing.EHLO:     {smtp.CmdEHLO, (*Session).ehloReply},
		timing.HELO:     {smtp.CmdHELO, (*Session).heloReply},
		timing.LHLO:     {smtp.CmdLHLO, (*Session).ehloReply},
		timing.STARTTLS: {smtp.CmdSTARTTLS, (*Session).startTLSReply},
		timing.Auth:     {smtp.CmdAUTH, (*Session).authReply},
		timing.XCLIENT:  {smtp.CmdXCLIENT, (*Session).xclientReply},
		timing.XFORWARD: {smtp.CmdXFORWARD, (*Session).xforwardReply},
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
