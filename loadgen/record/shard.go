package record

import (
	"strings"
	"sync"
	"time"

	"mailmill/loadgen/timing"
)

// A Shard records for one event loop. Its methods may be called from any
// goroutine; they are fast when one calls at a time.
type Shard struct {
	_  [128]byte // another shard's lock must not share the cache lines of this one
	mu sync.Mutex
	r  *Recorder

	classes []Traffic
	replies sights
	recent  [1024]*sight // of replies, by a hash of their key: in steady state, all there are
	faults  sights
	loop    Histogram
	slowest slowest

	seconds      []tally // by second since Origin
	begun, ended int64
	now, spare   *interval
}

func newShard(r *Recorder) *Shard {
	return &Shard{
		r:       r,
		classes: make([]Traffic, r.config.Classes),
		replies: sights{}, faults: sights{},
		now: newInterval(0),
		// Each reply is in it beside its step, and two digits lie on an eighth of the cache lines.
		loop: Histogram{merged: coarse},
	}
}

// Reply records one reply: it counts k, keeps the first text of each key as its
// example (lent: it is copied), and if the reply is on behalf of a slot in the
// window, records the time of the step. span.Step is k.Step; loop is what the
// event loop's other work added to it.
func (s *Shard) Reply(k ReplyKey, span timing.Span, loop time.Duration, inWindow bool, text []byte) {
	s.mu.Lock()
	s.loop.Record(loop)
	key := k.packed()
	recent := &s.recent[key*0x9E3779B97F4A7C15>>(64-10)] // Fibonacci hashing
	if *recent == nil || (*recent).key != key {
		*recent = s.reply(k, span.End, text)
	}
	(*recent).add(span.End)
	if inWindow {
		s.classes[k.Class].Steps[k.Step].Record(span.Duration())
	}
	s.mu.Unlock()
}

// reply returns the count of key k, or of the key that stands for it because
// the cap was met.
func (s *Shard) reply(k ReplyKey, at timing.Instant, text []byte) *sight {
	if known := s.replies[k.packed()]; known != nil {
		return known
	}
	if len(s.replies) >= s.r.config.KeyCap {
		k = ReplyKey{Class: k.Class, Step: k.Step}
		if known := s.replies[k.packed()]; known != nil {
			return known
		}
	}
	return s.replies.new(k.packed(), at, string(text[:min(len(text), maxExample)]))
}

// Step records a step that is timed and has no reply: connect, content, tls.
func (s *Shard) Step(class uint8, span timing.Span, inWindow bool) {
	if !inWindow {
		return
	}
	s.mu.Lock()
	s.classes[class].Steps[span.Step].Record(span.Duration())
	s.mu.Unlock()
}

// Content counts a content that was written, and records its step.
func (s *Shard) Content(class uint8, span timing.Span, inWindow bool) {
	s.mu.Lock()
	c := &s.classes[class]
	c.Commands[timing.Content]++
	if inWindow {
		c.Steps[timing.Content].Record(span.Duration())
	}
	s.mu.Unlock()
}

// Fault counts one fault and keeps the first text of each key as its example.
func (s *Shard) Fault(k FaultKey, at timing.Instant, text string) {
	s.r.faults.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.faults[k.packed()]
	if known == nil {
		known = s.faults.new(k.packed(), at, strings.Clone(text[:min(len(text), maxExample)]))
	}
	known.add(at)
}

// Opening records how long opening a session took: from the begin of connect
// until it was ready for MAIL.
func (s *Shard) Opening(class uint8, d time.Duration, inWindow bool) {
	if !inWindow {
		return
	}
	s.mu.Lock()
	s.classes[class].Opening.Record(d)
	s.mu.Unlock()
}

// Sent counts commands, one for each of steps: the step that waits for the
// command's reply.
func (s *Shard) Sent(class uint8, steps ...timing.Step) {
	s.mu.Lock()
	for _, step := range steps {
		s.classes[class].Commands[step]++
	}
	s.mu.Unlock()
}

// SessionOpened counts a session: a connection that was established.
func (s *Shard) SessionOpened(class uint8) {
	s.mu.Lock()
	s.classes[class].Sessions++
	s.mu.Unlock()
}

// Unpipelined counts a session that was to send commands in groups (RFC 2920), with
// a server that does not offer it.
func (s *Shard) Unpipelined(class uint8) {
	s.mu.Lock()
	s.classes[class].Unpipelined++
	s.mu.Unlock()
}

// Spent counts a session that had as many mail transactions as its server takes in
// one (RFC 9422).
func (s *Shard) Spent(class uint8) {
	s.mu.Lock()
	s.classes[class].Spent++
	s.mu.Unlock()
}

// SessionClosed counts the end of a session and the octets that it carried.
// early tells that the server closed it before QUIT.
func (s *Shard) SessionClosed(class uint8, early bool, sent, received int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.classes[class]
	c.SessionsClosed++
	if early {
		c.ClosedEarly++
	}
	c.OctetsSent += sent
	c.OctetsReceived += received
}
