package sink

import (
	"errors"

	"github.com/emersion/go-sasl"

	"mailmill/loadgen/smtp"
)

// An exchange is an AUTH under way.
type exchange struct {
	server sasl.Server
	login  string // who it turns out to be; valid once the server says so
}

// auth begins an exchange (RFC 4954 section 4).
func (s *session) auth(t *turn, l smtp.Line) {
	name, initial := smtp.ParseAuth(l.Arg)
	m := findMechanism(&s.sink.config, name)
	switch {
	case !s.esmtp:
		s.say(t, sayNoEHLO)
	case s.authenticated:
		s.say(t, sayAuthenticated)
	case len(name) == 0:
		s.say(t, sayArguments)
	case m == nil || m.needs&^s.standing != 0:
		s.say(t, sayNoMechanism)
	case !m.allowed(s.standing):
		s.say(t, sayMechanismNeedsTLS)
	case m.challenges && initial != nil:
		s.say(t, sayNoInitialResponse)
	default:
		s.exchange = &exchange{}
		s.exchange.server = m.start(s, &s.exchange.login)
		s.respond(t, initial, smtp.DecodeInitial)
	}
}

// respond gives the server of an exchange what the client sent, encoded; nil is nothing.
func (s *session) respond(t *turn, encoded []byte, decode func([]byte) ([]byte, error)) {
	var response []byte
	if encoded != nil {
		var err error
		if response, err = decode(encoded); err != nil {
			s.endExchange(t, sayNotBase64)
			return
		}
	}
	challenge, done, err := s.exchange.server.Next(response)
	switch {
	case errors.Is(err, errCredentials):
		s.endExchange(t, sayBadCredentials)
	case err != nil:
		s.endExchange(t, sayBadResponse)
	case done:
		s.authenticated = true
		s.gates &^= authGate
		s.identity().login = s.exchange.login
		s.endExchange(t, sayAuthOK)
	default:
		s.phase = authenticating
		t.out = smtp.AppendChallenge(t.out, challenge)
		t.last = 334
		s.loop.said(334, 1)
	}
}

// endExchange ends an exchange with its reply.
func (s *session) endExchange(t *turn, c canned) {
	if c == sayAuthOK {
		s.loop.Authenticated++
	} else {
		s.loop.AuthFailures++
	}
	s.exchange = nil
	s.phase = commands
	s.say(t, c)
}

// authLine takes one line of an exchange.
func (s *session) authLine(t *turn) bool {
	rest := t.rest()
	line, n, _ := smtp.CutLine(rest, s.sink.config.LenientLines)
	switch most := max(s.sink.config.MaxLine, smtp.MaxAuthLine); {
	case n > most || n == 0 && len(rest) >= most:
		s.loop.LongCommands++
		s.loop.CommandsRefused++
		s.endExchange(t, sayAuthTooLong)
		if n == 0 && s.phase == commands {
			s.phase = skipping
		}
		t.used += n
		return s.phase != leaving
	case n == 0:
		return false
	}
	t.used += n
	if len(line) == 1 && line[0] == '*' {
		s.endExchange(t, sayAuthCancelled)
	} else {
		s.respond(t, line, smtp.DecodeResponse)
	}
	if t.last >= 400 {
		s.loop.CommandsRefused++
	}
	return s.phase != leaving
}

// isAuth reports whether a command line that is too long, and of which a part has
// arrived, is one of AUTH, whose lines may be longer (RFC 4954 section 4).
func isAuth(in []byte) bool {
	return smtp.ParseLine(in[:min(len(in), len("AUTH "))]).Verb == smtp.VerbAUTH
}
