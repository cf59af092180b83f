package session

import (
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// contentBlock is the largest piece of content that one Write carries. Each has a time-out of
// its own (RFC 5321 section 4.5.3.2.5), and within one no progress can be seen.
const contentBlock = 1 << 20

// sayContent writes the header and the body with its end of mail data: in one write where they fit.
func (s *Session) sayContent(e *transport.Event) *transport.Action {
	head, body := s.mail.AppendHead(e.Scratch), s.mail.Body()
	s.step, s.began = timing.Content, e.Now
	return s.write(e.Now, head, body)
}

// write writes the next block of the content.
func (s *Session) write(now timing.Instant, head, body []byte) *transport.Action {
	n := min(len(body), contentBlock)
	s.body, s.until = body[n:], s.config.until(timing.Content, now)
	s.block, s.writing = len(head)+n, true
	a := s.act(transport.Write)
	a.Head, a.Body, a.Notify = head, body[:n], true
	return a
}

// written goes on with the content, or ends the step when its last octet is with the kernel.
func (s *Session) written(e *transport.Event) *transport.Action {
	if s.step == timing.Proxy && !s.leaving {
		return s.proxied(e)
	}
	if !s.writing || s.leaving {
		return s.act(transport.Wait)
	}
	s.octets += int64(s.block)
	s.result.Octets += int64(s.block - s.chunks.line)
	s.chunks.line = 0
	switch {
	case len(s.body) > 0:
		return s.write(e.Now, nil, s.body)
	case s.config.Chunk > 0:
		return s.chunkWritten(e)
	}
	s.writing = false
	s.Loop.Shard.Content(s.class, timing.Span{Step: timing.Content, Begin: s.began, End: e.Now}, s.counts)
	return s.awaitAccept(e.Now)
}

// awaitAccept waits for the reply to a content whose last octet is with the kernel: of LMTP, for one to each
// recipient that was taken.
func (s *Session) awaitAccept(now timing.Instant) *transport.Action {
	s.step, s.began, s.until = timing.Accept, now, s.config.until(timing.Accept, now)
	if s.server.LMTP {
		s.awaitEach()
	}
	return s.act(transport.Wait)
}

// earlyReply takes a reply that comes before the content is wholly written: the server has
// decided, and what is left of the content would be taken for commands.
func (s *Session) earlyReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	outcome, fits := refusal(r.Code)
	if !fits {
		return s.unexpected(e, r)
	}
	return s.end(e.Now, outcome)
}

func (s *Session) acceptReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if s.due > 0 {
		return s.eachReply(e, r)
	}
	outcome, fits := refusal(r.Code)
	switch {
	case r.Code.Severity() == smtp.PositiveCompletion:
		s.decide(e.Now, timing.Accepted)
	case fits:
		s.decide(e.Now, outcome)
	default:
		return s.unexpected(e, r)
	}
	return s.ready(e)
}
