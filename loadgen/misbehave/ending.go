package misbehave

import (
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// settle enters how the session ended, once.
func (c *Client) settle(ending Ending) {
	if !c.ended {
		c.ended = true
		c.tally.end(ending)
	}
}

// end ends the session.
func (c *Client) end(e *event, ending Ending) { c.close(e, ending, transport.Now) }

func (c *Client) close(e *event, ending Ending, how transport.Closing) {
	c.settle(ending)
	c.stage, c.until, c.deaf = closing, 0, false
	e.action = transport.Action{Do: transport.Close, How: how}
}

// leave closes without a word. It does not wait for the server, so that the end of the run need not wait for it.
func (c *Client) leave(e *event, _ *move) bool {
	c.end(e, Left)
	return false
}

// breakOff closes with RST.
func (c *Client) breakOff(e *event, _ *move) bool {
	c.close(e, Left, transport.Reset)
	return false
}

// shut ends the client's own direction, and no more.
func (c *Client) shut(e *event, _ *move) bool {
	c.until = 0
	c.at++
	e.action = transport.Action{Do: transport.Close, How: transport.HalfWay}
	return false
}

// expired takes the end of a pause, of the time of a step, or of the time between two paced writes.
func (c *Client) expired(e *event) {
	switch {
	case c.stage == between:
		c.goOn(e)
	case c.stage == dialing:
		c.failed++
		c.end(e, Unreached)
	case c.stage == talking && c.late():
		c.end(e, TimedOut)
	default:
		c.play(e)
	}
}

// late tells whether the timer that has fired was a deadline.
func (c *Client) late() bool {
	m := &c.script.moves[c.at]
	return m.pace == 0 && m.pause == 0
}

// lost takes the server's FIN: what it said before that may tell why.
func (c *Client) lost(e *event) {
	if c.stage != talking {
		e.wait(c)
		return
	}
	c.lastWords(e)
	c.end(e, Closed)
}

// broken takes the end of a connection, or of the attempt at one.
func (c *Client) broken(e *event) {
	switch {
	case c.stage == between || c.stage == closing:
	case e.Fault.Kind == timing.Local:
		c.failed++
		c.settle(Local)
	case c.stage == dialing:
		c.failed++
		c.settle(Unreached)
	default:
		c.lastWords(e)
		c.settle(Closed)
	}
}

// lastWords takes the replies that came before the end.
func (c *Client) lastWords(e *event) {
	m := &c.script.moves[c.at]
	for e.taken < len(e.In) && c.stage == talking {
		r, ok := c.reply(e)
		if !ok {
			break
		}
		c.refused(e, m.step, r, m.anyReply)
	}
	e.taken = len(e.In)
}
