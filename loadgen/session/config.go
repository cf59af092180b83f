package session

import (
	"time"

	"mailmill/loadgen/identity"
	"mailmill/loadgen/login"
	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A Security says what protects the octets of a session.
type Security uint8

// The securities. A plain session is never upgraded: what is measured is what was asked for.
const (
	Plain        Security = iota
	MustStartTLS          // STARTTLS after EHLO (RFC 3207); a server that does not offer it is of no use
	ImplicitTLS           // the handshake comes before the greeting (RFC 8314 section 3)
)

// A Server is one target.
type Server struct {
	// Name is the server as the user wrote it, without any password.
	Name string
	// Endpoints are its addresses. A session tries them in this order, from the one that its
	// Opening says on, until one accepts the connection.
	Endpoints []transport.Endpoint
	// LMTP tells that the server speaks it: LHLO, and one reply to the content for each
	// recipient taken (RFC 2033).
	LMTP     bool
	Security Security
	// Resolve looks the addresses up for a session, in the order in which it is to try them; nil: they are Endpoints.
	// It may be called from any goroutine, many times at once. Its error is evidence in a fault.
	Resolve func(Opening) ([]transport.Endpoint, error)
}

// A Config is what the sessions of a class of traffic, or of several, have in common. It does not change
// while sessions use it.
type Config struct {
	// Names are given in EHLO, HELO and LHLO, in turn by the session's number: domains or
	// address literals. There is at least one.
	Names []string
	// Timeouts are the longest waits, by step; 0 is without end. That of
	// timing.Content is for each block of content.
	Timeouts [timing.NumSteps]time.Duration
	// TLS says how to shake hands; nil where no server wants that.
	TLS *TLS
	// Login says who logs in; nil is nobody.
	Login *login.Book
	// Identity says for whom sessions speak; nil: for themselves.
	Identity *identity.Book
	// Pipeline sends MAIL, RCPT and DATA in groups (RFC 2920), and chunks without waiting for
	// the replies to those before, where the server offers PIPELINING.
	Pipeline bool
	// Chunk is the length in octets of a chunk of content, which is sent by BDAT (RFC 3030); 0 is
	// DATA. The messages' contents have to be such (message.ClassConfig.Chunked).
	Chunk int
	// Binary declares every content as BINARYMIME (RFC 3030).
	Binary bool
	// Needs are the keywords of further extensions that the messages need, such as DSN.
	Needs []string
	// Force sends what the server has not offered, without the parameters that announce what a
	// message holds; else the mail transaction ends in a fault, and nothing of it is sent.
	Force bool
	// Limits keeps within what the server says of its LIMITS (RFC 9422).
	Limits bool
	// Before are commands said beside what a mail transaction needs; nil is none.
	Before *Words
}

// until is the deadline of a step that begins now.
func (c *Config) until(step timing.Step, now timing.Instant) timing.Instant {
	if d := c.Timeouts[step]; d > 0 {
		return now.Add(d)
	}
	return 0
}

// name is what the session of that number calls itself.
func (c *Config) name(number int64) string { return c.Names[number%int64(len(c.Names))] }

// A Loop is what the sessions driven by one event loop share.
type Loop struct {
	Shard *record.Shard
	// Servers are the targets. An Opening says which of them a session is with.
	Servers []Server
	// Aside does work that would hold up the event loop, on a goroutine; nil: at once.
	Aside func(work func())

	offers offers
}

// An Opening says which session is opened.
type Opening struct {
	Config *Config
	// Server is the index of the target, and Endpoint that of its address to begin with.
	Server, Endpoint int
	// Number is the session's, and no other's in the whole run. Its name follows from it, who logs in, for whom it
	// speaks, and whether it resumes a handshake.
	Number int64
	Worker int
	// Waker wakes the session's conversation when work beside the loop is done; nil: that is done at once.
	Waker transport.Waker
}
