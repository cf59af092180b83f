package manners

import (
	"strconv"
	"strings"

	"mailmill/loadgen/timing"
)

// A Kind is a way in which a client misbehaves.
type Kind uint8

// The kinds.
const (
	EarlyTalker    Kind = iota // speaks before the greeting (RFC 5321 section 3.1)
	SlowWriter                 // sends so many octets a second
	SlowReader                 // sends on and on, and reads no reply
	HalfOpen                   // shuts its direction in a mail transaction, and reads on
	Silent                     // connects, and never says a word
	Drop                       // closes after a step, without QUIT (RFC 5321 section 4.1.1.10)
	Reset                      // breaks the connection with RST after a step
	NoQuit                     // closes after a whole mail transaction, without QUIT
	LongLine                   // a command and a line of content beyond the limits (RFC 5321 section 4.5.3.1)
	BareLF                     // ends lines with LF alone (RFC 5321 section 2.3.8)
	Pipeline                   // does not wait for replies, whether or not the server offers PIPELINING (RFC 2920)
	EndlessContent             // content without an end
	BadSyntax                  // commands that are none, one after the other
	NumKinds
)

// An argument is what can be said of a kind.
type argument uint8

const (
	noArgument argument = iota
	octetsPerSecond
	octetsOfLine
	stepOfSession
)

// argumentNames are how help calls them.
var argumentNames = [...]string{noArgument: "", octetsPerSecond: "OCTETS/S", octetsOfLine: "OCTETS", stepOfSession: "STEP"}

// A row is what is known of a kind. An argument that counts octets may be left out.
type row struct {
	name        string
	argument    argument
	usual       int // octets, where none are given
	least, most int
	meaning     string
}

var rows = [NumKinds]row{
	EarlyTalker:    {name: "early-talker", meaning: "speaks before the greeting"},
	SlowWriter:     {"slow-writer", octetsPerSecond, 10, 1, 1_000_000, "sends so slowly"},
	SlowReader:     {name: "slow-reader", meaning: "sends EHLO on and on, 500 a second, and reads no reply"},
	HalfOpen:       {name: "half-open", meaning: "shuts its direction after MAIL, and reads on"},
	Silent:         {name: "silent", meaning: "connects, and never says a word"},
	Drop:           {name: "drop", argument: stepOfSession, meaning: "closes after that step"},
	Reset:          {name: "reset", argument: stepOfSession, meaning: "breaks the connection (RST) after that step"},
	NoQuit:         {name: "no-quit", meaning: "closes after a whole mail transaction"},
	LongLine:       {"long-line", octetsOfLine, 10_000, 513, 1_000_000, "a command and a line of content of so many octets"},
	BareLF:         {name: "bare-lf", meaning: "ends lines with LF alone"},
	Pipeline:       {name: "pipeline", meaning: "sends EHLO to DATA at once, without permission"},
	EndlessContent: {"endless-content", octetsPerSecond, 100_000, 1, 10_000_000, "content without an end"},
	BadSyntax:      {name: "bad-syntax", meaning: "20 wrong commands a second"},
}

// String returns the kind's name, as it stands in settings and documents.
func (k Kind) String() string {
	if k < NumKinds {
		return rows[k].name
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

// parseKind returns the kind of that name.
func parseKind(name string) (Kind, bool) {
	for k := range NumKinds {
		if rows[k].name == name {
			return k, true
		}
	}
	return 0, false
}

// Steps are those after which a client can drop or reset its session. Content is the whole
// content with its end, before the reply to it.
var Steps = []timing.Step{timing.Connect, timing.Greeting, timing.EHLO, timing.Mail, timing.Rcpt, timing.Data, timing.Content}

// Names lists the kinds' names.
func Names() []string {
	names := make([]string, NumKinds)
	for k := range names {
		names[k] = rows[k].name
	}
	return names
}

// Notation lists the kinds with their arguments and meanings, in words for help.
func Notation() string {
	parts := make([]string, NumKinds)
	for k, r := range rows {
		parts[k] = r.name
		switch {
		case r.argument == stepOfSession:
			parts[k] += "=" + argumentNames[r.argument]
		case r.argument != noArgument:
			parts[k] += "[=" + argumentNames[r.argument] + "]"
		}
		parts[k] += " (" + r.meaning
		if r.usual > 0 {
			parts[k] += ", " + strconv.Itoa(r.usual) + " unless said"
		}
		parts[k] += ")"
	}
	return strings.Join(parts, ", ")
}

// StepNames lists the names of Steps.
func StepNames() []string {
	names := make([]string, len(Steps))
	for i, s := range Steps {
		names[i] = s.String()
	}
	return names
}
