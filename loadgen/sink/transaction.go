package sink

import (
	"bytes"
	"slices"
	"strings"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// A transaction is what is remembered of a mail transaction. A sink that
// discards all mail and has no quotas remembers nothing.
type transaction struct {
	paths  []byte     // reverse-path, then forward-paths, each with a LF behind it
	boxes  []*mailbox // those with a quota, to be charged for the message as a whole
	fates  []fate     // of each recipient; LMTP only
	chunks [][]byte   // the content, for a store
}

// beginMail notes the reverse-path.
func (s *session) beginMail(p smtp.Path) {
	s.stage = inMail
	s.recipients = 0
	s.mails++
	if s.sink.envelopes {
		s.tx = s.loop.take()
		s.tx.paths = appendPath(s.tx.paths, p)
	}
}

// appendPath appends an address as the client wrote it and a LF, which no path holds.
func appendPath(dst []byte, p smtp.Path) []byte {
	dst = append(dst, p.Local...)
	if len(p.Domain) > 0 {
		dst = append(append(dst, '@'), p.Domain...)
	}
	return append(dst, '\n')
}

// admitsDomain reports whether the domain of a recipient is one of the most that a session may have
// (RFC 9422 section 4.3), in any case.
func (s *session) admitsDomain(domain []byte, most int) bool {
	who, name := s.identity(), strings.ToLower(string(domain))
	switch {
	case name == "" || slices.Contains(who.domains, name): // Postmaster has none, and is always taken
		return true
	case len(who.domains) >= most:
		return false
	}
	who.domains = append(who.domains, name)
	return true
}

// dropTransaction ends a mail transaction that came to nothing.
func (s *session) dropTransaction() {
	if s.stage.inTransaction() {
		s.stage = greeted
	}
	s.endTransaction()
}

// endTransaction gives back what a mail transaction held.
func (s *session) endTransaction() {
	s.prdr = false
	s.smtputf8, s.oversized, s.binary, s.answer, s.script, s.hops = false, false, false, nil, nil, nil
	if s.who != nil {
		s.who.forwarded = ""
	}
	if s.tx != nil {
		s.releaseContent()
		s.loop.give(s.tx)
		s.tx = nil
	}
}

// mail begins a mail transaction (RFC 5321 section 4.1.1.2).
func (s *session) mail(t *turn, l smtp.Line) {
	p, rest, err := smtp.ParseMailArg(l.Arg, true)
	if err != nil {
		s.say(t, sayBadReversePath)
		return
	}
	given, refusal := s.mailParams(rest)
	switch {
	case refusal != 0:
		s.say(t, refusal)
	case s.sink.config.MaxTransactions > 0 && int64(s.mails) >= int64(s.sink.config.MaxTransactions):
		s.say(t, sayTooManyMails)
	case s.sink.config.ReplyByAddress && s.answersByAddress(t, timing.Mail, p):
	case given.binary && s.sink.offers&BinaryMIME == 0:
		s.say(t, sayUnknownParameter)
	case given.size > s.sink.config.MaxSize:
		s.say(t, sayTooBig)
	case !given.smtputf8 && !isASCII(p):
		s.say(t, sayNeedsUTF8)
	default:
		s.smtputf8, s.prdr, s.binary, s.declared = given.smtputf8, given.prdr, given.binary, given.size
		s.countSpace(l.Arg, "FROM:")
		s.beginMail(p)
		s.say(t, sayMail)
	}
}

// rcpt adds a recipient (RFC 5321 section 4.1.1.3).
func (s *session) rcpt(t *turn, l smtp.Line) {
	p, rest, err := smtp.ParseRcptArg(l.Arg, true)
	if err != nil {
		s.say(t, sayBadForwardPath)
		return
	}
	refusal := s.rcptParams(rest)
	if refusal == 0 && !s.smtputf8 && !isASCII(p) {
		refusal = sayNeedsUTF8
	}
	switch most := s.sink.config.MaxRecipientDomains; {
	case refusal != 0:
	case s.recipients >= s.sink.config.MaxRecipients:
		refusal = sayTooManyRecipients
	case most > 0 && !s.admitsDomain(p.Domain, most):
		refusal = sayTooManyDomains
	}
	if refusal != 0 {
		s.say(t, refusal)
		return
	}
	if s.sink.config.ReplyByAddress && s.answersByAddress(t, timing.Rcpt, p) {
		return
	}
	s.countSpace(l.Arg, "TO:")
	s.offer(t, p)
}

// offer accepts a recipient if the directory does.
func (s *session) offer(t *turn, p smtp.Path) {
	box, c := s.sink.directory.find(p)
	switch {
	case c != sayRcpt:
		s.say(t, c)
		return
	case box != nil && !box.open:
		s.sayReply(t, &box.answer)
		return
	case box != nil && !box.fits(s.declared):
		s.say(t, sayMailboxFull)
		return
	case s.sink.greylist != nil && s.greylisted(t, p):
		s.say(t, sayGreylisted)
		return
	}
	if s.recipients++; s.recipients == 1 && s.sink.scripts != nil {
		s.script = s.sink.script(p.Domain)
	}
	s.stage = inRcpt
	if s.tx != nil {
		s.tx.paths = appendPath(s.tx.paths, p)
		if s.each() {
			s.tx.fates = append(s.tx.fates, fate{box: box, rules: s.sink.rulesFor(p.Domain)})
		} else if box != nil && box.quota > 0 {
			s.tx.boxes = append(s.tx.boxes, box)
		}
	}
	if box != nil {
		s.sayReply(t, &box.answer)
		return
	}
	s.say(t, sayRcpt)
}

// data asks for the content (RFC 5321 section 4.1.1.4). Nothing of what follows is
// taken in the same turn: 354 leaves first. Binary content has no lines that could end
// it (RFC 3030 section 3).
func (s *session) data(t *turn, _ smtp.Line) {
	if s.binary {
		s.say(t, sayBinary)
		return
	}
	s.say(t, sayData)
	s.countHops()
	s.phase = content
	if len(s.rulesAt(timing.Content)) > 0 {
		s.phase = promised
	}
	s.scanner = smtp.Scanner{Discard: s.sink.config.Store == nil}
}

// countSpace counts a blank between the colon and the path, which RFC 5321
// section 3.3 forbids and half of the world sends.
func (s *session) countSpace(arg []byte, keyword string) {
	if arg[len(keyword)] != '<' {
		s.loop.SpaceAfterColon++
	}
}

func isASCII(p smtp.Path) bool {
	over := func(r rune) bool { return r > 0x7f }
	return bytes.IndexFunc(p.Local, over) < 0 && bytes.IndexFunc(p.Domain, over) < 0
}
