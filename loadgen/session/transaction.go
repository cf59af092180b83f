package session

import (
	"strconv"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// sayMail begins the mail transaction of the message that waits for it.
func (s *Session) sayMail(now timing.Instant, scratch []byte) *transport.Action {
	if lack := s.lacking(); lack != "" {
		return s.withhold(now, lack)
	}
	if s.config.Before != nil && s.config.Before.before(timing.Mail) {
		return s.sayWord(now, scratch, timing.Mail, (*Session).sendMail)
	}
	return s.sendMail(now, scratch)
}

func (s *Session) sendMail(now timing.Instant, scratch []byte) *transport.Action {
	s.rcpt, s.begun = 0, false
	s.mails++
	line := s.appendMail(scratch)
	if s.pipelined {
		line = s.join(line, 0)
	}
	return s.say(now, timing.Mail, line)
}

// appendMail appends MAIL with the parameters that the server offered and the message needs.
//
// A message beyond the server's SIZE is announced all the same, as RFC 1870 section 6 allows: the server's
// refusal is what its users would see, it costs one round trip, and a server may take more than it says.
func (s *Session) appendMail(dst []byte) []byte {
	m, offer := s.mail, s.offer
	line := append(dst, "MAIL FROM:<"...)
	line = append(m.AppendReversePath(line), '>')
	if offer.has(size) {
		line = strconv.AppendInt(append(line, " SIZE="...), m.Size(), 10)
	}
	switch {
	case s.config.Binary || m.Binary() && s.config.Chunk > 0: // it goes with BDAT alone (RFC 3030 section 3)
		line = append(line, " BODY=BINARYMIME"...)
	case m.EightBit() && offer.has(eightBit):
		line = append(line, " BODY=8BITMIME"...)
	}
	if m.UTF8() && offer.has(smtpUTF8) {
		line = append(line, " SMTPUTF8"...)
	}
	return append(m.AppendMailParams(line), "\r\n"...)
}

func (s *Session) mailReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if s.begun = r.Code.Severity() == smtp.PositiveCompletion; !s.begun {
		outcome, fits := refusal(r.Code)
		if !fits {
			return s.unexpected(e, r)
		}
		s.decide(e.Now, outcome)
	}
	switch {
	case s.group.open():
		return s.nextOfGroup(e.Now)
	case !s.begun:
		return s.ready(e) // no mail transaction was begun, so none has to be reset
	}
	return s.sayRcpt(e.Now, e.Scratch)
}

// sayRcpt sends the next forward-path.
func (s *Session) sayRcpt(now timing.Instant, scratch []byte) *transport.Action {
	if s.config.Before != nil && s.config.Before.before(timing.Rcpt) {
		return s.sayWord(now, scratch, timing.Rcpt, (*Session).sendRcpt)
	}
	return s.sendRcpt(now, scratch)
}

func (s *Session) sendRcpt(now timing.Instant, scratch []byte) *transport.Action {
	line := s.appendRcpt(scratch, s.rcpt)
	if s.pipelined {
		line = s.join(line, s.rcpt+1)
	}
	return s.say(now, timing.Rcpt, line)
}

func (s *Session) appendRcpt(dst []byte, i int) []byte {
	line := append(dst, "RCPT TO:<"...)
	line = append(s.mail.AppendForwardPath(line, i), '>')
	return append(s.mail.AppendRcptParams(line, i), "\r\n"...)
}

// rcptReply counts a recipient. A refusal of one leaves the mail transaction to the others
// (RFC 5321 section 3.3).
func (s *Session) rcptReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if s.mail == nil {
		return s.mootReply(e, r)
	}
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
	last := s.rcpt+1 == s.mail.NumRecipients()
	if last && s.result.Accepted == 0 {
		outcome, _ := refusal(r.Code)
		s.decide(e.Now, outcome)
	}
	switch {
	case s.group.open():
		return s.nextOfGroup(e.Now)
	case s.mail == nil:
		return s.reset(e)
	case !last:
		s.rcpt++
		return s.sayRcpt(e.Now, e.Scratch)
	}
	return s.sayData(e.Now, e.Scratch)
}

// sayData begins the content.
func (s *Session) sayData(now timing.Instant, scratch []byte) *transport.Action {
	if s.config.Before != nil && s.config.Before.before(timing.Data) {
		return s.sayWord(now, scratch, timing.Data, (*Session).sendData)
	}
	return s.sendData(now, scratch)
}

func (s *Session) sendData(now timing.Instant, scratch []byte) *transport.Action {
	if s.config.Chunk > 0 {
		s.chunks = chunks{}
		return s.sayChunk(now, scratch)
	}
	return s.say(now, timing.Data, append(scratch, smtp.LineDATA...))
}

func (s *Session) dataReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() == smtp.PositiveIntermediate {
		if s.mail == nil {
			return s.sayNothing(e)
		}
		return s.sayContent(e)
	}
	outcome, fits := refusal(r.Code)
	if !fits { // 250 to DATA: the server waits for no content, and must not get any
		return s.unexpected(e, r)
	}
	s.decide(e.Now, outcome)
	return s.drop(e)
}

// drop ends a mail transaction that came to no content. One whose MAIL was refused needs no reset.
func (s *Session) drop(e *transport.Event) *transport.Action {
	if s.begun {
		return s.reset(e)
	}
	return s.ready(e)
}

// reset drops a mail transaction that was begun and came to no end.
func (s *Session) reset(e *transport.Event) *transport.Action {
	return s.say(e.Now, timing.RSET, append(e.Scratch, smtp.LineRSET...))
}

func (s *Session) rsetReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if s.then != nil {
		return s.wordReply(e, r)
	}
	switch r.Code.Severity() {
	case smtp.PositiveCompletion:
		return s.ready(e)
	case smtp.PositiveIntermediate:
		return s.unexpected(e, r)
	}
	return s.sayQuit(e.Now, e.Scratch) // the old mail transaction may be alive: no other may follow it
}
