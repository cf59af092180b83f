package transport

import (
	"crypto/tls"
	"time"

	"mailmill/loadgen/timing"
)

// A Conversation is one side of a dialogue.
//
// Handle is given what happened and returns what to do next. It never blocks,
// never reads a clock, and keeps neither the Event nor what it lends, Event.In
// and Event.Scratch. A transport calls it from one goroutine at a time.
//
// The Event comes by pointer because it is copied at each call else, or moved to the heap where
// a table of functions is behind Handle: measured, a tenth of a transaction's own work.
type Conversation interface {
	Handle(*Event) Action
}

// An EventKind says what happened.
type EventKind uint8

// The kinds of event.
const (
	Started  EventKind = iota // first event of all; Waker comes with it
	Opened                    // connected, or accepted: Peer is set
	Received                  // In holds octets not yet taken
	Written                   // a Write is complete: when Notify was set, or when it did not fit at once
	Secured                   // the handshake is complete: Peer.TLS is set
	Expired                   // Until has passed
	Woken                     // Wake was called
	Ended                     // the peer's FIN: it will send no more
	Broken                    // the connection, or the attempt at one, failed: Fault is set; may Dial again
	Closed                    // the conversation's own Close is complete; may Dial again
)

// An Event is what happened to a conversation.
type Event struct {
	Kind EventKind
	// Waited, of the Opened or Broken that answers a Dial, tells that the attempt
	// had to wait for a permit to dial. The wait lies before Since.
	Waited bool
	// Now is the instant of the event. For Received it was read right after
	// the read returned.
	Now timing.Instant
	// Loop is the time from the return of the transport's wait to Now: what its
	// work for other conversations added to this event. 0 where there is no loop.
	Loop time.Duration
	// In holds the octets that have arrived and were not yet taken, the oldest
	// first. It is valid until Handle returns. It is set with every kind of event.
	In []byte
	// Scratch has length 0 and a capacity of at least 4096, and is valid until the
	// action has been carried out: the place to build Head.
	Scratch []byte
	Peer    *Peer
	// Since, of the Opened or Broken that answers a Dial, is the instant at which
	// the attempt began: that of connect(2), where there is one.
	Since timing.Instant
	Fault timing.Fault
	Waker Waker
}

// A Verb is what a conversation wants done.
type Verb uint8

// The verbs.
const (
	Wait     Verb = iota // nothing; hear what comes until Until
	Dial                 // open a connection to Dial
	Write                // send Head, then Body
	StartTLS             // begin a handshake as TLS says
	Close                // end the connection as How says; Closed follows
	Done                 // the conversation is over; any connection is closed; no event follows
)

// An Action is what a conversation wants done, and how long it will wait.
type Action struct {
	Do Verb
	// Taken is how many octets of In were used. The transport keeps the rest and
	// offers it again: at once if something was taken and the action is not
	// Deaf, else with the next event.
	Taken int
	// Deaf: offer nothing until the next event of a kind other than Received
	// and Ended. The transport stops reading, so that back-pressure reaches the peer.
	Deaf bool
	// Notify asks for Written even if the Write fits at once.
	Notify bool
	// Head and Body are sent as one. The transport copies what does not fit of
	// Head; Body must not change until Written.
	Head, Body []byte
	// Until is the conversation's one timer. Every action replaces it; 0 is none.
	// That of a Dial which waits for a permit is put off by the wait.
	Until timing.Instant
	Dial  *Endpoint
	TLS   *TLS
	How   Closing
}

// A Closing is a manner of closing a connection.
type Closing uint8

// The manners of closing.
const (
	Polite  Closing = iota // FIN, read and discard a little, close
	Now                    // close at once; the kernel sends what it has
	Reset                  // RST: what was not sent is lost
	HalfWay                // FIN for our direction only; reading goes on and Closed does not follow
)

// A TLS tells a transport how to shake hands.
type TLS struct {
	Config *tls.Config
	Server bool // which side of the handshake this conversation is
}

// A Waker wakes its conversation from any goroutine: the conversation gets an
// event Woken soon. Calls before that event is delivered are one call. Calls
// after Done do nothing.
type Waker interface{ Wake() }
