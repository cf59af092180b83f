package sink

import (
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A session is one server session. It is a few words while idle: thousands of
// them wait at the same time, so that buffers belong to the loop or to the mail
// transaction.
type session struct {
	sink     *Sink
	loop     *loop
	waker    transport.Waker
	peer     *transport.Peer
	who      *identity      // nil while nothing is known of the client that has to be kept
	exchange *exchange      // the AUTH under way
	deadline timing.Instant // for what the session waits for now
	resume   timing.Instant // the end of a delay; 0: none
	random   random

	phase    phase
	stage    stage
	how      transport.Closing // once leaving
	standing standing
	gates    gates // those still closed

	writing       bool // a Write is unfinished
	delayed       bool // the delay of the present step has been drawn
	waiting       bool // for store memory
	favoured      bool // by the store memory
	queued        bool // for store memory; guarded by its lock
	ended         bool // the client sends no more
	early         bool // the client spoke before the greeting
	crowded       bool // one session too many
	esmtp         bool // EHLO, not HELO
	shaking       bool // the TLS handshake is under way
	authenticated bool
	smtputf8      bool // the mail transaction has SMTPUTF8
	oversized     bool // the content is over the limit
	errors        uint16
	unsettled     int32 // accepted messages whose reply is in the unfinished Write

	// of the mail transaction
	recipients int
	declared   int64 // by SIZE=
	scanner    smtp.Scanner
	tx         *transaction // nil where nothing has to be remembered
	answer     *rule        // what to say instead of 250 to the content
	message    *Message     // with the store
}

// A stage is how far a session is (RFC 5321 section 4.1.4).
type stage uint8

const (
	connected stage = iota
	greeted         // EHLO or HELO was accepted
	inMail          // MAIL was accepted
	inRcpt          // at least one RCPT was accepted
	turnedAway
	numStages
)

// A phase is what the next octets are, or what is waited for.
type phase uint8

const (
	opening        phase = iota // nothing: the connection has just been made
	greeting                    // nothing: the greeting is due
	commands                    // command lines
	skipping                    // the rest of a command line that was too long
	content                     // mail data
	authenticating              // a response in an AUTH exchange
	securing                    // the TLS handshake
	deciding                    // its reply is due
	storing                     // and the store has it
	mute                        // nothing that would ever be answered
	leaving                     // nothing: the session closes when what it said has left
)

// phases holds the work of each phase. It reports whether to go on; false: more
// octets or another event are needed, or what was said has to leave first.
var phases = [...]func(*session, *turn) bool{
	opening:        (*session).open,
	greeting:       (*session).greet,
	commands:       (*session).command,
	skipping:       (*session).skip,
	content:        (*session).take,
	authenticating: (*session).authLine,
	securing:       (*session).awaitTLS,
	deciding:       (*session).decide,
	storing:        (*session).stored,
	mute:           (*session).swallow,
	leaving:        (*session).swallow,
}

// handlers holds what is done for each kind of event.
var handlers = [...]func(*session, *turn) transport.Action{
	transport.Started:  (*session).started,
	transport.Opened:   (*session).opened,
	transport.Received: (*session).received,
	transport.Written:  (*session).written,
	transport.Secured:  (*session).secured,
	transport.Expired:  (*session).expired,
	transport.Woken:    (*session).woken,
	transport.Ended:    (*session).finished,
	transport.Broken:   (*session).broken,
	transport.Closed:   (*session).closed,
}

// Handle implements transport.Conversation.
func (s *session) Handle(e *transport.Event) transport.Action {
	l := s.loop
	l.mu.Lock() // without defer, which is measurable here
	t := &l.turn
	*t = turn{now: e.Now, in: e.In, out: e.Scratch, peer: e.Peer, waker: e.Waker}
	a := handlers[e.Kind](s, t)
	t.in, t.out = nil, nil // they are not the session's to keep
	l.mu.Unlock()
	return a
}

func (s *session) started(t *turn) transport.Action {
	s.waker = t.waker
	return transport.Action{}
}

func (s *session) opened(t *turn) transport.Action {
	s.peer = t.peer
	s.loop.Sessions++
	s.crowded = s.sink.open.Add(1) > int64(s.sink.config.MaxSessions)
	s.standing, s.gates = s.sink.standing(t.peer), s.sink.gates
	if s.sink.config.ImplicitTLS {
		s.secureNext()
	} else {
		s.early = len(t.in) > 0
	}
	return s.advance(t)
}

// received takes octets, unless the session is about something else: then it
// goes deaf, so that back-pressure reaches a client that sends without reading.
func (s *session) received(t *turn) transport.Action {
	s.early = s.early || s.phase <= greeting
	if s.busy(t) {
		return transport.Action{Deaf: true, Until: s.until()}
	}
	return s.advance(t)
}

func (s *session) written(t *turn) transport.Action {
	s.writing = false
	s.settle()
	s.patience(t)
	return s.advance(t)
}

// woken looks at what the session waits for; a late Wake finds nothing.
func (s *session) woken(t *turn) transport.Action {
	if s.writing {
		return transport.Action{Until: s.deadline}
	}
	return s.advance(t)
}

func (s *session) finished(t *turn) transport.Action {
	s.ended = true
	if s.writing {
		return transport.Action{Until: s.deadline}
	}
	return s.advance(t)
}

func (s *session) expired(t *turn) transport.Action {
	switch {
	case s.writing:
		s.loop.WriteTimeouts++
		s.leave(transport.Now)
		s.writing = false
		return s.act(t)
	case s.resume != 0 || s.deadline == 0 || t.now < s.deadline:
		return s.advance(t)
	case s.phase == mute || s.phase == leaving:
		s.leave(transport.Now)
	case s.phase == securing:
		s.loop.Timeouts++
		s.leave(transport.Now)
	case s.waiting:
		s.sayLast(t, sayNoMemory)
	default:
		s.loop.Timeouts++
		s.sayLast(t, sayIdle)
	}
	return s.act(t)
}

func (s *session) broken(*turn) transport.Action {
	s.loop.Broken++
	if s.shaking {
		s.loop.TLSFailures++
	}
	return s.end()
}

func (s *session) closed(*turn) transport.Action { return s.end() }

// busy reports whether octets have to wait.
func (s *session) busy(t *turn) bool {
	return s.writing || s.waiting || s.phase == storing || s.resume > t.now
}

// until is the one timer: the end of a delay before everything else.
func (s *session) until() timing.Instant {
	if s.resume != 0 && !s.writing {
		return s.resume
	}
	return s.deadline
}

// advance does all that can be done now.
func (s *session) advance(t *turn) transport.Action {
	if s.resume > t.now {
		return s.act(t)
	}
	s.resume = 0
	for t.open() && phases[s.phase](s, t) {
	}
	return s.act(t)
}

// act turns what was decided into an action: say what is to be said, all of it at
// once; else close; else wait.
func (s *session) act(t *turn) transport.Action {
	a := transport.Action{Taken: t.used}
	switch {
	case len(t.out) > 0:
		s.writing = true
		s.deadline = t.now.Add(s.sink.config.WriteTimeout)
		a.Do, a.Head, a.Notify = transport.Write, t.out, true
	case s.phase == leaving && (s.how != transport.Polite || s.ended):
		return s.endAs(s.how)
	case s.phase == leaving:
		a.Do, a.How = transport.Close, s.how
	case s.ended && !s.busy(t):
		return s.end()
	case s.phase == securing && !s.shaking:
		s.shake(&a, t)
	}
	a.Until = s.until()
	return a
}

// patience sets the deadline for the next thing that the client is to send.
func (s *session) patience(t *turn) {
	wait := s.sink.config.CommandTimeout
	if s.phase == content {
		wait = s.sink.config.DataTimeout
	}
	s.deadline = t.now.Add(wait)
}

// leave makes the session close when what it said has left.
func (s *session) leave(how transport.Closing) {
	s.phase, s.how = leaving, how
}

// endAs closes at once; the manner matters for a reset only.
func (s *session) endAs(how transport.Closing) transport.Action {
	if how == transport.Reset {
		return transport.Action{Do: transport.Close, How: how}
	}
	return s.end()
}

// end gives back all that the session holds. It is called once.
func (s *session) end() transport.Action {
	if s.stage == inMail || s.stage == inRcpt {
		s.loop.Abandoned++
	}
	s.loop.MessagesUnknown += uint64(s.unsettled)
	s.settle()
	s.abandonMessage()
	s.endTransaction()
	if s.peer != nil {
		s.sink.open.Add(-1)
	}
	return transport.Action{Do: transport.Done}
}

func (s *session) settle() {
	if s.unsettled > 0 {
		s.sink.settle(int(s.unsettled))
		s.unsettled = 0
	}
}

// say says a canned reply.
func (s *session) say(t *turn, c canned) { s.sayReply(t, &s.sink.canned[c]) }

// sayLast says a canned reply and closes.
func (s *session) sayLast(t *turn, c canned) {
	s.say(t, c)
	s.leave(transport.Polite)
}

// sayReply says a reply. A session with too many refusals ends here, and so does
// any that is told 421.
func (s *session) sayReply(t *turn, r *reply) {
	t.out = append(t.out, r.octets...)
	t.last = r.code
	s.loop.said(r.code, 1)
	switch {
	case r.code == 421:
		s.leave(transport.Polite)
	case r.code >= 500 && s.sink.config.MaxErrors > 0:
		if s.errors++; int(s.errors) > s.sink.config.MaxErrors && s.phase != leaving {
			s.sayLast(t, sayTooManyErrors)
		}
	}
}
