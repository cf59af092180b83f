package sink

import (
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// noChunk says at which stage a chunk is out of place. Its octets come all the same, and
// are passed before the reply (RFC 3030 section 2).
var noChunk = sequence{
	connected: sayNoClient, greeted: sayNoMail, inMail: sayNoRecipients, chunksFailed: sayChunkFailed,
}

// bdat begins a chunk. Behind a size that is none nobody knows where the next command
// begins: that is the end of the session.
func (s *session) bdat(t *turn, l smtp.Line) {
	size, last, err := smtp.ParseBDAT(l.Arg)
	if err != nil {
		s.sayLast(t, sayBadChunk)
		return
	}
	s.chunkLeft, s.lastChunk = size, last
	s.refused = s.chunkRefusal(size)
	if s.refused == 0 && s.stage == inRcpt {
		s.stage = inChunks
		s.countHops()
		s.scanner = smtp.Scanner{Discard: s.sink.config.Store == nil}
	}
	s.phase = chunk
	s.patience(t)
}

func (s *session) chunkRefusal(size int64) canned {
	switch {
	case s.gates != 0:
		return s.barred(bothGates)
	case noChunk[s.stage] != 0:
		return noChunk[s.stage]
	case s.stage == inChunks && size > s.sink.config.MaxSize-s.scanner.Size, size > s.sink.config.MaxSize:
		return sayTooBig
	}
	return 0
}

// takeChunk takes the octets of a chunk: content as it is.
func (s *session) takeChunk(t *turn) bool {
	keeps := s.refused == 0 && !s.scanner.Discard
	if keeps && !s.makeRoom(t) {
		return false
	}
	rest := t.rest()
	rest = rest[:min(int64(len(rest)), s.chunkLeft)]
	if keeps {
		last := &s.tx.chunks[len(s.tx.chunks)-1]
		rest = rest[:min(len(rest), chunkRoom(*last))]
		*last = append(*last, rest...)
	}
	if s.hops != nil && s.refused == 0 {
		s.hops.look(rest)
	}
	t.used += len(rest)
	s.chunkLeft -= int64(len(rest))
	if s.refused == 0 {
		s.scanner.Size += int64(len(rest))
	}
	if s.chunkLeft == 0 {
		s.phase = chunked
		return true
	}
	s.extend(t, len(rest))
	return len(t.rest()) > 0
}

// endChunk replies to a chunk that has come. The last one is content like any other.
func (s *session) endChunk(t *turn) bool {
	if s.refused != 0 {
		s.phase = commands
		s.failChunks()
		s.loop.CommandsRefused++
		s.say(t, s.refused)
		return s.phase == commands
	}
	if s.lastChunk {
		s.phase = deciding
		return true
	}
	r, later := s.behave(t, s.rulesAt(timing.BDAT))
	if later {
		return false
	}
	s.phase = commands
	mark := len(t.out)
	switch {
	case r == nil:
		s.say(t, sayChunk)
	case r.succeeds:
		s.loop.Behaved++
		s.sayReply(t, &r.reply)
	default:
		s.loop.Behaved++
		s.failChunks()
		s.misbehave(t, r)
	}
	s.spoil(t, mark)
	return s.phase == commands
}

// failChunks has the client begin anew, if it had begun.
func (s *session) failChunks() {
	if s.stage == inRcpt || s.stage == inChunks {
		s.stage = chunksFailed
		s.loop.MessagesRefused++
		s.releaseContent()
	}
}
