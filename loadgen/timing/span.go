package timing

import "time"

// A Span is one step of a session: from its first cause to its reply.
type Span struct {
	Step       Step
	Begin, End Instant
}

// Duration returns the length of the span.
func (s Span) Duration() time.Duration { return s.End.Sub(s.Begin) }

// A Slot is the timing of one slot of the run (the mail transaction with its
// number): when it was due, when a worker claimed it, when that worker began,
// and when the reply that decided it was complete.
type Slot struct {
	Due, Claimed, Begun, Ended Instant
}

// Lateness is from due to begun: what a client of the server would have waited
// before anything was sent.
func (s Slot) Lateness() time.Duration { return s.Begun.Sub(s.Due) }

// Service is from begun to ended.
func (s Slot) Service() time.Duration { return s.Ended.Sub(s.Begun) }

// Response is lateness plus service: from due to ended.
func (s Slot) Response() time.Duration { return s.Ended.Sub(s.Due) }

// Queue is the part of the lateness in which no worker was free.
func (s Slot) Queue() time.Duration { return max(0, s.Claimed.Sub(s.Due)) }

// Pacer is the part of the lateness in which a worker held the slot but
// mailmill woke late.
func (s Slot) Pacer() time.Duration { return max(0, s.Begun.Sub(max(s.Due, s.Claimed))) }
