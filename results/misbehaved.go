package results

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"mailmill/loadgen/timing"
)

// Misbehaved are the bad clients of one manner, and what became of their sessions in the
// whole run. Nothing of them is in any other field of the document.
//
//	sessions = accepted + refused + told + closed + left + timed_out + garbled + unreached + local + open
type Misbehaved struct {
	// Manner is what --misbehave has before its share, such as "slow-writer=10".
	Manner   string `json:"manner"`
	Clients  int    `json:"clients"`
	Sessions int64  `json:"sessions"` // begun

	Accepted  int64 `json:"accepted"`  // the server took the message
	Refused   int64 `json:"refused"`   // a negative reply but 421 ended it: see Replies
	Told      int64 `json:"told"`      // 421 ended it
	Closed    int64 `json:"closed"`    // the server closed or reset the connection without a word
	Left      int64 `json:"left"`      // the client went, as its manner is
	TimedOut  int64 `json:"timed_out"` // no reply came in the time that the step may take
	Garbled   int64 `json:"garbled"`   // octets that are no reply, or not one to that command
	Unreached int64 `json:"unreached"` // there was no connection
	Local     int64 `json:"local"`     // mailmill's own machine could not
	Open      int64 `json:"open"`      // at the end of the run it was open still

	OctetsSent     int64             `json:"octets_sent"`
	OctetsReceived int64             `json:"octets_received"`
	Replies        []MisbehavedReply `json:"replies,omitempty"`
}

// A MisbehavedReply is one kind of reply to bad clients.
type MisbehavedReply struct {
	Step  string `json:"step"` // "idle": the client waited for none
	Code  int    `json:"code"`
	Count int64  `json:"count"`
	// Ended is how many sessions it ended.
	Ended int64 `json:"ended,omitempty"`
	// Example is the text of one such reply: hostile until quoted.
	Example string `json:"example,omitempty"`
}

// numbers are the fields that add up, the sessions begun first and then how they ended.
func (m *Misbehaved) numbers() []*int64 {
	return []*int64{&m.Sessions, &m.Accepted, &m.Refused, &m.Told, &m.Closed, &m.Left, &m.TimedOut, &m.Garbled, &m.Unreached,
		&m.Local, &m.Open}
}

// check holds that every session has one end.
func (m Misbehaved) check() error {
	numbers := m.numbers()
	var ended int64
	for _, n := range numbers[1:] {
		if *n < 0 {
			return fmt.Errorf("bad clients %s: a count is negative (%d)", m.Manner, *n)
		}
		ended += *n
	}
	return equal("bad clients "+m.Manner+": ends of sessions", ended, "sessions", m.Sessions)
}

// checkMisbehaved holds that of every manner.
func (d *Document) checkMisbehaved() error {
	var found []error
	for _, m := range d.Misbehaved {
		found = append(found, m.check())
		for _, r := range m.Replies {
			if _, ok := timing.ParseStep(r.Step); !ok || r.Count < 1 || r.Ended > r.Count {
				found = append(found, fmt.Errorf("bad clients %s: %d to %q, %d times and %d ends, cannot be", m.Manner, r.Code, r.Step, r.Count, r.Ended))
			}
		}
	}
	return errors.Join(found...)
}

// misbehaved merges the bad clients of all parts, by manner.
func (m *merging) misbehaved() (sum []Misbehaved) {
	for _, d := range m.docs {
		for _, part := range d.Misbehaved {
			i := slices.IndexFunc(sum, func(s Misbehaved) bool { return s.Manner == part.Manner })
			if i < 0 {
				i = len(sum)
				sum = append(sum, Misbehaved{Manner: part.Manner})
			}
			sum[i].add(&part)
		}
	}
	return sum
}

func (m *Misbehaved) add(o *Misbehaved) {
	m.Clients += o.Clients
	part := o.numbers()
	for i, n := range m.numbers() {
		*n += *part[i]
	}
	m.OctetsSent += o.OctetsSent
	m.OctetsReceived += o.OctetsReceived
	for _, r := range o.Replies {
		i := slices.IndexFunc(m.Replies, func(s MisbehavedReply) bool { return s.Step == r.Step && s.Code == r.Code })
		if i < 0 {
			m.Replies = append(m.Replies, r)
			continue
		}
		m.Replies[i].Count += r.Count
		m.Replies[i].Ended += r.Ended
	}
	slices.SortStableFunc(m.Replies, func(a, b MisbehavedReply) int {
		return cmp.Or(compareSteps(a.Step, b.Step), cmp.Compare(a.Code, b.Code))
	})
}
