package session

import (
	"crypto/tls"

	"mailmill/loadgen/login"
	"mailmill/loadgen/message"
	"mailmill/loadgen/record"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A Phase is what can be done with a session.
type Phase uint8

// The phases.
const (
	Off   Phase = iota // no connection: Open
	Busy               // something is outstanding: Handle every event
	Ready              // between mail transactions: Send, Noop, or Quit
)

// A Session is one client session. The zero value with Loop set is Off; a
// session that has ended is Off again and can be opened anew.
type Session struct {
	Loop *Loop

	phase   Phase
	step    timing.Step // what is outstanding; Idle if nothing is
	leaving bool        // Close was asked for: only its end is awaited
	decided bool        // result is complete and was not yet taken
	counts  bool        // the steps are on behalf of a slot in the window
	left    bool        // octets that answer no command wait to be taken
	quit    bool        // QUIT was sent

	began  timing.Instant // of the outstanding step
	until  timing.Instant // of the outstanding step
	opened timing.Instant // connect(2) of the session
	parser smtp.Parser
	offer  *Offer

	class     uint8   // of the message under way, else of the last one, in the books
	opener    uint8   // class of the message for which the session was opened
	config    *Config // of the opening, which is asked for at every step
	server    *Server
	which     Opening
	endpoints []transport.Endpoint // of the server
	tried     int                  // of them

	secured, claimed, loggedIn bool                 // TLS, XCLIENT and AUTH are done
	cancelled                  bool                 // the exchange was given up
	exchange                   *login.Exchange      // under way, or refused
	connection                 *tls.ConnectionState // of the handshake
	errand                     *errand              // that is waited for

	mail     *message.Mail // of the mail transaction under way, or waiting for the session to open
	begun    bool          // the server has taken MAIL
	withheld bool          // nothing of the mail transaction was sent, and its owner is to be told
	writing  bool          // a block of the content is being written
	body     []byte        // of the content, not yet written
	block    int           // octets of the block
	rcpt     int           // forward-path that is outstanding
	result   Result

	pipelined  bool // commands go in groups
	group      group
	chunks     chunks
	due, taken int // replies to the content that are to come from single recipients, and how many there were
	mails      int // MAIL commands in the session
	domains    []uint64
	word       int         // of the words before a step, the next one
	before     timing.Step // that they are said before
	then       sayer       // of that step; nil unless a word is outstanding

	heard   smtp.Reply       // the last one, lent
	action  transport.Action // the last one
	octets  int64            // sent in the session
	arrived int64            // received in it
}

// A Result is how a mail transaction ended.
type Result struct {
	Outcome timing.Outcome
	Began   timing.Instant // connect(2), if a session had to be opened
	Waited  bool           // for a permit to dial, before that
	Ended   timing.Instant // when the reply, or the fault, that decided it came
	// Recipients by their replies; Failed had none.
	Accepted, Deferred, Rejected, Failed int
	Octets                               int64 // of content, handed to the system
	// Withheld tells that nothing was sent, because the server has not offered what it takes.
	Withheld bool
}

// Phase returns what can be done with the session.
func (s *Session) Phase() Phase { return s.phase }

// Config returns what the open session has in common with others of its class; nil while it is Off.
func (s *Session) Config() *Config {
	if s.phase == Off {
		return nil
	}
	return s.config
}

// Offer returns what the server offered in this session, nil before that.
func (s *Session) Offer() *Offer { return s.offer }

// Step returns the step that is outstanding: Idle if none is.
func (s *Session) Step() timing.Step { return s.step }

// Result returns how the mail transaction ended, once, as soon as that is decided;
// the session may be Busy beyond that, with RSET, or with closing.
func (s *Session) Result() (r Result, ok bool) {
	if !s.decided {
		return Result{}, false
	}
	s.decided = false
	return s.result, true
}

// Open begins a session that is Off. If m is not nil, its mail transaction follows as soon as the session
// is open; m must live until its Result. counts tells that the steps are on behalf of a slot in the
// steady window.
func (s *Session) Open(now timing.Instant, o Opening, m *message.Mail, counts bool) transport.Action {
	*s = Session{Loop: s.Loop, phase: Busy, counts: counts, opened: now,
		config: o.Config, server: &s.Loop.Servers[o.Server], which: o}
	s.accept(m, now)
	s.opener = s.class
	return *s.begin(now)
}

// Send begins a mail transaction in a session that is Ready.
func (s *Session) Send(now timing.Instant, scratch []byte, m *message.Mail, counts bool) transport.Action {
	s.phase, s.counts = Busy, counts
	s.accept(m, now)
	if s.left {
		return *s.fail(now, timing.Fault{Kind: timing.Desync, Text: outOfPlace})
	}
	return *s.beginMail(now, scratch)
}

// accept takes a mail transaction on.
func (s *Session) accept(m *message.Mail, now timing.Instant) {
	s.mail, s.decided = m, false
	s.result = Result{Began: now}
	if m != nil {
		s.class = uint8(m.Class())
	}
}

// Noop asks whether the server of a session that is Ready is still there (RFC 5321 section 4.1.1.9),
// which also keeps the server from closing the session for idleness.
func (s *Session) Noop(now timing.Instant, scratch []byte) transport.Action {
	return *s.ask(now, timing.NOOP, append(scratch, smtp.LineNOOP...))
}

// Reset sends RSET in a session that is Ready, as some clients do between two mail transactions (RFC 5321
// section 4.1.1.5).
func (s *Session) Reset(now timing.Instant, scratch []byte) transport.Action {
	return *s.ask(now, timing.RSET, append(scratch, smtp.LineRSET...))
}

// ask says a command between two mail transactions, unless the server has said something unasked.
func (s *Session) ask(now timing.Instant, step timing.Step, line []byte) *transport.Action {
	s.phase = Busy
	if s.left {
		return s.fail(now, timing.Fault{Kind: timing.Desync, Text: outOfPlace})
	}
	return s.say(now, step, line)
}

// Quit ends a session that is Ready, as RFC 5321 section 4.1.1.10 wants it.
func (s *Session) Quit(now timing.Instant, scratch []byte) transport.Action {
	if s.Spent() {
		s.Loop.Shard.Spent(s.class)
	}
	return *s.sayQuit(now, scratch)
}

// Abort ends the session at once. A mail transaction that is not decided becomes outcome.
func (s *Session) Abort(now timing.Instant, outcome timing.Outcome) transport.Action {
	s.decide(now, outcome)
	return *s.hangUp()
}

// Waiting is the action of a session to which nothing has happened.
func (s *Session) Waiting() transport.Action { return *s.act(transport.Wait) }

// Handle takes an event of the session's connection: all of them while it is Busy, and those but
// Expired and Woken while it is Ready, when the timer is its owner's.
func (s *Session) Handle(e *transport.Event) transport.Action { return *s.handle(e) }

func (s *Session) handle(e *transport.Event) *transport.Action {
	switch e.Kind {
	case transport.Received:
		return s.receive(e)
	case transport.Written:
		return s.written(e)
	case transport.Opened:
		return s.connected(e)
	case transport.Closed:
		return s.off(e)
	case transport.Broken:
		return s.broken(e)
	case transport.Ended:
		return s.ended(e)
	case transport.Expired:
		return s.expired(e)
	case transport.Secured:
		return s.shaken(e)
	case transport.Woken:
		return s.woken(e)
	}
	return s.act(transport.Wait)
}

// receive takes the replies that have arrived.
func (s *Session) receive(e *transport.Event) *transport.Action {
	in := e.In
	if s.leaving {
		a := s.act(transport.Wait)
		a.Taken = len(in)
		return a
	}
	for {
		n, bad := s.parser.Next(in, &s.heard)
		if bad != smtp.WellFormed {
			a := s.fail(e.Now, timing.Fault{Kind: timing.Malformed, Text: bad.String() + ": " + smtp.Evidence(in)})
			a.Taken = len(e.In) - len(in)
			return a
		}
		if n == 0 {
			s.left = s.phase == Ready && stray(in)
			a := s.act(transport.Wait)
			a.Taken = len(e.In) - len(in)
			return a
		}
		in = in[n:]
		s.arrived += int64(n)
		a := s.reply(e, &s.heard)
		if a.Do == transport.Write && stray(in) && s.chunks.flight < 2 {
			if s.step == timing.Content && refused(in) {
				continue // before a word of the content: to be written, it would only be in the way
			}
			a = s.desync(e.Now, in, a)
		}
		if a.Do != transport.Wait || len(in) == 0 {
			s.left = false
			a.Taken = len(e.In) - len(in)
			return a
		}
	}
}

// reply records one reply and does what follows from it.
func (s *Session) reply(e *transport.Event, r *smtp.Reply) *transport.Action {
	shard := s.Loop.Shard
	row := &steps[s.step]
	key := record.ReplyKey{Class: s.class, Step: s.step, Code: uint16(r.Code), Enhanced: uint32(r.Enhanced),
		Unexpected: smtp.Classify(row.command, r.Code) == smtp.Unexpected}
	counts, text := s.counts, r.Text
	switch {
	case r.Code == 334: // a challenge is not the end of its exchange, and nobody's example
		counts, text = false, nil
	case s.exchange != nil:
		text = []byte(s.exchange.Hide(string(text)))
	}
	shard.Reply(key, timing.Span{Step: s.step, Begin: s.began, End: e.Now}, e.Loop, counts, text)
	if r.Code == 421 && s.step != timing.Quit {
		s.abandon()
		s.closed(true) // RFC 5321 section 3.8: the server closes
		return s.end(e.Now, timing.Deferred)
	}
	return row.next(s, e, r)
}

// act begins the action that the session returns: verb do, and the time-out of what is outstanding. It is
// kept in the session, not passed from function to function: a copy of so large a value costs more than most
// of them do.
func (s *Session) act(do transport.Verb) *transport.Action {
	a := &s.action
	*a = transport.Action{}
	a.Do, a.Until = do, s.until
	return a
}

// say sends a command and waits for its reply.
func (s *Session) say(now timing.Instant, step timing.Step, line []byte) *transport.Action {
	s.step, s.began, s.until = step, now, s.config.until(step, now)
	s.octets += int64(len(line))
	a := s.act(transport.Write)
	a.Head = line
	return a
}

// ready makes the session ready for a mail transaction, or begins the one that waits for it.
func (s *Session) ready(e *transport.Event) *transport.Action {
	if s.mail != nil {
		return s.beginMail(e.Now, e.Scratch)
	}
	s.phase, s.step, s.began, s.until = Ready, timing.Idle, e.Now, 0
	return s.act(transport.Wait)
}
