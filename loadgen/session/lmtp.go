package session

import (
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// awaitEach waits for a reply to the content from each recipient that was taken (RFC 2033 section 4.2). Until
// then none of them is in the books.
func (s *Session) awaitEach() {
	s.due, s.taken = s.result.Accepted, s.result.Accepted
	s.result.Accepted = 0
}

// eachReply takes the reply of one recipient. The steps of all begin with the end of the content: the server
// may deliver to them at once or one after the other, and a recipient's mail has arrived when its reply has.
func (s *Session) eachReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	outcome, _ := refusal(r.Code)
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
	if s.due--; s.due > 0 {
		s.until = s.config.until(timing.Accept, e.Now)
		return s.act(transport.Wait)
	}
	if s.result.Accepted > 0 {
		outcome = timing.Accepted
	}
	s.decide(e.Now, outcome)
	return s.ready(e)
}
