package profiles

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mailmill/loadgen/schedule"
	"mailmill/loadgen/timing"
)

// A Plan is every setting of a run. A plan from [Load] is complete and has
// passed its checks; one made by hand starts from [Default] and is checked by
// [Plan.Check]. Copies of a plan share its slices and its map.
type Plan struct {
	// Target is the server, as target.Parse reads it; "" is the built-in sink, in
	// the same process.
	Target string
	// AllowPublicTarget lifts the rule that a target resolves wholly to loopback
	// or private addresses.
	AllowPublicTarget bool

	// Rate is the offered load in messages per second; 0 is a closed loop, in
	// which each worker begins its next message when it has ended one.
	Rate float64
	// Stages are an offered load that changes, in place of Rate and Duration.
	Stages []schedule.Stage
	// Arrivals says how the slots of an open loop lie about their rate: "constant",
	// evenly, or "poisson", as from many clients who know nothing of each other.
	Arrivals string
	// Concurrency is the number of workers at most.
	Concurrency int
	// OpenRate is the most sessions opened per second; 0 is no limit.
	OpenRate float64
	// Messages is the number of slots of the run; 0 is no limit.
	Messages int64
	// Duration is the length of the offered load; 0 is no limit.
	Duration time.Duration
	// WarmUp is how much of the load, from its begin, is in no latency and no rate.
	WarmUp time.Duration
	// MaxLateness is the lateness beyond which a slot of an open loop is dropped; a
	// limit of 0 drops it when no worker is free.
	MaxLateness Limit
	// Think is the pause of a worker of a closed loop after each message.
	Think Span
	// Drain is how long slots that are due may take to end after the load has.
	Drain time.Duration
	// MaxFaults ends the run after so many faults; 0 is never.
	MaxFaults int64
	// Shard is this process's share of the run, of its slots and of its workers.
	Shard schedule.Share
	// StartAt is when time 0 of the run is.
	StartAt Start

	// From is the pattern of the reverse-path, To of the forward-paths, both
	// without angle brackets. {n} stands for a number counted from 0: in To that
	// of the recipient over the whole run, elsewhere that of the slot.
	From, To string
	// Recipients is the number of forward-paths per message.
	Recipients int
	// Size is the length of a synthetic body in octets; headers are not counted.
	Size int
	// Data is the path of a message to send in place of a synthetic one; "-" is
	// the standard input.
	Data string
	// Headers are further header fields, each "Name: value".
	Headers []string
	// Subject is the text of the Subject field.
	Subject string
	// Seed makes everything that is drawn repeatable.
	Seed uint64

	// HELO is the name that EHLO, HELO and LHLO give.
	HELO string
	// MessagesPerSession is the number of mail transactions in a session; 0 is
	// without end.
	MessagesPerSession int
	// Timeouts are the longest waits, step by step.
	Timeouts Timeouts

	// Transport is "auto", "epoll" or "goroutines".
	Transport string
	// Loops is the number of event loops; 0 lets the transport choose.
	Loops int
	// Spin makes event loops poll without ever blocking.
	Spin bool
	// Dials caps the connection attempts in flight.
	Dials int
	// LocalAddrs are the source addresses of connections, used in turn; none
	// leaves the choice to the system.
	LocalAddrs []netip.Addr
	// Linger0 closes connections with RST, so that no port stays in TIME_WAIT.
	Linger0 bool
	// QuickAck acknowledges each segment at once (Linux).
	QuickAck bool

	// Checks are the expectations of the result that were asked for. Expectations
	// has the built-in ones too.
	Checks []Expectation
	// Labels are the user's own words about the run, kept in its document.
	Labels map[string]string
	// Raw asks for a row for each slot beside the document.
	Raw bool
	// Transcript is the number of sessions that are written out, from the first.
	Transcript int
	// TranscriptFailures is the number of failed sessions that are written out.
	TranscriptFailures int

	// Profile is the name or file of the profile that was read; "" is none. It
	// is no setting: what it said is in the others.
	Profile string
}

// Open tells whether slots are due by the clock, and not when a worker is ready.
func (p Plan) Open() bool { return p.Rate > 0 || len(p.Stages) > 0 }

// Length is the length of the offered load; 0 is no limit.
func (p Plan) Length() time.Duration {
	if len(p.Stages) == 0 {
		return p.Duration
	}
	return schedule.NewStages(p.Stages...).Duration()
}

// offered is the load in the words of its settings.
func (p Plan) offered() string {
	if len(p.Stages) > 0 {
		return formatStages(p.Stages)
	}
	return FormatRate(p.Rate)
}

// end is when the load ends, as far as the plan alone tells: by its length, or by the time that
// its messages take at its rate; 0 is not known.
func (p Plan) end() time.Duration {
	end := p.Length()
	if p.Rate > 0 && p.Messages > 0 {
		if by := schedule.Constant(p.Rate).At(p.Messages); end == 0 || by < end {
			return by
		}
	}
	return end
}

// A Limit is the longest that something may take, or none: the zero Limit.
type Limit struct {
	Set  bool
	Most time.Duration
}

// A Span is a length of time drawn evenly from Min to Max; a fixed one has both
// alike.
type Span struct{ Min, Max time.Duration }

// Timeouts are the longest waits for each step's end, by step. Time-outs are
// per command and per write, never for a whole mail transaction.
type Timeouts [timing.NumSteps]time.Duration

// Default returns the plan of the table's defaults. It has no end: Load adds the
// default duration where neither messages nor a duration is asked for.
func Default() Plan {
	var p Plan
	for _, s := range Settings {
		if s.Default == "" {
			continue
		}
		if err := s.assign(&p, strings.Split(s.Default, ",")); err != nil {
			panic(fmt.Sprintf("profiles: default of %s: %v", s.Name, err))
		}
	}
	return p
}

// Values returns each setting in its own syntax, by the flag's name, such as
// "rate": "500/s". Several values are joined as they are in the environment. A
// password in the target's URL is replaced.
func (p Plan) Values() map[string]string {
	p = p.Redacted()
	values := make(map[string]string, len(Settings))
	for _, s := range Settings {
		values[s.Name] = s.Value(&p).String()
	}
	return values
}

// Redacted returns the plan without what must not reach a document: the
// password of the target's URL.
func (p Plan) Redacted() Plan {
	u, err := url.Parse(p.Target)
	if err != nil {
		p.Target = redactByHand(p.Target)
	} else if _, has := u.User.Password(); has {
		p.Target = u.Redacted()
	}
	return p
}

// redactByHand is for a target that is no URL, and may hold a password still.
func redactByHand(target string) string {
	at := strings.LastIndexByte(target, '@')
	if at < 0 {
		return target
	}
	return "xxxxx" + target[at:]
}

// SHA256 returns the sum of the plan's canonical form, in hexadecimal: one line
// of name and quoted value per setting, in the table's order. Settings that
// change neither what the whole run sends nor when stay out of it, so that two
// servers under the same load have the same sum, and so have the shards of a run.
func (p Plan) SHA256() string {
	var canonical []byte
	for _, s := range Settings {
		if s.Apart {
			continue
		}
		canonical = append(canonical, s.Name...)
		canonical = append(canonical, '=')
		canonical = strconv.AppendQuote(canonical, s.Value(&p).String())
		canonical = append(canonical, '\n')
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}
