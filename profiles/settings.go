package profiles

import (
	"strings"

	"github.com/spf13/pflag"

	"mailmill/loadgen/schedule"
)

// A Setting is one row of the table: all that is known about one field of the
// plan.
type Setting struct {
	// Name is the long name of the flag and the key in a profile.
	Name string
	// Placeholder stands for the value in help, in capitals; "" for a switch.
	Placeholder string
	// Default is the value where nobody says anything, in the setting's own
	// syntax; "" is none. Several values are separated by commas.
	Default string
	// Usage says in a sentence or two what the setting does.
	Usage string
	// Unit says what a bare number means, and what else may be written.
	Unit  string
	Group Group
	// Separator lies between several values in an environment variable; "" where
	// the setting takes one value.
	Separator string
	// Join lies between key and value where a profile gives the values as a
	// mapping; "" where it may not.
	Join string
	// Keys are those of one value where a profile gives it as a mapping; the first
	// is the value itself. Nil where it may not.
	Keys []string
	// Apart marks what changes neither what the whole run sends nor when.
	Apart bool
	// Value returns the plan's field as a value that is set and shown as text.
	Value func(*Plan) pflag.Value
}

// A Group is the heading under which help shows a setting.
type Group string

// The groups, in the order of help.
const (
	TargetGroup    Group = "Target"
	LoadGroup      Group = "Load"
	MessageGroup   Group = "Message"
	SessionGroup   Group = "Session"
	TransportGroup Group = "Transport"
	EvidenceGroup  Group = "Evidence"
)

// Groups lists the groups in the order of help.
var Groups = []Group{TargetGroup, LoadGroup, MessageGroup, SessionGroup, TransportGroup, EvidenceGroup}

// EnvPrefix begins the name of every environment variable that is a setting.
const EnvPrefix = "MAILMILL_"

// EnvName returns the environment variable of a flag's long name:
// MAILMILL_MAX_FAULTS for max-faults.
func EnvName(flag string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Lookup returns the setting of that long name.
func Lookup(name string) (Setting, bool) {
	for _, s := range Settings {
		if s.Name == name {
			return s, true
		}
	}
	return Setting{}, false
}

// Repeatable tells whether the setting takes several values.
func (s Setting) Repeatable() bool { return s.Separator != "" }

// Switch tells whether the setting is on or off.
func (s Setting) Switch() bool { return s.Placeholder == "" }

// assign sets the plan's field to values, in their order.
func (s Setting) assign(p *Plan, values []string) error {
	v := s.Value(p)
	for _, text := range values {
		if err := v.Set(text); err != nil {
			return err
		}
	}
	return nil
}

// Settings is the table. A row here is a flag, an environment variable, a key of
// profiles and a line of help.
var Settings = []Setting{
	{Name: "target", Placeholder: "TARGET", Group: TargetGroup, Apart: true,
		Usage: "The server under test; without one the built-in sink is, in the same process. TARGET as an argument is the same.",
		Unit:  "HOST, HOST:PORT, smtp://HOST:PORT, [::1]:PORT, or mx:DOMAIN for its mail exchangers; port 25 unless given",
		Value: func(p *Plan) pflag.Value { return Text(&p.Target) }},
	{Name: "allow-public-target", Default: "false", Group: TargetGroup, Apart: true,
		Usage: "Allow a target outside loopback and private addresses. Only for servers that are yours.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.AllowPublicTarget) }},

	{Name: "rate", Placeholder: "RATE", Default: "0", Group: LoadGroup,
		Usage: "Messages offered per unit of time, whether or not the server keeps up; 0 is a closed loop: as fast as the workers go.",
		Unit:  "per second; 500/s, 30000/m, 1000/h",
		Value: func(p *Plan) pflag.Value { return value(&p.Rate, "rate", parseRate, FormatRate) }},
	{Name: "stages", Placeholder: "STAGES", Group: LoadGroup,
		Usage: "A rate that changes, in place of --rate and --duration: stages that follow each other, each a length and a rate, or two rates between which it goes in a straight line.",
		Unit:  "D@RATE or D@RATE..RATE, with commas between; '30s@100/s, 2m@100..1000/s, 1m@1000/s'",
		Value: func(p *Plan) pflag.Value { return value(&p.Stages, "stages", parseStages, formatStages) }},
	{Name: "arrivals", Placeholder: "NAME", Default: "constant", Group: LoadGroup,
		Usage: "How messages lie about their rate: constant, evenly; poisson, by chance, as from many clients who know nothing of each other.",
		Value: func(p *Plan) pflag.Value { return Choice(&p.Arrivals, "constant", "poisson") }},
	{Name: "concurrency", Placeholder: "N", Default: "10", Group: LoadGroup,
		Usage: "Workers at most, each with one session.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Concurrency) }},
	{Name: "open-rate", Placeholder: "RATE", Default: "0", Group: LoadGroup,
		Usage: "Sessions opened per unit of time at most; 0 is no limit. With a rate, waiting for it is lateness.",
		Unit:  "per second; 500/s, 30000/m, 1000/h",
		Value: func(p *Plan) pflag.Value { return value(&p.OpenRate, "rate", parseRate, FormatRate) }},
	{Name: "messages", Placeholder: "N", Default: "0", Group: LoadGroup,
		Usage: "Messages in all; 0 is no limit. It removes the default duration.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Messages) }},
	{Name: "duration", Placeholder: "D", Group: LoadGroup,
		Usage: "Length of the load; 0 is no limit. 10s where neither this nor --messages is given.",
		Unit:  "300ms, 10s, 5m, 2h",
		Value: func(p *Plan) pflag.Value { return Duration(&p.Duration) }},
	{Name: "warm-up", Placeholder: "D", Default: "0s", Group: LoadGroup,
		Usage: "How much of the load, from its begin, is in no latency and no rate: messages due in it are sent, and are in the books alone.",
		Unit:  "300ms, 10s, 5m",
		Value: func(p *Plan) pflag.Value { return Duration(&p.WarmUp) }},
	{Name: "max-lateness", Placeholder: "D", Default: "none", Group: LoadGroup,
		Usage: "Drop and count a message that is later than this when a worker comes to it; 0 drops it whenever no worker is free, none lets every one wait.",
		Unit:  "300ms, 10s, 5m",
		Value: func(p *Plan) pflag.Value { return value(&p.MaxLateness, "limit", ParseLimit, Limit.String) }},
	{Name: "think", Placeholder: "D|D..D", Default: "0s", Group: LoadGroup,
		Usage: "Pause of a worker after each message of a closed loop, fixed or drawn evenly from a range.",
		Unit:  "1s, 0s..2s",
		Value: func(p *Plan) pflag.Value { return value(&p.Think, "range", ParseSpan, Span.String) }},
	{Name: "drain", Placeholder: "D", Default: "30s", Group: LoadGroup,
		Usage: "How long messages under way may take to end after the load has; the rest is counted as unfinished.",
		Unit:  "300ms, 10s, 5m",
		Value: func(p *Plan) pflag.Value { return Duration(&p.Drain) }},
	{Name: "max-faults", Placeholder: "N", Default: "0", Group: LoadGroup,
		Usage: "End the run after so many faults; 0 is never. Refusals are replies, not faults.",
		Value: func(p *Plan) pflag.Value { return Number(&p.MaxFaults) }},
	{Name: "shard", Placeholder: "M/N", Group: LoadGroup, Apart: true,
		Usage: "Be one of N processes that make one run: this one takes the messages M, M+N, M+2N … and every N-th worker, M counted from 0. " +
			"The others have the same settings; mailmill merge makes one result of theirs.",
		Unit:  "0/4 to 3/4",
		Value: func(p *Plan) pflag.Value { return value(&p.Shard, "share", schedule.ParseShare, schedule.Share.String) }},
	{Name: "start-at", Placeholder: "T", Group: LoadGroup, Apart: true,
		Usage: "When the load begins, so that several processes begin together: an instant, or the first whole second after some time from now.",
		Unit:  "2026-11-21T20:48:42Z, +5s",
		Value: func(p *Plan) pflag.Value { return value(&p.StartAt, "instant", ParseStart, Start.String) }},

	{Name: "from", Placeholder: "MAILBOX", Default: "sender@example.com", Group: MessageGroup,
		Usage: "Reverse-path, without angle brackets; {n} stands for the message's number, nothing at all is the null path <>.",
		Value: func(p *Plan) pflag.Value { return Text(&p.From) }},
	{Name: "to", Placeholder: "MAILBOX", Default: "user{n}@example.com", Group: MessageGroup,
		Usage: "Forward-path, without angle brackets; {n} stands for a number that no two recipients of the run share.",
		Value: func(p *Plan) pflag.Value { return Text(&p.To) }},
	{Name: "recipients", Placeholder: "N", Default: "1", Group: MessageGroup,
		Usage: "Recipients of each message.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Recipients) }},
	{Name: "size", Placeholder: "SIZE", Default: "1024", Group: MessageGroup,
		Usage: "Length of the synthetic body; header fields are not counted.",
		Unit:  "octets; 4k, 1MiB",
		Value: func(p *Plan) pflag.Value { return Size(&p.Size) }},
	{Name: "data", Placeholder: "FILE", Group: MessageGroup,
		Usage: "Send this message, header and body, in place of a synthetic one; - reads the standard input before the run.",
		Value: func(p *Plan) pflag.Value { return Text(&p.Data) }},
	{Name: "header", Placeholder: "'NAME: VALUE'", Group: MessageGroup, Separator: "\n", Join: ": ",
		Usage: "A header field, in the place of those of its name; repeatable. {n} stands for the message's number.",
		Value: func(p *Plan) pflag.Value { return Texts(&p.Headers, "\n") }},
	{Name: "subject", Placeholder: "TEXT", Group: MessageGroup,
		Usage: "Text of the Subject field; {n} stands for the message's number. Without it 'message {n}', or that of --data.",
		Value: func(p *Plan) pflag.Value { return Text(&p.Subject) }},
	{Name: "seed", Placeholder: "N", Default: "1", Group: MessageGroup,
		Usage: "Seed of everything that is drawn; the same seed gives the same run.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Seed) }},

	{Name: "helo", Placeholder: "NAME", Default: "client.example.com", Group: SessionGroup,
		Usage: "Name that the client gives in EHLO, HELO or LHLO: a domain or an address literal.",
		Value: func(p *Plan) pflag.Value { return Text(&p.HELO) }},
	{Name: "messages-per-session", Placeholder: "N", Default: "1", Group: SessionGroup,
		Usage: "Mail transactions in a session before QUIT; 0 is without end.",
		Value: func(p *Plan) pflag.Value { return Number(&p.MessagesPerSession) }},
	{Name: "timeout", Placeholder: "[STEP=]D", Default: "30s,connect=10s,tls=10s,accept=1m,quit=5s", Group: SessionGroup,
		Separator: ",", Join: "=",
		Usage: "Longest wait for the end of a step; without STEP of every step. Repeatable, the last one counts.",
		Unit:  "30s, accept=2m",
		Value: func(p *Plan) pflag.Value { return &timeoutsValue{&p.Timeouts} }},

	{Name: "transport", Placeholder: "NAME", Default: "auto", Group: TransportGroup,
		Usage: "What moves the octets: epoll (event loops, Linux), goroutines (every system), or auto, the fastest one here.",
		Value: func(p *Plan) pflag.Value { return Choice(&p.Transport, "auto", "epoll", "goroutines") }},
	{Name: "loops", Placeholder: "N", Default: "0", Group: TransportGroup,
		Usage: "Event loops; 0 lets mailmill choose.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Loops) }},
	{Name: "spin", Default: "false", Group: TransportGroup,
		Usage: "Poll without ever sleeping: less jitter for a whole processor per loop.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.Spin) }},
	{Name: "dials", Placeholder: "N", Default: "256", Group: TransportGroup,
		Usage: "Connection attempts in flight at most; waiting for one is lateness.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Dials) }},
	{Name: "local-addr", Placeholder: "IP", Group: TransportGroup, Separator: ",",
		Usage: "Source address of connections; repeatable, then they are used in turn, and each has ports of its own.",
		Value: func(p *Plan) pflag.Value { return addresses(&p.LocalAddrs) }},
	{Name: "linger", Placeholder: "N", Default: "-1", Group: TransportGroup,
		Usage: "0 closes connections with RST, so that no port stays in TIME_WAIT; -1 closes as the system does.",
		Value: func(p *Plan) pflag.Value { return value(&p.Linger0, "int", parseLinger, formatLinger) }},
	{Name: "quickack", Default: "false", Group: TransportGroup,
		Usage: "Acknowledge each segment at once (Linux), for servers that write each reply apart; costs processor time.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.QuickAck) }},

	{Name: "check", Placeholder: "CHECK", Group: EvidenceGroup, Separator: "\n", Keys: expectationKeys, Apart: true,
		Usage: "An expectation of the result, such as 'response:p99<250ms' or 'replies{code=5xx}:ratio<0.1%'; repeatable. " +
			"'accepted:count>0', and with a rate 'begun:ratio>=99%', are checked too, unless one of them is none. " +
			"With '; abort' behind it a check that fails ends the run; '; after=D' waits so long with that, '; window=D' looks back so far.",
		Value: func(p *Plan) pflag.Value { return expectations(&p.Checks) }},
	{Name: "label", Placeholder: "KEY=VALUE", Group: EvidenceGroup, Separator: "\n", Join: "=", Apart: true,
		Usage: "A word of yours about the run, kept in its document; repeatable.",
		Value: func(p *Plan) pflag.Value { return &labelsValue{&p.Labels} }},
	{Name: "raw", Default: "false", Group: EvidenceGroup, Apart: true,
		Usage: "Write one row for each message beside the result, into NAME.raw.csv; if it cannot be written as fast as messages end, the load waits.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.Raw) }},
	{Name: "transcript", Placeholder: "N", Default: "0", Group: EvidenceGroup, Apart: true,
		Usage: "Write out the dialogue of the first N sessions.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Transcript) }},
	{Name: "transcript-failures", Placeholder: "N", Default: "0", Group: EvidenceGroup, Apart: true,
		Usage: "Write out the dialogue of the first N sessions that end in a fault or a refusal.",
		Value: func(p *Plan) pflag.Value { return Number(&p.TranscriptFailures) }},
}
