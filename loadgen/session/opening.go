package session

import (
	"mailmill/loadgen/identity"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// begin begins a session with its first step: where each session asks for the server's addresses anew, that.
func (s *Session) begin(now timing.Instant) *transport.Action {
	if s.server.Resolve != nil {
		return s.resolve(now)
	}
	s.endpoints = s.server.Endpoints
	return s.dial(now)
}

// resolve looks the server's addresses up.
func (s *Session) resolve(now timing.Instant) *transport.Action {
	s.step, s.began, s.until = timing.Resolve, now, s.config.until(timing.Resolve, now)
	s.Loop.Shard.Sent(s.class, timing.Resolve)
	look, opening := s.server.Resolve, s.which
	var found []transport.Endpoint
	var err error
	return s.aside(now, nil, func() { found, err = look(opening) }, func(s *Session, now timing.Instant, _ []byte) *transport.Action {
		if err != nil {
			return s.fail(now, timing.Fault{Kind: timing.Unresolved, Text: err.Error()})
		}
		s.Loop.Shard.Step(s.class, timing.Span{Step: timing.Resolve, Begin: s.began, End: now}, s.counts)
		s.endpoints, s.which.Endpoint = found, 0
		return s.dial(now)
	})
}

// dial tries the next address of the server.
func (s *Session) dial(now timing.Instant) *transport.Action {
	to := &s.endpoints[(s.which.Endpoint+s.tried)%len(s.endpoints)]
	s.tried++
	s.step, s.began, s.until = timing.Connect, now, s.config.until(timing.Connect, now)
	a := s.act(transport.Dial)
	a.Dial = to
	return a
}

func (s *Session) connected(e *transport.Event) *transport.Action {
	shard := s.Loop.Shard
	s.dialed(e)
	shard.SessionOpened(s.opener)
	shard.Step(s.class, timing.Span{Step: timing.Connect, Begin: e.Since, End: e.Now}, s.counts)
	if s.config.Identity != nil && s.config.Identity.Proxy > 0 {
		return s.sendProxy(e)
	}
	return s.meet(e)
}

// dialed notes when connect(2) was called: what lies before it, a wait for the permit to dial above all, is
// no part of the service. A look-up is.
func (s *Session) dialed(e *transport.Event) {
	if s.tried == 1 {
		s.opened = e.Since
		s.result.Waited = e.Waited
		if e.Waited || s.server.Resolve == nil {
			s.result.Began = max(s.result.Began, e.Since)
		}
	}
}

// meet awaits the greeting, behind a handshake where TLS is implicit.
func (s *Session) meet(e *transport.Event) *transport.Action {
	if s.server.Security == ImplicitTLS && !s.secured {
		return s.shake(e.Now)
	}
	s.step, s.began, s.until = timing.Greeting, e.Now, s.config.until(timing.Greeting, e.Now)
	return s.act(transport.Wait)
}

func (s *Session) greeted(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() != smtp.PositiveCompletion {
		return s.refusedSession(e, r) // RFC 5321 section 3.1: QUIT is still due
	}
	return s.introduce(e)
}

// introduce says EHLO, or LHLO where the server speaks LMTP. All that was learnt before is forgotten.
func (s *Session) introduce(e *transport.Event) *transport.Action {
	s.offer = nil
	name := s.config.name(s.which.Number)
	if s.server.LMTP {
		return s.say(e.Now, timing.LHLO, smtp.AppendLHLO(e.Scratch, name))
	}
	return s.say(e.Now, timing.EHLO, smtp.AppendEHLO(e.Scratch, name))
}

// ehloReply takes what the server offers, in answer to EHLO or to LHLO.
func (s *Session) ehloReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	switch r.Code.Severity() {
	case smtp.PositiveCompletion:
		s.offer = s.Loop.offers.of(*r)
		return s.furnish(e)
	case smtp.PermanentNegative:
		if s.proxies() { // and what knows PROXY knows EHLO too: the reply is to the header
			return s.fail(e.Now, timing.Fault{Kind: timing.Unexpected, Text: unwanted + ": " + smtp.Evidence(r.Raw)})
		}
		if s.step == timing.EHLO { // RFC 5321 section 3.2: an old server knows HELO only
			return s.say(e.Now, timing.HELO, smtp.AppendHELO(e.Scratch, s.config.name(s.which.Number)))
		}
	}
	return s.refusedSession(e, r)
}

func (s *Session) heloReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() != smtp.PositiveCompletion {
		return s.refusedSession(e, r)
	}
	s.offer = plain
	return s.furnish(e)
}

// furnish goes on with what is left to be done before mail. TLS comes first, and XCLIENT before AUTH: each begins
// the session anew, and would undo what had been done before it.
func (s *Session) furnish(e *transport.Event) *transport.Action {
	switch id := s.config.Identity; {
	case s.server.Security == MustStartTLS && !s.secured:
		return s.sayStartTLS(e)
	case id != nil && !s.claimed && len(id.Claims[identity.XCLIENT]) > 0:
		return s.sayXCLIENT(e)
	case s.config.Login != nil && !s.loggedIn:
		return s.sayAuth(e)
	case id != nil && s.unforwarded() != "":
		return s.lack(e, timing.XFORWARD, s.unforwarded())
	}
	return s.sessionOpen(e)
}

func (s *Session) sessionOpen(e *transport.Event) *transport.Action {
	s.agree()
	s.Loop.Shard.Opening(s.class, e.Now.Sub(s.opened), s.counts)
	return s.ready(e)
}

// refusedSession ends a session in which no mail transaction is to be had.
func (s *Session) refusedSession(e *transport.Event, r *smtp.Reply) *transport.Action {
	outcome, fits := refusal(r.Code)
	if !fits {
		return s.unexpected(e, r)
	}
	s.decide(e.Now, outcome)
	s.offer = nil
	return s.sayQuit(e.Now, e.Scratch)
}

// lack ends a session whose server does not offer what it needs for a step. The command is not sent.
func (s *Session) lack(e *transport.Event, step timing.Step, why string) *transport.Action {
	s.step = step
	s.fault(e.Now, timing.Fault{Kind: timing.NotOffered, Text: why})
	s.offer = nil
	return s.sayQuit(e.Now, e.Scratch)
}
