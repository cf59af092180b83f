package session

import (
	"mailmill/loadgen/record"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// refusal is what a negative reply makes of the mail transaction. Other replies do not fit.
func refusal(c smtp.Code) (outcome timing.Outcome, fits bool) {
	switch c.Severity() {
	case smtp.TransientNegative:
		return timing.Deferred, true
	case smtp.PermanentNegative:
		return timing.Rejected, true
	}
	return timing.NoOutcome, false
}

// decide ends the mail transaction, if one is under way.
func (s *Session) decide(now timing.Instant, outcome timing.Outcome) {
	if s.mail == nil {
		return
	}
	r := &s.result
	known := r.Accepted + r.Deferred + r.Rejected
	switch open := s.mail.NumRecipients() - known; outcome {
	case timing.Accepted:
	case timing.Deferred:
		r.Deferred += open + r.Accepted
		r.Accepted = 0
	case timing.Rejected:
		r.Rejected += open + r.Accepted
		r.Accepted = 0
	default:
		r.Failed = open + r.Accepted
		r.Accepted = 0
	}
	r.Outcome, r.Ended = outcome, now
	s.mail, s.decided = nil, true
}

// ended ends the mail transaction as a reply has it, and the session with it.
func (s *Session) ended(now timing.Instant, outcome timing.Outcome) transport.Action {
	s.decide(now, outcome)
	return s.hangUp()
}

// unexpected ends the session: the reply leaves it without a next step.
func (s *Session) unexpected(e *transport.Event, r smtp.Reply) transport.Action {
	return s.fail(e.Now, timing.Fault{Kind: timing.Unexpected, Text: smtp.Evidence(r.Raw)})
}

// fail records a fault, which ends the session and any mail transaction.
func (s *Session) fail(now timing.Instant, f timing.Fault) transport.Action {
	s.fault(now, f)
	return s.hangUp()
}

// fault records a fault in the outstanding step, and what it makes of the mail transaction. After the
// end of the content nobody knows whether the server took the message.
func (s *Session) fault(now timing.Instant, f timing.Fault) {
	s.Loop.Shard.Fault(record.FaultKey{Step: s.step, Kind: f.Kind}, now, f.Text)
	if s.step == timing.Accept {
		s.decide(now, timing.Unknown)
		return
	}
	s.decide(now, timing.Failed)
}

// hangUp closes the connection. The session is Off when the transport has done so.
func (s *Session) hangUp() transport.Action {
	s.closed()
	s.phase, s.leaving, s.until = Busy, true, 0
	return transport.Action{Do: transport.Close, How: transport.Now}
}

// closed counts the end of a connection that was open.
func (s *Session) closed() {
	if s.leaving || s.step == timing.Connect {
		return
	}
	s.Loop.Shard.SessionClosed(0, !s.quit, s.octets, s.arrived)
}

// broken takes the end of a connection that failed, or of the attempt at one.
func (s *Session) broken(e *transport.Event) transport.Action {
	switch {
	case s.leaving:
	case s.step == timing.Connect && s.tried < len(s.Loop.Endpoints):
		s.dialed(e)
		s.Loop.Shard.Fault(record.FaultKey{Step: timing.Connect, Kind: e.Fault.Kind}, e.Now, e.Fault.Text)
		return s.dial(e.Now)
	default:
		if s.step == timing.Connect {
			s.dialed(e)
		}
		s.fault(e.Now, e.Fault)
		s.closed()
	}
	s.phase = Off
	return transport.Action{}
}
