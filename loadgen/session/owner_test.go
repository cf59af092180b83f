package session

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"pgregory.net/rapid"

	"mailmill/loadgen/message"
	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// An owner owns a session, as a worker of the pool does: it opens it, sends its messages one after the
// other, in a new session where the last one has ended, and quits.
type owner struct {
	session  Session
	mails    []message.Mail
	think    time.Duration
	noop     bool
	quota    int
	recorder *record.Recorder
	config   Config

	begun   atomic.Int32 // messages; the server looks at it
	here    int          // of them in this session
	opened  bool         // a session was opened
	said    bool         // NOOP was said since the last message
	until   timing.Instant
	results []Result
}

func newOwner(t rapid.TB, d *dialogue, endpoints []transport.Endpoint, timeouts [timing.NumSteps]time.Duration) *owner {
	o := &owner{mails: d.mails(t), think: d.think, noop: d.noop, quota: d.quota, recorder: record.New(record.Config{}), config: d.config}
	o.config.Names, o.config.Timeouts = []string{"client.example"}, timeouts
	o.session.Loop = &Loop{
		Shard:   o.recorder.Shard(0),
		Servers: []Server{{Endpoints: endpoints, LMTP: d.lmtp, Security: d.security}},
	}
	return o
}

// Handle implements transport.Conversation.
func (o *owner) Handle(e *transport.Event) transport.Action {
	var a transport.Action
	switch {
	case e.Kind == transport.Started:
	case e.Kind == transport.Expired && o.session.Phase() != Busy:
		o.until = 0
	default:
		a = o.session.Handle(e)
		if r, ok := o.session.Result(); ok {
			o.results = append(o.results, r)
			o.until, o.said = e.Now.Add(o.think), false
		}
		if o.session.Phase() == Busy {
			return a
		}
	}
	next := o.next(e)
	next.Taken = a.Taken
	return next
}

func (o *owner) next(e *transport.Event) transport.Action {
	more := int(o.begun.Load()) < len(o.mails)
	switch {
	case o.session.Phase() == Off && (more || !o.opened):
		o.opened, o.here = true, 0
		return o.session.Open(e.Now, Opening{Config: &o.config}, o.mail(), true)
	case o.session.Phase() == Off:
		return transport.Action{Do: transport.Done}
	case !more || o.quota > 0 && o.here >= o.quota || o.session.Spent() || !o.session.Fits(&o.mails[o.begun.Load()]):
		return o.session.Quit(e.Now, e.Scratch)
	case e.Now < o.until:
		return transport.Action{Until: o.until}
	case o.noop && !o.said:
		o.said = true
		return o.session.Noop(e.Now, e.Scratch)
	}
	return o.session.Send(e.Now, e.Scratch, o.mail(), true)
}

// mail takes the next message; nil if there is none.
func (o *owner) mail() *message.Mail {
	if int(o.begun.Load()) == len(o.mails) {
		return nil
	}
	o.here++
	return &o.mails[o.begun.Add(1)-1]
}

// sending is the content of the message that was begun last: its header, and its body.
func (o *owner) sending() (head, body []byte) {
	m := &o.mails[o.begun.Load()-1]
	return m.AppendHead(nil), m.Body()
}

// fill puts the size of the message that was begun last into a line.
func (o *owner) fill(text string) string {
	if !strings.Contains(text, "{size}") {
		return text
	}
	size := o.mails[o.begun.Load()-1].Size()
	return strings.ReplaceAll(text, "{size}", strconv.FormatInt(size, 10))
}
