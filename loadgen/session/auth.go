package session

import (
	"bytes"
	"errors"
	"strings"

	"mailmill/loadgen/login"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// sayAuth begins an exchange by the best mechanism, or by the next best where the server has refused one.
func (s *Session) sayAuth(e *transport.Event) *transport.Action {
	if len(s.offer.mechanisms) == 0 {
		why := "the server offers no AUTH: leave out --auth-users"
		if !s.secured {
			why += ", or give a target of smtp+starttls://, where a server may offer it"
		}
		return s.lack(e, timing.Auth, why)
	}
	b := s.config.Login
	x, err := b.Begin(b.User(s.which.Worker, s.which.Number), s.offer.mechanisms, s.exchange)
	if errors.Is(err, login.ErrNoMechanism) {
		return s.lack(e, timing.Auth, "the server offers AUTH "+strings.Join(s.offer.mechanisms, " ")+", and none of them is to be used: see --auth")
	}
	line := e.Scratch
	if err == nil {
		line, err = x.AppendCommand(line)
	}
	if err != nil {
		s.step = timing.Auth
		return s.fail(e.Now, timing.Fault{Kind: timing.AuthFailed, Text: err.Error()})
	}
	s.exchange = x
	s.Loop.Shard.Sent(s.class, timing.Auth)
	return s.say(e.Now, timing.Auth, line)
}

// authReply goes on with an exchange. Whoever is not let in has a session without mail.
func (s *Session) authReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	switch {
	case s.errand != nil: // which the exchange belongs to until it is done
		return s.unasked(e, r)
	case s.cancelled && r.Code.Severity() != smtp.PositiveIntermediate:
		return s.sayQuit(e.Now, e.Scratch)
	case s.cancelled:
		return s.unexpected(e, r)
	case r.Code.Severity() == smtp.PositiveIntermediate:
		return s.challenged(e, r)
	case r.Code.Severity() == smtp.PositiveCompletion:
		if err := s.exchange.Confirm(); err != nil {
			return s.fail(e.Now, timing.Fault{Kind: timing.AuthFailed, Text: err.Error()})
		}
		s.loggedIn = true
		s.Loop.Shard.LoggedIn(s.class, s.exchange.Mechanism())
		s.exchange = nil
		return s.furnish(e)
	case otherMechanism[r.Code] && s.another():
		return s.sayAuth(e)
	}
	return s.refusedSession(e, r)
}

// Exchange returns the exchange that is under way, or that came to nothing; nil where there is none.
func (s *Session) Exchange() *login.Exchange { return s.exchange }

// otherMechanism are the replies that refuse the mechanism and not the user (RFC 4954 section 6).
var otherMechanism = map[smtp.Code]bool{504: true, 534: true}

// another tells whether there is a mechanism behind the one that was refused.
func (s *Session) another() bool {
	b := s.config.Login
	_, err := b.Begin(b.User(s.which.Worker, s.which.Number), s.offer.mechanisms, s.exchange)
	return err == nil
}

// challenged answers a challenge: at once, or when the key that it takes has been derived.
func (s *Session) challenged(e *transport.Event, r *smtp.Reply) *transport.Action {
	if !s.exchange.Slow(r.Text) {
		line, err := s.exchange.AppendAnswer(e.Scratch, r.Text)
		return s.answer(e.Now, e.Scratch, line, err)
	}
	x, challenge := s.exchange, bytes.Clone(r.Text)
	var line []byte
	var err error
	s.until = s.config.until(timing.Auth, e.Now)
	return s.aside(e.Now, e.Scratch, func() { line, err = x.AppendAnswer(nil, challenge) },
		func(s *Session, now timing.Instant, scratch []byte) *transport.Action {
			return s.answer(now, scratch, line, err)
		})
}

// answer sends the next line of an exchange, or gives the exchange up: what the server says to that is awaited, so that
// the session ends in order. The whole exchange is one step.
func (s *Session) answer(now timing.Instant, scratch, line []byte, err error) *transport.Action {
	if err != nil {
		s.fault(now, timing.Fault{Kind: timing.AuthFailed, Text: err.Error()})
		s.cancelled, s.offer = true, nil
		line = append(scratch, login.Cancel...)
	}
	began := s.began
	a := s.say(now, timing.Auth, line)
	s.began = began
	return a
}
