package sink

import (
	"strconv"
	"strings"

	"mailmill/loadgen/smtp"
)

// makeRoom sees to it that the last chunk has room for what has come. It reports
// false while there is no memory: the client waits, and a Wake will come.
func (s *session) makeRoom(t *turn) bool {
	chunks := s.tx.chunks
	size := largeChunk
	switch {
	case len(chunks) == 0:
		size = smallChunk // even for empty content: each message in the queue holds memory
	case chunkRoom(chunks[len(chunks)-1]) > 0 || len(t.rest()) == 0:
		return true
	}
	chunk := s.sink.memory.take(s, size)
	if chunk == nil && !s.waiting {
		s.loop.MemoryWaits++
	}
	if chunk == nil || s.waiting {
		s.patience(t)
	}
	s.waiting = chunk == nil
	if s.waiting {
		return false
	}
	s.tx.chunks = append(chunks, chunk)
	return true
}

// releaseContent gives the content's memory back.
func (s *session) releaseContent() {
	if s.sink.memory == nil {
		return
	}
	if s.tx != nil && len(s.tx.chunks) > 0 {
		s.sink.memory.give(s.tx.chunks)
		s.tx.chunks = nil
	}
	if s.favoured || s.waiting {
		s.waiting = false
		s.sink.memory.settle(s)
	}
}

// hand gives the message to the store.
func (s *session) hand(t *turn) {
	k := s.sink
	paths := strings.Split(strings.TrimSuffix(string(s.tx.paths), "\n"), "\n")
	if s.each() {
		paths = append(paths[:1], s.taken(paths[1:])...)
	}
	m := &Message{
		Number: k.numbers.Add(1), Client: s.address(), HELO: s.identity().helo, Login: s.who.login, Forwarded: s.who.forwarded, Hostname: k.config.Hostname,
		ReversePath: paths[0], Recipients: paths[1:],
		Size: s.scanner.Size, Protocol: s.protocol(),
		chunks: s.tx.chunks, waker: s.waker,
	}
	m.ID = strings.ToUpper(strconv.FormatUint(m.Number, 36))
	s.tx.chunks = nil
	s.message, s.phase, s.deadline = m, storing, 0
	if !k.queue.put(m) {
		k.conclude(m, TryLater("Shutting down"))
	}
}

// protocol is how the message came (RFC 3848, RFC 6531 section 4.3).
func (s *session) protocol() string {
	name := "ESMTP"
	switch {
	case s.smtputf8 && s.sink.config.LMTP:
		name = "UTF8LMTP"
	case s.sink.config.LMTP:
		name = "LMTP"
	case s.smtputf8:
		name = "UTF8SMTP"
	case !s.esmtp:
		return "SMTP"
	}
	if s.standing&secure != 0 {
		name += "S"
	}
	if s.authenticated {
		name += "A"
	}
	return name
}

// stored gives the reply that the store decided on.
func (s *session) stored(t *turn) bool {
	m := s.message
	if m.state.Load() != decided {
		return false
	}
	s.message = nil
	if s.each() {
		return s.storedEach(t, m)
	}
	mark := len(t.out)
	s.passOn(t, m)
	s.spoil(t, mark)
	return s.phase == commands
}

// passOn says what the store says of a message.
func (s *session) passOn(t *turn, m *Message) {
	v := m.verdict
	if v.Code.Severity() == smtp.PositiveCompletion {
		r := s.sink.config.reply(v.Code, v.Enhanced, v.Text+": queued as "+m.ID)
		s.accept(t, &r)
		return
	}
	s.sink.unclaim()
	s.refund(s.scanner.Size)
	s.refuseContent(v.Code)
	r := s.sink.config.reply(v.Code, v.Enhanced, v.Text)
	s.sayReply(t, &r)
}

// abandonMessage leaves a message to the store: the session ends before it knows.
func (s *session) abandonMessage() {
	m := s.message
	if m == nil {
		return
	}
	s.message = nil
	s.loop.MessagesUnknown++
	switch {
	case m.state.CompareAndSwap(pending, abandoned):
	case m.verdict.Code.Severity() == smtp.PositiveCompletion:
		s.sink.settle(1)
	default:
		s.sink.unclaim()
	}
}
