// Package sink is the server that mailmill carries along: it takes mail and does
// with it as told.
//
// It knows one server session of RFC 5321 as a state machine ([Sink.Accept]
// returns a [transport.Conversation]), the replies it gives, the behaviours that
// refuse, delay, drop and speak badly ([Behaviour]), whom it takes mail for ([User]), and the
// stores that accepted mail goes to ([Store]). What it saw and said is counted
// ([Counters]).
//
// It speaks SMTP or LMTP (RFC 5321, RFC 2033) with what [Extension] lists, TLS before or
// after the greeting, AUTH with the mechanisms of mechanism.go, and the PROXY protocol in
// front. What the flags of Postfix's smtp-sink do is in testdata/smtp-sink.txt, next to the
// flags of mailmill sink that do it.
//
// Passwords cross a connection in clear from this machine only, unless told otherwise: a sink
// is for tests, and on a loopback address there is nobody in between.
//
// It opens no socket, reads no clock inside a session, and does not know what
// sends the mail: the load generator is one client among many. Stores are the
// exception by design: they run on goroutines of their own, outside the loops
// that drive sessions, and a session waits for them without blocking its loop.
//
// The states of a session, in the words of RFC 5321 section 4.1.4; EHLO, a handshake and
// XCLIENT lead back to the first two:
//
//	connected ─EHLO─► greeted ─MAIL─► mail ─RCPT─► rcpt ─DATA─► content ─CRLF.CRLF─► greeted
//	             ▲        ▲            │             │  └─BDAT─► chunks ─BDAT LAST──────┘
//	             └────────┴────RSET────┴─────────────┴─────────────┘
package sink
