package session

import (
	"bytes"
	"strings"

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

// decide ends the mail transaction, if one is under way. Recipients that the server has taken share in its
// outcome, unless replies of their own to the content have begun to come: then one that is accepted makes the
// mail transaction so.
func (s *Session) decide(now timing.Instant, outcome timing.Outcome) {
	if s.mail == nil {
		return
	}
	r := &s.result
	if outcome != timing.Accepted && s.due == 0 {
		r.Accepted = 0
	}
	switch open := s.mail.NumRecipients() - r.Accepted - r.Deferred - r.Rejected; outcome {
	case timing.Deferred:
		r.Deferred += open
	case timing.Rejected:
		r.Rejected += open
	default:
		r.Failed = open
	}
	if r.Accepted > 0 {
		outcome = timing.Accepted
	}
	r.Outcome, r.Ended = outcome, now
	s.mail, s.decided, s.due = nil, true, 0
}

// end ends the mail transaction as a reply has it, and the session with it.
func (s *Session) end(now timing.Instant, outcome timing.Outcome) *transport.Action {
	s.decide(now, outcome)
	return s.hangUp()
}

// unexpected ends the session: the reply leaves it without a next step.
func (s *Session) unexpected(e *transport.Event, r *smtp.Reply) *transport.Action {
	return s.fail(e.Now, timing.Fault{Kind: timing.Unexpected, Text: smtp.Evidence(r.Raw)})
}

// fail records a fault, which ends the session and any mail transaction.
func (s *Session) fail(now timing.Instant, f timing.Fault) *transport.Action {
	s.fault(now, f)
	return s.hangUp()
}

// fault records a fault in the outstanding step, and what it makes of the mail transaction. After the
// end of the content nobody knows whether the server took the message.
func (s *Session) fault(now timing.Instant, f timing.Fault) {
	text := f.Text
	if words := s.unanswered(f.Kind); words != "" {
		text = strings.TrimSuffix(words+": "+text, ": ")
	}
	if s.exchange != nil {
		text = s.exchange.Hide(text)
	}
	s.Loop.Shard.Fault(record.FaultKey{Class: s.class, Step: s.step, Kind: f.Kind}, now, text)
	s.abandon()
	if s.handed() {
		s.decide(now, timing.Unknown)
		return
	}
	s.decide(now, timing.Failed)
}

// desync ends the session because octets came before the command that was to follow, which is not sent.
func (s *Session) desync(now timing.Instant, in []byte, unsent *transport.Action) *transport.Action {
	if s.writing {
		s.writing = false
	} else {
		s.octets -= int64(len(unsent.Head))
	}
	text := outOfPlace
	if s.proxies() && s.step <= timing.LHLO {
		text = unwanted
	}
	s.step = timing.Idle
	return s.fail(now, timing.Fault{Kind: timing.Desync, Text: text + ": " + smtp.Evidence(in)})
}

const outOfPlace = "octets that answer no command"

// stray tells whether octets are out of place while no command is outstanding. A 421 is not: a server may
// say it at any time (RFC 5321 section 3.8), and it is the reply to whatever is sent next.
func stray(in []byte) bool {
	const closing = "421"
	n := min(len(in), len(closing))
	return string(in[:n]) != closing[:n]
}

// refused tells whether octets begin with a whole reply that refuses, in one line.
func refused(in []byte) bool {
	n := bytes.IndexByte(in, '\n')
	return n > 3 && (in[0] == '4' || in[0] == '5') && in[3] != '-'
}

// hangUp closes the connection. The session is Off when the transport has done so.
func (s *Session) hangUp() *transport.Action {
	s.closed(false)
	s.phase, s.leaving = Busy, true
	return s.close()
}

func (s *Session) close() *transport.Action {
	s.until = 0
	a := s.act(transport.Close)
	a.How = transport.Now
	return a
}

// closed counts the end of a connection that was open, once; early tells that the server ended it,
// which it may do after QUIT only.
func (s *Session) closed(early bool) {
	if s.leaving || s.step <= timing.Connect {
		return
	}
	s.leaving = true
	s.Loop.Shard.SessionClosed(s.opener, early && !s.quit, s.octets, s.arrived)
}

// ended takes the server's FIN.
func (s *Session) ended(e *transport.Event) *transport.Action {
	if s.leaving {
		return s.act(transport.Wait)
	}
	s.fault(e.Now, timing.Fault{Kind: timing.ClosedEarly, Text: remains(e.In)})
	s.closed(true)
	return s.hangUp()
}

// expired takes the end of the outstanding step's time.
func (s *Session) expired(e *transport.Event) *transport.Action {
	f := timing.Fault{Kind: timing.Timeout, Text: remains(e.In)}
	switch {
	case s.leaving:
		return s.act(transport.Wait)
	case s.withheld:
		s.withheld = false
		return s.ready(e)
	case s.anotherAddress():
		s.unreached(e.Now, f)
		return s.close()
	}
	return s.fail(e.Now, f)
}

// remains is the evidence of an end in the middle of a reply.
func remains(in []byte) string {
	if len(in) == 0 {
		return ""
	}
	return "after " + smtp.Evidence(in)
}

// broken takes the end of a connection that failed, or of the attempt at one.
func (s *Session) broken(e *transport.Event) *transport.Action {
	if s.step == timing.Connect && !s.leaving {
		s.dialed(e)
	}
	switch {
	case s.leaving:
	case s.anotherAddress():
		s.unreached(e.Now, e.Fault)
		return s.dial(e.Now)
	default:
		s.fault(e.Now, advised(e.Fault))
		s.closed(e.Fault.Kind != timing.Local)
	}
	return s.over()
}

// anotherAddress tells whether the attempt to connect that has failed is to be followed by another.
func (s *Session) anotherAddress() bool {
	return s.step == timing.Connect && s.tried < len(s.endpoints)
}

// unreached records an attempt to connect that failed.
func (s *Session) unreached(now timing.Instant, f timing.Fault) {
	s.Loop.Shard.Fault(record.FaultKey{Class: s.class, Step: timing.Connect, Kind: f.Kind}, now, f.Text)
}

// off takes the end of the session's own Close.
func (s *Session) off(e *transport.Event) *transport.Action {
	if s.step == timing.Connect && !s.leaving { // what was closed is an attempt that took too long
		return s.dial(e.Now)
	}
	return s.over()
}

// over makes the session ready to be opened anew.
func (s *Session) over() *transport.Action {
	s.phase, s.until = Off, 0
	return s.act(transport.Wait)
}
