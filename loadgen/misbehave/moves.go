package misbehave

import (
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// tell writes a text, at the move's pace. What the server says meanwhile is out of turn.
func (c *Client) tell(e *event, m *move) (done bool) {
	switch {
	case !c.begun:
		c.begun, c.until, c.deaf = true, e.Now, m.deaf
		c.buffer = m.text(c, c.buffer[:0])
		c.rest = c.buffer
	case e.Kind == transport.Received && c.overhear(e, m.step):
		return false
	case c.writing > 0:
		e.wait(c)
		return false
	}
	if len(c.rest) == 0 && m.endless {
		c.rest = c.buffer
	}
	if len(c.rest) == 0 {
		c.deaf = false
		return true
	}
	if m.pace > 0 && c.until > e.Now {
		e.wait(c)
		return false
	}
	c.write(e, m)
	return false
}

// maxPiece is the most that a paced write holds.
const maxPiece = 64 << 10

// tick is the time between two paced writes, where that is not too much for an octet or too little for
// the largest piece.
const tick = 100 * time.Millisecond

// write writes what is told all at once, or the next piece of it. A piece that does not fit waits for as
// long as the server does not read.
func (c *Client) write(e *event, m *move) {
	piece, deadline := c.rest, c.deadline(m.step, e.Now)
	if m.pace > 0 {
		n := min(max(1, int(int64(m.pace)*int64(tick)/int64(time.Second))), maxPiece, len(c.rest))
		piece = c.rest[:n]
		c.until = e.Now.Add(time.Duration(n) * time.Second / time.Duration(m.pace))
		deadline = 0
	} else {
		c.until = deadline
	}
	c.rest, c.writing = c.rest[len(piece):], len(piece)
	e.action = transport.Action{Do: transport.Write, Body: piece, Notify: true, Until: deadline, Deaf: c.deaf}
}

// hear waits for the reply to a step.
func (c *Client) hear(e *event, m *move) (done bool) {
	if !c.begun {
		c.begun, c.until = true, c.deadline(m.step, e.Now)
	}
	r, ok := c.reply(e)
	if !ok {
		return false
	}
	severity := r.Code.Severity()
	switch {
	case c.refused(e, m.step, r, m.anyReply):
		return false
	case (severity == smtp.PositiveIntermediate) != (m.step == timing.Data):
		if !m.anyReply || severity == smtp.PositiveIntermediate {
			c.end(e, Garbled)
			return false
		}
	case m.step == timing.Accept:
		c.settle(Accepted)
	}
	return true
}

// stay hears whatever comes until the server, or the run, ends the session.
func (c *Client) stay(e *event, m *move) bool {
	c.until = 0
	if !c.overhear(e, m.step) {
		e.wait(c)
	}
	return false
}

// overhear takes replies for which nobody waits, and tells whether they ended the session.
func (c *Client) overhear(e *event, step timing.Step) (over bool) {
	for len(e.In) > e.taken {
		r, ok := c.reply(e)
		switch {
		case !ok:
			return c.stage != talking
		case c.refused(e, step, r, false):
			return true
		}
	}
	return false
}

// reply takes the next reply. If there is none yet the client waits; if there will never be one, its session is over.
func (c *Client) reply(e *event) (r smtp.Reply, ok bool) {
	n, bad := c.parser.Next(e.In[e.taken:], &r)
	switch {
	case bad != smtp.WellFormed:
		e.taken = len(e.In)
		c.end(e, Garbled)
		return r, false
	case n == 0:
		e.wait(c)
		return r, false
	}
	e.taken += n
	return r, true
}

// refused counts a reply, and ends the session if it says so. The first reply of all is the greeting.
func (c *Client) refused(e *event, step timing.Step, r smtp.Reply, expected bool) (over bool) {
	if !c.greeted {
		step, c.greeted = timing.Greeting, true
		expected = false
	}
	negative := r.Code.Severity() == smtp.TransientNegative || r.Code.Severity() == smtp.PermanentNegative
	over = r.Code == 421 || negative && !expected
	c.tally.reply(step, r, over && !c.ended)
	switch {
	case step == timing.Greeting && negative:
		c.failed++
	case step == timing.Greeting:
		c.failed = 0
	}
	switch {
	case r.Code == 421:
		c.end(e, Told)
	case over:
		c.end(e, Refused)
	}
	return over
}

// pass lets some time pass.
func (c *Client) pass(e *event, m *move) (done bool) {
	if !c.begun {
		c.begun, c.until = true, e.Now.Add(m.pause)
	}
	if c.until > e.Now {
		e.wait(c)
		return false
	}
	return true
}
