package session

import (
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// maxChunks is how many chunks may wait for their replies: enough to keep a long line busy, and few enough
// for a session to remember when each was begun.
const maxChunks = 8

// chunks is how far a content has gone that is sent by BDAT (RFC 3030).
type chunks struct {
	sent   int64 // octets of the content that are in chunks so far
	last   bool  // the last chunk is begun
	flight int   // chunks that have no reply, with the one that is being written
	oldest int   // index of the first of them in begun
	begun  [maxChunks]timing.Instant
	line   int // octets of the command line that is being written
}

// sayChunk writes the next chunk: the command line, what is left of the header, and of the body as much as
// fits. Its step begins with the write and ends with the chunk's reply.
func (s *Session) sayChunk(now timing.Instant, scratch []byte) *transport.Action {
	c, body := &s.chunks, s.mail.Body()
	total := s.mail.Size()
	header := total - int64(len(body))
	from := c.sent
	to := min(from+int64(s.config.Chunk), total)
	c.sent, c.last = to, to == total
	line := smtp.AppendBDAT(scratch, int(to-from), c.last)
	c.line = len(line)
	if from < header {
		line = s.mail.AppendHead(line)
		piece := line[c.line+int(from) : c.line+int(min(to, header))]
		line = append(line[:c.line], piece...)
	}
	if c.flight == 0 {
		s.step, s.began = timing.BDAT, now
	}
	c.begun[(c.oldest+c.flight)%maxChunks] = now
	c.flight++
	return s.write(now, line, body[max(0, from-header):max(0, to-header)])
}

// chunkWritten waits for replies, or goes on with the next chunk where the server takes it before it has
// replied to this one (RFC 3030 section 4.2).
func (s *Session) chunkWritten(e *transport.Event) *transport.Action {
	c := &s.chunks
	s.writing = false
	switch {
	case c.flight == 0: // refused while it was being written
		return s.reset(e)
	case s.mail != nil && s.goesOn():
		return s.sayChunk(e.Now, e.Scratch)
	case c.last && s.server.LMTP:
		return s.awaitAccept(e.Now)
	}
	return s.awaitChunk(e.Now)
}

// goesOn tells whether the next chunk need not wait for the replies to those before. The last one waits in
// LMTP: how many replies it has depends on no chunk being refused.
func (s *Session) goesOn() bool {
	c := &s.chunks
	if !s.pipelined || c.last || c.flight == maxChunks {
		return c.flight == 0 && !c.last
	}
	return c.flight == 0 || !s.server.LMTP || c.sent+int64(s.config.Chunk) < s.mail.Size()
}

// awaitChunk makes the oldest chunk without a reply the outstanding step.
func (s *Session) awaitChunk(now timing.Instant) *transport.Action {
	s.step, s.began = timing.BDAT, s.chunks.begun[s.chunks.oldest]
	if !s.writing {
		s.until = s.config.until(timing.BDAT, now)
	}
	return s.act(transport.Wait)
}

// chunkReply takes the reply to the oldest chunk. After a refusal no further chunk is sent, the one that is
// being written is completed, and the mail transaction is reset: what state it is in, nobody knows
// (RFC 3030 section 2).
func (s *Session) chunkReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	c := &s.chunks
	if c.flight == 0 {
		return s.unasked(e, r)
	}
	early := s.writing && c.flight == 1
	c.oldest = (c.oldest + 1) % maxChunks
	c.flight--
	outcome, fits := refusal(r.Code)
	switch taken := r.Code.Severity() == smtp.PositiveCompletion; {
	case early && c.last && s.server.LMTP && fits:
		return s.end(e.Now, outcome) // nobody knows how many replies are to follow
	case !taken && !fits, early && taken:
		return s.unexpected(e, r)
	case !taken:
		s.decide(e.Now, outcome)
	case c.last && c.flight == 0 && s.mail != nil:
		s.decide(e.Now, timing.Accepted)
		return s.ready(e)
	}
	switch {
	case s.writing && c.flight == 0:
		return s.act(transport.Wait)
	case !s.writing && s.mail != nil && s.goesOn():
		return s.sayChunk(e.Now, e.Scratch)
	case c.flight > 0:
		return s.awaitChunk(e.Now)
	}
	return s.reset(e)
}

// handed tells whether the last octet of the content is with the kernel: from then on the server may take the
// message, whatever becomes of the session.
func (s *Session) handed() bool {
	return s.step == timing.Accept || s.step == timing.BDAT && s.chunks.last && !s.writing
}
