package sink

import (
	"crypto/tls"
	"math"

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
	manner   manner      // of the reply to come
	slow     *slowReply  // on its way
	spoken   *rule       // what was said to the command whose end has not come
	forged   *tls.Config // the handshake is with this one, not that of the sink

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
	smtputf8      bool   // the mail transaction has SMTPUTF8
	prdr          bool   // and PRDR
	oversized     bool   // the content is over the limit
	binary        bool   // and declared BINARYMIME
	lastChunk     bool   // the chunk is the last
	refused       canned // what to say to the chunk when it has come; 0: it is taken
	stuck         bool   // the present command has been held by the tarpit
	hurried       bool   // it has been drawn whether it is answered before its end
	errors        uint16
	mails         uint32 // accepted so far
	unsettled     int32  // accepted messages whose reply is in the unfinished Write

	// of the mail transaction
	recipients int
	declared   int64 // by SIZE=
	scanner    smtp.Scanner
	tx         *transaction // nil where nothing has to be remembered
	answer     *rule        // what to say instead of 250 to the content
	script     *ruleTable   // of the first recipient
	hops       *hopCounter  // nil: they are not counted
	chunkLeft  int64        // octets of a chunk still to come
	message    *Message     // with the store
}

// A stage is how far a session is (RFC 5321 section 4.1.4).
type stage uint8

const (
	connected    stage = iota
	greeted            // EHLO or HELO was accepted
	inMail             // MAIL was accepted
	inRcpt             // at least one RCPT was accepted
	inChunks           // a chunk was accepted, and another is to follow
	chunksFailed       // a chunk was not
	turnedAway
	numStages
)

// inTransaction reports whether a mail transaction is open.
func (s stage) inTransaction() bool { return s >= inMail && s <= chunksFailed }

// A phase is what the next octets are, or what is waited for.
type phase uint8

const (
	opening        phase = iota // nothing: the connection has just been made
	greeting                    // nothing: the greeting is due
	commands                    // command lines
	skipping                    // the rest of a command line that was too long
	promised                    // mail data, once behaviours have had their say
	content                     // mail data
	chunk                       // the octets of a chunk
	chunked                     // its reply is due
	heading                     // a PROXY header
	authenticating              // a response in an AUTH exchange
	securing                    // the TLS handshake
	deciding                    // its reply is due
	storing                     // and the store has it
	mute                        // nothing that would ever be answered
	deafened                    // nothing at all
	leaving                     // nothing: the session closes when what it said has left
)

// phases holds the work of each phase. It reports whether to go on; false: more
// octets or another event are needed, or what was said has to leave first.
var phases = [...]func(*session, *turn) bool{
	opening:        (*session).open,
	greeting:       (*session).greet,
	commands:       (*session).command,
	skipping:       (*session).skip,
	promised:       (*session).promise,
	content:        (*session).take,
	chunk:          (*session).takeChunk,
	chunked:        (*session).endChunk,
	heading:        (*session).head,
	authenticating: (*session).authLine,
	securing:       (*session).awaitTLS,
	deciding:       (*session).decide,
	storing:        (*session).stored,
	mute:           (*session).swallow,
	deafened:       func(*session, *turn) bool { return false },
	leaving:        (*session).swallow,
}

// patience sets the deadline for the next thing that the client is to send.
func (s *session) patience(t *turn) {
	wait := s.sink.config.CommandTimeout
	if s.phase == content || s.phase == chunk {
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
	if s.stage.inTransaction() {
		s.loop.Abandoned++
	}
	s.loop.MessagesUnknown += uint64(s.unsettled)
	s.settle()
	s.abandonMessage()
	s.endTransaction()
	s.sink.held.Add(-1)
	if s.peer != nil {
		s.sink.ended(s)
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
	case r.code >= 500:
		s.err(t)
	}
}

// err counts a refusal for good.
func (s *session) err(t *turn) {
	s.errors = min(s.errors, math.MaxUint16-1) + 1
	if most := s.sink.config.MaxErrors; most > 0 && int(s.errors) > most && s.phase != leaving {
		s.sayLast(t, sayTooManyErrors)
	}
}
