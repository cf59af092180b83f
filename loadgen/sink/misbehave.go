package sink

import (
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// behave draws the behaviours of a step, which are rules. later: a delay was drawn, and the
// step is to be come back to, unchanged, when it is over; the delays are drawn once.
func (s *session) behave(t *turn, rules []rule) (r *rule, later bool) {
	if len(rules) == 0 {
		return nil, false
	}
	if s.hold(t, rules) {
		return nil, true
	}
	return s.deed(t, rules), false
}

// hold draws the delays of some rules. It reports whether the session is to wait, which
// it is once.
func (s *session) hold(t *turn, rules []rule) bool {
	if s.delayed {
		s.delayed = false
		return false
	}
	d := s.delay(t, rules)
	if d == 0 {
		return false
	}
	s.loop.Behaved++
	s.delayed, s.resume = true, t.now.Add(d)
	return true
}

// misbehave does something else than the protocol asks. What was said before
// still leaves first.
func (s *session) misbehave(t *turn, r *rule) {
	switch r.deed {
	case Answer:
		s.sayReply(t, &r.reply)
	case Drop:
		s.leave(transport.Now)
	case Reset:
		s.leave(transport.Reset)
	case Silence:
		s.phase = mute
		s.patience(t)
	case Deaf:
		s.phase = deafened
		s.patience(t)
	case Endless:
		s.exchange = &exchange{server: endless{}}
		s.respond(t, nil, nil)
	case Garbage:
		t.out = append(t.out, "This is no TLS\r\n"...)
		s.leave(transport.Polite)
	case Certificate:
		s.forged = r.tls
	}
}

// open is the moment between the connection and the greeting.
func (s *session) open(t *turn) bool {
	if s.crowded {
		s.loop.SessionsRefused++
		s.sayLast(t, sayTooManySessions)
		return false
	}
	r, later := s.behave(t, s.rulesAt(timing.Connect))
	if later {
		return false
	}
	s.phase = greeting
	if r != nil {
		s.loop.Behaved++
		s.misbehave(t, r)
	}
	return true
}

// greet sends the greeting (RFC 5321 section 3.1), in other words or late if so
// told. One that refuses with another code than 421 keeps the connection, and all
// commands but QUIT are answered 503 from then on.
func (s *session) greet(t *turn) bool {
	r, later := s.behave(t, s.rulesAt(timing.Greeting))
	if later {
		return false
	}
	s.phase = commands
	if s.early {
		s.loop.EarlyTalkers++
		if s.sink.config.RejectEarlyTalkers {
			s.loop.SessionsRefused++
			s.sayLast(t, sayEarly)
			return true
		}
	}
	mark := len(t.out)
	if r == nil {
		s.say(t, sayGreeting)
	} else {
		s.loop.Behaved++
		if !r.succeeds {
			s.stage, s.gates = turnedAway, 0
		}
		s.misbehave(t, r)
	}
	s.spoil(t, mark)
	return true
}

// promise is the moment between 354 and the content. A reply here comes before what it is a
// reply to, and ends the session.
func (s *session) promise(t *turn) bool {
	r, later := s.behave(t, s.rulesAt(timing.Content))
	if later {
		return false
	}
	s.phase = content
	s.patience(t)
	if r == nil {
		return true
	}
	s.loop.Behaved++
	s.refuseContent(r.reply.code)
	s.misbehave(t, r)
	if r.deed == Answer {
		s.leave(transport.Polite)
	}
	return false
}
