package sink

import (
	"fmt"
	"strconv"

	"mailmill/loadgen/smtp"
)

// Counters are what a sink saw and said since it was made.
type Counters struct {
	Tallies
	// Commands counts command lines by verb, "unknown" and "http" included.
	Commands map[string]uint64 `json:"commands"`
	// Replies counts replies by code, such as "250".
	Replies map[string]uint64 `json:"replies"`
	// Active is the number of sessions open now.
	Active int64 `json:"active_sessions"`
}

// Tallies are the counters that are plain numbers.
type Tallies struct {
	Sessions        uint64 `json:"sessions"`         // connections accepted
	SessionsRefused uint64 `json:"sessions_refused"` // of these, answered 421 or 554 in place of the greeting: too many, or spoke too early
	EarlyTalkers    uint64 `json:"early_talkers"`    // sessions whose client spoke before the greeting

	Messages        uint64 `json:"messages"`         // content answered 2yz
	MessagesRefused uint64 `json:"messages_refused"` // content answered otherwise, or not answered, as behaviours say
	MessagesUnknown uint64 `json:"messages_unknown"` // taken, but the client was gone before its reply had left
	Recipients      uint64 `json:"recipients"`       // of the messages accepted
	Octets          uint64 `json:"octets"`           // of the messages accepted: content without transparency
	Abandoned       uint64 `json:"abandoned"`        // mail transactions that the client left open

	CommandsRefused   uint64 `json:"commands_refused"`   // answered 4yz or 5yz, RCPT included
	RecipientsRefused uint64 `json:"recipients_refused"` // RCPT answered so, and in LMTP recipients whose copy was

	BareLF              uint64 `json:"bare_lf"`              // LF without CR, in content and command lines
	BareCR              uint64 `json:"bare_cr"`              // CR without LF, in content
	NUL                 uint64 `json:"nul"`                  // NUL octets in content
	LongLines           uint64 `json:"long_lines"`           // lines of content over 1000 octets
	LongCommands        uint64 `json:"long_commands"`        // command lines over the limit
	SmugglingCandidates uint64 `json:"smuggling_candidates"` // dots on a line of their own whose line ends were not CR LF
	SpaceAfterColon     uint64 `json:"space_after_colon"`    // MAIL FROM: <…> and RCPT TO: <…>, accepted

	ProxyRefused       uint64 `json:"proxy_refused"`      // connections without a PROXY header that holds, where one has to be
	TLSSessions        uint64 `json:"tls_sessions"`       // handshakes completed
	TLSFailures        uint64 `json:"tls_failures"`       // handshakes that failed
	StartTLSInjections uint64 `json:"starttls_injection"` // sessions ended for octets between STARTTLS and the handshake
	Authenticated      uint64 `json:"authenticated"`      // AUTH answered 235
	AuthFailures       uint64 `json:"auth_failures"`      // AUTH that ended otherwise

	Timeouts      uint64 `json:"timeouts"`       // sessions ended by 421 4.4.2
	WriteTimeouts uint64 `json:"write_timeouts"` // sessions ended because the client took no reply
	Broken        uint64 `json:"broken"`         // connections that ended by a fault
	Behaved       uint64 `json:"behaved"`        // behaviours carried out, delays included
	Tarpitted     uint64 `json:"tarpitted"`      // commands held by the tarpit
	LogLost       uint64 `json:"log_lost"`       // lines of the arrival log for which there was no room
	MemoryWaits   uint64 `json:"memory_waits"`   // times a session waited for store memory
}

// add adds u to t.
func (t *Tallies) add(u *Tallies) {
	t.Sessions += u.Sessions
	t.SessionsRefused += u.SessionsRefused
	t.EarlyTalkers += u.EarlyTalkers
	t.Messages += u.Messages
	t.MessagesRefused += u.MessagesRefused
	t.MessagesUnknown += u.MessagesUnknown
	t.Recipients += u.Recipients
	t.Octets += u.Octets
	t.Abandoned += u.Abandoned
	t.CommandsRefused += u.CommandsRefused
	t.RecipientsRefused += u.RecipientsRefused
	t.BareLF += u.BareLF
	t.BareCR += u.BareCR
	t.NUL += u.NUL
	t.LongLines += u.LongLines
	t.LongCommands += u.LongCommands
	t.SmugglingCandidates += u.SmugglingCandidates
	t.SpaceAfterColon += u.SpaceAfterColon
	t.ProxyRefused += u.ProxyRefused
	t.TLSSessions += u.TLSSessions
	t.TLSFailures += u.TLSFailures
	t.StartTLSInjections += u.StartTLSInjections
	t.Authenticated += u.Authenticated
	t.AuthFailures += u.AuthFailures
	t.Timeouts += u.Timeouts
	t.WriteTimeouts += u.WriteTimeouts
	t.Broken += u.Broken
	t.Behaved += u.Behaved
	t.Tarpitted += u.Tarpitted
	t.MemoryWaits += u.MemoryWaits
}

// The codes that are counted: 200 to 599.
const (
	firstCode = 200
	numCodes  = 400
)

// counts are the counters of one loop: plain values, because one session of the
// loop runs at a time.
type counts struct {
	Tallies
	commands [smtp.NumVerbs]uint64
	replies  [numCodes]uint64
}

// said counts n replies of a code; -1 takes one back that was never sent.
func (c *counts) said(code smtp.Code, n int) {
	if i := int(code) - firstCode; i >= 0 && i < numCodes {
		c.replies[i] += uint64(n)
	}
}

// addTo adds c to the sum of all loops.
func (c *counts) addTo(sum *Counters) {
	sum.Tallies.add(&c.Tallies)
	for v, n := range c.commands {
		if n > 0 {
			sum.Commands[smtp.Verb(v).String()] += n
		}
	}
	for i, n := range c.replies {
		if n > 0 {
			sum.Replies[strconv.Itoa(i+firstCode)] += n
		}
	}
}

// String returns the counters that matter while running, in one line.
func (c Counters) String() string {
	return fmt.Sprintf("%d sessions (%d open), %d messages, %d recipients, %d octets, refused: %d messages, %d recipients, %d commands",
		c.Sessions, c.Active, c.Messages, c.Recipients, c.Octets, c.MessagesRefused, c.RecipientsRefused, c.CommandsRefused)
}
