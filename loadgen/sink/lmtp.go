package sink

import (
	"bytes"
	"strings"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// A fate is what becomes of one recipient's copy of a message (RFC 2033 section 4.2).
type fate struct {
	box     *mailbox
	rules   *ruleTable // of its domain
	rule    *rule      // a behaviour in the place of the usual reply
	manner  manner     // of the reply
	refusal canned     // 0: it is not refused
}

// each reports whether each recipient of the mail transaction gets a reply to the content.
func (s *session) each() bool { return s.prdr || s.sink.config.LMTP }

// taken reports whether the copy is to be stored.
func (f *fate) taken() bool { return f.refusal == 0 && (f.rule == nil || f.rule.succeeds) }

// decideEach is decide where each recipient has a reply of its own.
func (s *session) decideEach(t *turn) bool {
	if s.hold(t, s.rulesAt(timing.Accept)) {
		return false
	}
	if c := s.contentRefusal(); c != 0 && s.prdr {
		s.refuseContent(s.sink.canned[c].code)
		s.say(t, c)
		return s.phase == commands
	} else if c != 0 {
		for i := range s.tx.fates {
			s.tx.fates[i].refusal = c
		}
		s.answerEach(t, &s.sink.canned[c], false)
		return s.phase == commands
	}
	switch taken := s.drawFates(t); {
	case taken == 0:
		s.sink.unclaim()
		s.answerEach(t, nil, false)
	case s.sink.config.Store != nil:
		s.hand(t)
		return false
	default:
		s.answerEach(t, &s.sink.canned[sayAccepted], true)
	}
	return s.phase == commands
}

// drawFates draws a behaviour for each recipient and charges the quotas. It returns how many
// copies are to be stored.
func (s *session) drawFates(t *turn) (taken int) {
	_, paths, _ := bytes.Cut(s.tx.paths, []byte{'\n'})
	for i := range s.tx.fates {
		f := &s.tx.fates[i]
		if s.sink.patterned {
			t.address, paths, _ = bytes.Cut(paths, []byte{'\n'})
		}
		f.rule = s.deed(t, f.rules[timing.Accept])
		f.manner, s.manner = s.manner, manner{}
		if f.taken() && f.box != nil && f.box.quota > 0 && !f.box.charge(s.scanner.Size) {
			f.refusal = sayMailboxFull
		}
		if f.taken() {
			taken++
		}
	}
	t.address = nil
	return taken
}

// taken returns the recipients whose copies are to be stored.
func (s *session) taken(recipients []string) (all []string) {
	for i, r := range recipients {
		if s.tx.fates[i].taken() {
			all = append(all, r)
		}
	}
	return all
}

// storedEach passes the store's verdict on to each recipient.
func (s *session) storedEach(t *turn, m *Message) bool {
	v := m.verdict
	accepted := v.Code.Severity() == smtp.PositiveCompletion
	text := v.Text
	if accepted {
		text += ": queued as " + m.ID
	} else {
		s.sink.unclaim()
		s.refundEach()
	}
	r := s.sink.config.reply(v.Code, v.Enhanced, text)
	s.answerEach(t, &r, accepted)
	return s.phase == commands
}

func (s *session) refundEach() {
	for i := range s.tx.fates {
		if f := &s.tx.fates[i]; f.taken() && f.box != nil && f.box.quota > 0 {
			f.box.used.Add(-s.scanner.Size)
		}
	}
}

// answerEach replies to each recipient, in order, and ends the mail transaction. r is for those
// that nothing else is to be said to.
func (s *session) answerEach(t *turn, r *reply, accepted bool) {
	s.phase, s.stage = commands, greeted
	s.countEach(accepted)
	s.logEach(r, accepted)
	if s.prdr {
		s.say(t, sayAnalysis)
	}
	for i := range s.tx.fates {
		f, mark := &s.tx.fates[i], len(t.out)
		switch {
		case f.refusal != 0:
			s.say(t, f.refusal)
		case f.rule == nil:
			s.sayReply(t, r)
		case f.rule.succeeds && !accepted:
			s.sayReply(t, r)
		default:
			s.loop.Behaved++
			s.misbehave(t, f.rule)
		}
		s.manner = f.manner
		if s.spoil(t, mark); s.phase != commands {
			break
		}
	}
	s.countCopies(r, accepted)
	if s.prdr && s.phase == commands {
		s.sayWhole(t, r)
	}
	s.endTransaction()
	s.scanner = smtp.Scanner{}
}

// sayWhole replies to the message as a whole, which PRDR has behind the replies to the recipients.
func (s *session) sayWhole(t *turn, r *reply) {
	if r == nil {
		r = &s.sink.canned[sayNoCopies]
	}
	mark := len(t.out)
	s.sayReply(t, r)
	s.spoil(t, mark) // behind the others, if they leave slowly
}

// countCopies counts the recipients whose copies were refused, and writes each down.
func (s *session) countCopies(r *reply, accepted bool) {
	var paths []string
	if s.sink.log != nil {
		paths = strings.Split(strings.TrimSuffix(string(s.tx.paths), "\n"), "\n")[1:]
	}
	for i := range s.tx.fates {
		code := s.codeOf(&s.tx.fates[i], r, accepted)
		if code < 400 {
			continue
		}
		s.loop.RecipientsRefused++
		if paths != nil {
			s.logPath("accept", "to", paths[i], code)
		}
	}
}

// codeOf is what the reply to a recipient says; 0: there was none.
func (s *session) codeOf(f *fate, r *reply, accepted bool) smtp.Code {
	switch {
	case f.refusal != 0:
		return s.sink.canned[f.refusal].code
	case f.rule == nil || f.rule.succeeds && !accepted:
		return r.code
	}
	return f.rule.reply.code
}

func (s *session) countEach(accepted bool) {
	if !accepted {
		s.loop.MessagesRefused++
		return
	}
	s.loop.Messages++
	s.loop.Octets += uint64(s.scanner.Size)
	s.unsettled++
	for i := range s.tx.fates {
		if s.tx.fates[i].taken() {
			s.loop.Recipients++
		}
	}
}

// logEach writes the message down, with the reply to the first recipient that has one of
// its own, or with that to all.
func (s *session) logEach(r *reply, accepted bool) {
	if accepted {
		s.logArrival(250)
		return
	}
	s.logArrival(s.codeOf(&s.tx.fates[0], r, accepted))
}
