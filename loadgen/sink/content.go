package sink

import (
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// take takes mail data until CR LF . CR LF.
func (s *session) take(t *turn) bool {
	if !s.scanner.Discard && !s.makeRoom(t) {
		return false
	}
	rest := t.rest()
	if len(rest) == 0 {
		return false
	}
	n, end := s.scan(rest)
	t.used += n
	if s.hops != nil {
		s.hops.look(rest[:n])
	}
	if s.scanner.Size > s.sink.config.MaxSize && !s.oversized {
		s.oversized, s.scanner.Discard = true, true
		s.releaseContent()
	}
	if end {
		s.countContent()
		s.phase = deciding
		return true
	}
	s.extend(t, n)
	return len(t.rest()) > 0
}

// scan gives octets to the scanner, as many as the last chunk has room for.
func (s *session) scan(in []byte) (n int, end bool) {
	if s.scanner.Discard {
		_, n, end = s.scanner.Next(nil, in)
		return n, end
	}
	last := &s.tx.chunks[len(s.tx.chunks)-1]
	in = in[:min(len(in), chunkRoom(*last))]
	*last, n, end = s.scanner.Next(*last, in)
	return n, end
}

// extend moves the deadline by the time that n octets may take at the lowest rate,
// up to the time-out for a block: a client that dribbles runs out of it in the end
// (RFC 5321 section 4.5.3.2.5 gives each block its minutes).
func (s *session) extend(t *turn, n int) {
	most := t.now.Add(s.sink.config.DataTimeout)
	if s.sink.config.DataRate < 0 {
		s.deadline = most
		return
	}
	earned := time.Duration(n) * time.Second / time.Duration(s.sink.config.DataRate)
	s.deadline = min(s.deadline.Add(earned), most)
}

// countContent counts what the scanner noticed.
func (s *session) countContent() {
	l, c := s.loop, &s.scanner
	l.BareLF += uint64(c.BareLF)
	l.BareCR += uint64(c.BareCR)
	l.NUL += uint64(c.NUL)
	l.LongLines += uint64(c.LongLines)
	l.SmugglingCandidates += uint64(c.SmugglingCandidates)
}

// decide gives the reply to the content, or gives the message to the store, which
// will. The mail transaction ends whatever the reply (RFC 5321 section 4.1.1.4).
func (s *session) decide(t *turn) bool {
	if s.each() {
		return s.decideEach(t)
	}
	r, later := s.behave(t, s.rulesAt(timing.Accept))
	if later {
		return false
	}
	mark := len(t.out)
	if s.decideAs(t, r); s.phase != storing {
		s.spoil(t, mark)
	}
	return s.phase == commands
}

// decideAs decides on the content with a behaviour that was drawn; nil is none.
func (s *session) decideAs(t *turn, r *rule) {
	if r != nil {
		s.loop.Behaved++
		if !r.succeeds {
			s.refuseContent(r.reply.code)
			s.misbehave(t, r)
			return
		}
		s.answer = r
	}
	if c := s.contentRefusal(); c != 0 {
		s.refuseContent(s.sink.canned[c].code)
		s.say(t, c)
		return
	}
	if s.sink.config.Store != nil {
		s.hand(t)
		return
	}
	s.accept(t, &s.sink.canned[sayAccepted])
}

// contentRefusal returns what to say to content that is not to be taken. Where it
// returns 0, quotas are charged and a message of ExitAfter is claimed.
func (s *session) contentRefusal() canned {
	switch {
	case s.sink.closing.Load():
		return sayShutdown
	case s.oversized:
		return sayTooBig
	case s.sink.config.LoneLF == RefuseLoneLF && s.scanner.BareLF+s.scanner.BareCR > 0:
		return sayBareLF
	case s.loops():
		return sayLoop
	case !s.charge(s.scanner.Size):
		return sayMailboxFull
	case !s.sink.claim():
		s.refund(s.scanner.Size)
		return sayShutdown
	}
	return 0
}

// charge takes size octets off the quota of each recipient that has one: off all
// of them or off none, because there is one reply for all.
func (s *session) charge(size int64) bool {
	if s.tx == nil {
		return true
	}
	for i, box := range s.tx.boxes {
		if !box.charge(size) {
			s.tx.boxes = s.tx.boxes[:i]
			s.refund(size)
			return false
		}
	}
	return true
}

func (s *session) refund(size int64) {
	if s.tx == nil {
		return
	}
	for _, box := range s.tx.boxes {
		box.used.Add(-size)
	}
}

// accept says 250, or what a behaviour puts in its place.
func (s *session) accept(t *turn, r *reply) {
	s.loop.Messages++
	s.loop.Recipients += uint64(s.recipients)
	s.loop.Octets += uint64(s.scanner.Size)
	s.unsettled++
	if s.answer != nil {
		r = &s.answer.reply
	}
	s.logArrival(r.code)
	s.endContent()
	s.sayReply(t, r)
}

// refuseContent ends the mail transaction without its message. code is the reply to come,
// 0 if there is none.
func (s *session) refuseContent(code smtp.Code) {
	s.logArrival(code)
	s.loop.MessagesRefused++
	s.endContent()
}

func (s *session) endContent() {
	s.phase, s.stage = commands, greeted
	s.endTransaction()
	s.scanner = smtp.Scanner{}
}
