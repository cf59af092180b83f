package sink

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// Limits and time-outs where a Config says nothing.
const (
	// DefaultMaxSize is 50 MiB: room for any mail that real servers would take.
	DefaultMaxSize = 50 << 20
	// DefaultMaxRecipients is what Postfix takes; RFC 5321 section 4.5.3.1.8 asks for 100.
	DefaultMaxRecipients = 1000
	// DefaultMaxLine is eight times the 512 octets of RFC 5321 section 4.5.3.1.4, room
	// for all extensions together.
	DefaultMaxLine = 4096
	// DefaultMaxSessions keeps a runaway client from taking every descriptor.
	DefaultMaxSessions = 16384
	// DefaultTimeout is the wait for the next command (RFC 5321 section 4.5.3.2.7).
	DefaultTimeout = 5 * time.Minute
	// DefaultDataRate is the fewest octets of content per second, averaged: slower than
	// any modem, faster than a client that means harm.
	DefaultDataRate = 100
	// DefaultStoreMemory caps the content held for stores.
	DefaultStoreMemory = 64 << 20
	// DefaultStoreWorkers is the number of messages being stored at the same time.
	DefaultStoreWorkers = 4
)

// A LoneLF says what content with a CR or LF on its own gets. Whatever is
// chosen, only CR LF . CR LF ends the content (RFC 5321 section 4.1.1.4).
type LoneLF uint8

// The rules for a lone CR or LF.
const (
	KeepLoneLF   LoneLF = iota // it is content, and counted
	RefuseLoneLF               // 550 5.5.2 to the content
)

// A Config says how a sink behaves. Zero values stand for the defaults above,
// or for no limit where a field says so.
type Config struct {
	// Hostname is the sink's name in its replies; "" is localhost.
	Hostname string
	// Domains are the domains that mail is taken for; none: all.
	Domains []string
	// Users are the mailboxes that mail is taken for; none: all of Domains.
	Users []User

	MaxSize              int64 // octets of content; negative: no limit
	MaxRecipients        int   // per mail transaction; negative: no limit
	MaxRecipientDomains  int   // different domains of recipients, per session; 0: no limit
	MaxSessions          int   // open at the same time; negative: no limit
	MaxSessionsPerSource int   // of these, from one address; 0: no limit
	MaxAccepted          int   // connections that Room has room for; 0: any number
	MaxLine              int   // octets of a command line with its CR LF; at least 512
	MaxTransactions      int   // per session, that are taken; 0: no limit
	MaxReceived          int   // Received fields of a message; 0: no limit
	MaxErrors            int   // 5yz replies in a session before 421 4.7.0; 0: no limit

	CommandTimeout time.Duration // for one whole command line
	DataTimeout    time.Duration // for the next block of content
	WriteTimeout   time.Duration // for the client to take a reply
	DataRate       int           // octets per second that content must reach; negative: any

	// LenientLines takes a lone LF as the end of a command line, as old servers do.
	LenientLines bool
	LoneLF       LoneLF

	// Without takes extensions out of the EHLO reply, and refuses what belongs to them.
	Without Extension

	// LMTP speaks that instead of SMTP (RFC 2033): a reply to each recipient.
	LMTP bool

	// PRDR offers that, which hardly any server does: a client that asks for it with MAIL gets a reply
	// to each recipient after the content, and then one to the message (draft-hall-prdr).
	PRDR bool

	// TLS offers STARTTLS; nil does not. ImplicitTLS has the handshake before all else
	// (RFC 8314), and RequireTLS answers 530 to nearly everything before it.
	TLS                     *tls.Config
	ImplicitTLS, RequireTLS bool
	// Accounts may authenticate; none: AUTH is offered to those alone who show a certificate that TLS asks for. RequireAuth answers 530 to
	// mail before that.
	Accounts    []Account
	RequireAuth bool
	// AuthAny lets anybody authenticate with any password, by the mechanisms that need not know it.
	AuthAny bool
	// Mechanisms are those of AUTH that are offered; none: all.
	Mechanisms []string
	// AuthInClear lets passwords cross any connection in clear. Without it they cross
	// those of this machine, for there is nobody in between, and those that TLS protects.
	AuthInClear bool

	// Proxy expects a PROXY header, version 1 or 2, in front of all else, TLS included.
	Proxy bool
	// Trusted may send that header, XCLIENT and XFORWARD; nil: this machine. UNIX sockets
	// are always trusted.
	Trusted []netip.Prefix

	// Behaviours are drawn in their order at each step.
	Behaviours []Behaviour
	// DomainBehaviours are drawn in front of Behaviours for recipients of each domain: at
	// rcpt for the one in the command, later for the first of the mail transaction, and in
	// LMTP for each. "*" is every domain that is not named.
	DomainBehaviours map[string][]Behaviour
	// ReplyByAddress answers MAIL and RCPT as a local-part says: tempfail, permfail, drop,
	// reset, silence, or a reply such as 550_5.1.1.
	ReplyByAddress bool
	// Greylist defers a client, reverse-path and forward-path that come together for the
	// first time with 450, until it has passed. 0: it takes them.
	Greylist time.Duration
	// Tarpit delays each command by this for each 5yz reply before it, up to half a minute.
	Tarpit time.Duration
	// RejectEarlyTalkers answers 554 5.5.1 to a client that speaks before the greeting, and
	// closes. GreetDelay holds the greeting back, so that such a client shows.
	RejectEarlyTalkers bool
	GreetDelay         time.Duration
	// Seed makes the draws repeatable.
	Seed uint64

	// Store takes accepted mail; nil discards it. If it has a method Check() error,
	// that is part of Check.
	Store        Store
	StoreWorkers int
	StoreMemory  int64 // octets of content held at once, over all sessions

	// Log gets a line for each message whose content has come, and for each path that was refused,
	// written by a goroutine of its own: time; event, which is message, or the step mail, rcpt or (a
	// recipient's copy in LMTP) accept at which the path was refused; then client, helo, login,
	// forwarded, from and each to, quoted as in Go; for messages size and proto; and reply, whose
	// code is 0 where there was none. nil: no log.
	Log io.Writer

	// ExitAfter is the number of messages after which Done is closed; the sink takes
	// no more than that. 0: no limit.
	ExitAfter int64
	// ExitAfterSessions is the number of sessions, refused ones included, after whose
	// end Done is closed. 0: no limit.
	ExitAfterSessions int64
}

// withDefaults returns c with zero values replaced.
func (c Config) withDefaults() Config {
	orString(&c.Hostname, "localhost")
	orNumber(&c.MaxSize, DefaultMaxSize)
	orNumber(&c.MaxRecipients, DefaultMaxRecipients)
	orNumber(&c.MaxSessions, DefaultMaxSessions)
	orNumber(&c.MaxLine, DefaultMaxLine)
	orNumber(&c.CommandTimeout, DefaultTimeout)
	orNumber(&c.DataTimeout, DefaultTimeout)
	orNumber(&c.WriteTimeout, DefaultTimeout)
	orNumber(&c.DataRate, DefaultDataRate)
	orNumber(&c.StoreWorkers, DefaultStoreWorkers)
	orNumber(&c.StoreMemory, DefaultStoreMemory)
	unlimited(&c.MaxSize, math.MaxInt64)
	unlimited(&c.MaxRecipients, math.MaxInt)
	unlimited(&c.MaxSessions, math.MaxInt)
	return c
}

func orString(s *string, or string) {
	if *s == "" {
		*s = or
	}
}

func orNumber[N int | int64 | time.Duration](n *N, or N) {
	if *n == 0 {
		*n = or
	}
}

func unlimited[N int | int64](n *N, most N) {
	if *n < 0 {
		*n = most
	}
}

// Check returns every fault of c, joined, or nil.
func (c Config) Check() error {
	c = c.withDefaults()
	var faults []error
	note := func(err error) { faults = append(faults, err) } // errors.Join leaves nil out
	note(checkDomain("hostname", c.Hostname))
	for _, d := range c.Domains {
		note(checkDomain("domain", d))
	}
	for _, u := range c.Users {
		note(u.check())
	}
	if store, ok := c.Store.(interface{ Check() error }); ok {
		note(store.Check())
	}
	note(c.checkBehaviours())
	note(checkScripts(c.DomainBehaviours))
	note(checkAccounts(c.Accounts))
	note(checkMechanisms(c.Mechanisms))
	note(c.checkTLS())
	note(c.checkNumbers())
	return errors.Join(faults...)
}

// checkBehaviours checks those of all recipients, also that their steps can come.
func (c Config) checkBehaviours() error {
	var faults []error
	for _, b := range c.Behaviours {
		err := b.check()
		switch {
		case err != nil:
		case c.TLS == nil && (b.Step == timing.TLS || b.Step == timing.STARTTLS):
			err = fmt.Errorf("behaviour %q: there is no TLS without a certificate", b)
		case c.offers()&Auth == 0 && b.Step == timing.Auth:
			err = fmt.Errorf("behaviour %q: AUTH is not offered: there is no account, or it was left out", b)
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// checkNumbers checks what has a least value.
func (c Config) checkNumbers() error {
	var faults []error
	for _, n := range []struct {
		name  string
		value int64
		least int64
	}{
		{"longest command line", int64(c.MaxLine), 512},
		{"most errors", int64(c.MaxErrors), 0},
		{"most hops", int64(c.MaxReceived), 0},
		{"most mail transactions", int64(c.MaxTransactions), 0},
		{"most domains of recipients", int64(c.MaxRecipientDomains), 0},
		{"greeting delay", int64(c.GreetDelay), 0},
		{"command time-out", int64(c.CommandTimeout), 0},
		{"data time-out", int64(c.DataTimeout), 0},
		{"write time-out", int64(c.WriteTimeout), 0},
		{"store workers", int64(c.StoreWorkers), 1},
		{"store memory", c.StoreMemory, largeChunk},
		{"greylist", int64(c.Greylist), 0},
		{"tarpit", int64(c.Tarpit), 0},
		{"exit after", c.ExitAfter, 0},
		{"exit after sessions", c.ExitAfterSessions, 0},
		{"most accepted connections", int64(c.MaxAccepted), 0},
		{"most sessions of a source", int64(c.MaxSessionsPerSource), 0},
	} {
		if n.value < n.least {
			faults = append(faults, fmt.Errorf("%s: %d is less than %d", n.name, n.value, n.least))
		}
	}
	return errors.Join(faults...)
}

// checkDomain checks a setting that is a domain or an address literal.
func checkDomain(setting, value string) error {
	_, rest, err := smtp.ParseDomain([]byte(value), false)
	if err != nil || len(rest) > 0 {
		return fmt.Errorf("%s %q is not a domain (RFC 5321 section 4.1.2)", setting, value)
	}
	return nil
}

// checkTLS checks what hangs on TLS and on accounts.
func (c Config) checkTLS() error {
	switch {
	case c.PRDR && c.LMTP:
		return errors.New("PRDR and LMTP: it replies to each recipient anyway")
	case c.TLS == nil && (c.ImplicitTLS || c.RequireTLS):
		return errors.New("TLS is implicit or required, and there is no certificate")
	case c.RequireTLS && c.offers()&StartTLS == 0 && !c.ImplicitTLS:
		return errors.New("TLS is required, and STARTTLS is not offered")
	case c.RequireAuth && c.offers()&Auth == 0:
		return errors.New("AUTH is required, and is not offered: there is no account, or it was left out")
	}
	return nil
}

// behaviours returns those of all recipients, with what other settings stand for.
func (c *Config) behaviours() []Behaviour {
	if c.GreetDelay == 0 {
		return c.Behaviours
	}
	delay := Behaviour{Step: timing.Greeting, Deed: Delay, Odds: 1, Least: c.GreetDelay, Most: c.GreetDelay}
	return append([]Behaviour{delay}, c.Behaviours...)
}

// gates returns the gates that a session begins behind.
func (c *Config) gates() (g gates) {
	if c.RequireTLS {
		g |= tlsGate
	}
	if c.RequireAuth {
		g |= authGate
	}
	return g
}
