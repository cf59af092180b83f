package misbehave

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

type stage uint8

const (
	between stage = iota // two sessions, or before the first
	dialing
	talking
	closing // its Close is under way
)

// A Client is one bad client: it opens session after session, and plays its script in each.
type Client struct {
	crowd  *Crowd
	tally  *tally
	number int64
	random *rand.Rand
	script script
	stage  stage
	next   timing.Instant // when its next session may begin
	failed int            // sessions in a row that came to no greeting

	sessions int64 // begun
	server   *Server
	mail     message.Mail
	at       int  // move of the script
	begun    bool // it is
	greeted  bool
	ended    bool // in the tally
	parser   smtp.Parser
	buffer   []byte         // of what is told
	rest     []byte         // of it, not yet written
	writing  int            // octets of the unfinished write
	until    timing.Instant // deadline of the move, or the next of its paced writes
	deaf     bool
}

// An event is one event of the connection, and how far its octets are taken.
type event struct {
	*transport.Event
	taken  int
	action transport.Action // what the client does until the next
}

// Handle implements transport.Conversation.
func (c *Client) Handle(e *transport.Event) transport.Action {
	if c.crowd.over.Load() {
		return transport.Action{Do: transport.Done} // what is open is Open in the tally
	}
	ev := event{Event: e}
	switch e.Kind {
	case transport.Started:
		c.crowd.join(e.Waker)
		c.pause(&ev)
	case transport.Opened:
		c.stage = talking
		c.play(&ev)
	case transport.Closed:
		c.pause(&ev)
	case transport.Broken:
		c.broken(&ev)
		c.pause(&ev)
	case transport.Woken:
		ev.wait(c)
	case transport.Expired:
		c.expired(&ev)
	case transport.Written:
		c.tally.octets(c.writing, 0)
		c.writing = 0
		c.play(&ev)
	case transport.Received:
		c.play(&ev)
	case transport.Ended:
		c.lost(&ev)
	}
	if ev.taken > 0 {
		c.tally.octets(0, ev.taken)
		ev.action.Taken = ev.taken
	}
	return ev.action
}

// wait makes the event's action one that changes nothing.
func (e *event) wait(c *Client) { e.action = transport.Action{Until: c.until, Deaf: c.deaf} }

// play makes the moves of the script that can be made.
func (c *Client) play(e *event) {
	if c.stage != talking {
		e.wait(c)
		return
	}
	for {
		m := &c.script.moves[c.at]
		if !m.do(c, e, m) {
			return
		}
		c.begun = false
		if c.at++; c.at == len(c.script.moves) {
			c.at = c.script.again
		}
	}
}

// begin opens the next session, unless the load has ended.
func (c *Client) begin(e *event) {
	if !c.crowd.mayBegin(e.Now) {
		e.action = transport.Action{Do: transport.Done}
		return
	}
	config := &c.crowd.config
	turn := c.number + c.sessions
	server := &config.Servers[turn%int64(len(config.Servers))]
	to := &server.Endpoints[turn/int64(len(config.Servers))%int64(len(server.Endpoints))]
	*c = Client{crowd: c.crowd, tally: c.tally, number: c.number, random: c.random, script: c.script, failed: c.failed,
		sessions: c.sessions + 1, server: server, buffer: c.buffer[:0], stage: dialing}
	config.Envelope(firstNumber+turn, &c.mail)
	c.next = e.Now.Add(config.Every + c.draw(config.Every/2))
	c.until = c.deadline(timing.Connect, e.Now)
	c.tally.begin()
	e.action = transport.Action{Do: transport.Dial, Dial: to, Until: c.until}
}

// pause waits until the next session may begin: longer where the last ones came to nothing.
func (c *Client) pause(e *event) {
	c.stage, c.until, c.deaf = between, c.next, false
	if c.failed > 0 {
		every := c.crowd.config.Every
		c.until = max(c.next, e.Now.Add(min(max(every, lastBackoff), every<<min(c.failed, 10))))
	}
	c.goOn(e)
}

// goOn begins the next session when its time has come.
func (c *Client) goOn(e *event) {
	if c.until > e.Now {
		e.wait(c)
		return
	}
	c.begin(e)
}

// draw returns a length of time up to most.
func (c *Client) draw(most time.Duration) time.Duration {
	return time.Duration(c.random.Int64N(int64(max(0, most)) + 1))
}

// deadline is the end of a step's time that begins now.
func (c *Client) deadline(step timing.Step, now timing.Instant) timing.Instant {
	if d := c.crowd.config.Timeouts[step]; d > 0 {
		return now.Add(d)
	}
	return 0
}

// name is what the client calls itself: its kind, and the run's name.
func (c *Client) name() string {
	name := c.crowd.config.Name
	if strings.HasPrefix(name, "[") {
		return name
	}
	return c.tally.Manner.Kind.String() + "." + name
}

// appendNumbers appends ".3.14".
func appendNumbers(dst []byte, numbers ...int64) []byte {
	for _, n := range numbers {
		dst = strconv.AppendInt(append(dst, '.'), n, 10)
	}
	return dst
}
