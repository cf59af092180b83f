package misbehave

import (
	"cmp"
	"slices"
	"sync"

	"mailmill/loadgen/manners"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// An Ending is what ended a session of a bad client.
type Ending uint8

// The endings. A session has one: the first that came, except that what was accepted stays so.
const (
	Accepted  Ending = iota // the server took the message
	Refused                 // a negative reply but 421
	Told                    // 421: the server has had enough (RFC 5321 section 3.8)
	Closed                  // the server closed or reset the connection without a word
	Left                    // the client went, as its kind does
	TimedOut                // the server said nothing for as long as the step may take
	Garbled                 // the server said what is no reply, or not one to that
	Unreached               // there was no connection
	Local                   // this machine could not: descriptors, ports, memory
	Open                    // at the end of the run it was open still
	NumEndings
)

// A Tally is what became of the sessions of the clients of one manner.
type Tally struct {
	Manner   manners.Manner
	Clients  int
	Sessions int64             // begun: the sum of Endings
	Endings  [NumEndings]int64 // by Ending
	// Sent are the octets handed to the system, Received those that the clients took.
	Sent, Received int64
	Replies        []Reply // by step and code
}

// A Reply is one kind of reply.
type Reply struct {
	Step  timing.Step // Idle: nobody waited for it
	Code  smtp.Code
	Count int64
	Ended int64 // sessions that it ended
	// Example is the text of the first one: the server's words, hostile until quoted.
	Example string
}

// mostReplies bounds the kinds of reply that are told apart: a hostile server could send thousands.
const mostReplies = 256

// mostExample bounds the text that is kept of a reply, in octets.
const mostExample = 200

// A tally is a Tally that clients on any goroutine add to.
type tally struct {
	mu sync.Mutex
	Tally
}

func (t *tally) begin() {
	t.mu.Lock()
	t.Sessions++
	t.mu.Unlock()
}

func (t *tally) end(e Ending) {
	t.mu.Lock()
	t.Endings[e]++
	t.mu.Unlock()
}

func (t *tally) octets(sent, received int) {
	t.mu.Lock()
	t.Sent += int64(sent)
	t.Received += int64(received)
	t.mu.Unlock()
}

// reply counts a reply; ended tells that it ends the session.
func (t *tally) reply(step timing.Step, r smtp.Reply, ended bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.Replies, func(s Reply) bool { return s.Step == step && s.Code == r.Code })
	if i < 0 {
		if len(t.Replies) == mostReplies {
			return
		}
		i = len(t.Replies)
		t.Replies = append(t.Replies, Reply{Step: step, Code: r.Code, Example: string(r.Text[:min(len(r.Text), mostExample)])})
	}
	t.Replies[i].Count++
	if ended {
		t.Replies[i].Ended++
	}
}

// snapshot returns the tally with what has not ended as Open.
func (t *tally) snapshot() Tally {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.Tally
	s.Replies = slices.Clone(s.Replies)
	slices.SortFunc(s.Replies, func(a, b Reply) int { return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Code, b.Code)) })
	s.Endings[Open] = s.Sessions
	for e, n := range t.Endings {
		if Ending(e) != Open {
			s.Endings[Open] -= n
		}
	}
	return s
}
