package session

import (
	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// lacks say what a fault tells of an extension that is not offered, the first of them that is missing.
var lacks = [...]struct {
	what extension
	text string
}{
	{chunking, "the server offers no CHUNKING: leave out --bdat"},
	{binaryMIME, "the server offers no BINARYMIME: leave out --binary, or what makes the content binary"},
	{eightBit, "the server offers no 8BITMIME, and the content has octets above 127: --force sends them all the same"},
	{smtpUTF8, "the server offers no SMTPUTF8, and an address or a header field is not ASCII: --force sends it all the same"},
}

// needs returns what the message that waits, and the plan, need of the server.
func (s *Session) needs() (need extension) {
	if s.mail.EightBit() {
		need = eightBit
	}
	if s.config.Binary || s.mail.Binary() {
		need = chunking | binaryMIME
	}
	if s.mail.UTF8() {
		need |= smtpUTF8
	}
	if s.config.Chunk > 0 {
		need |= chunking
	}
	return need
}

// lacking returns why the message that waits cannot be sent to this server; "" if it can. With Config.Force
// it always can.
func (s *Session) lacking() string {
	if s.config.Force {
		return ""
	}
	if s.mail.Binary() && s.config.Chunk == 0 {
		return "the content has a NUL, which BDAT alone can carry: --bdat sends it so, --force by DATA all the same"
	}
	if need := s.needs(); !s.offer.has(need) {
		return missing(need &^ s.offer.extensions)
	}
	for _, keyword := range s.config.Needs {
		if !s.offer.Keywords.Has(keyword) {
			return "the server offers no " + keyword + ": leave out the parameters of MAIL or RCPT that need it"
		}
	}
	if s.config.Limits && s.offer.has(limits) {
		return s.beyond()
	}
	return ""
}

// missing says what is not offered of which there is need.
func missing(need extension) string {
	for _, l := range lacks {
		if need&l.what != 0 {
			return l.text
		}
	}
	return ""
}

// withhold ends a mail transaction of which nothing is sent. The session is Busy for as long as it takes to be
// told so by an event, as after anything that a session does.
func (s *Session) withhold(now timing.Instant, why string) *transport.Action {
	s.Loop.Shard.Fault(record.FaultKey{Class: s.class, Step: timing.Mail, Kind: timing.NotOffered}, now, why)
	s.decide(now, timing.Failed)
	s.result.Withheld = true
	s.phase, s.step, s.withheld, s.until = Busy, timing.Idle, true, now
	return s.act(transport.Wait)
}
