package profiles

import (
	"strings"
	"time"

	"github.com/spf13/pflag"

	"mailmill/loadgen/manners"
	"mailmill/loadgen/schedule"
)

// A LoadPlan says how much is offered and when.
type LoadPlan struct {
	// Rate is the offered load in messages per second; 0 is a closed loop, in
	// which each worker begins its next message when it has ended one.
	Rate float64
	// Stages are an offered load that changes, in place of Rate and Duration.
	Stages []schedule.Stage
	// Scale multiplies the rates of Stages; see Offered.
	Scale float64
	// Arrivals says how the slots of an open loop are spread over time at their rate: "constant",
	// evenly, or "poisson", as from many clients who know nothing of each other.
	Arrivals string
	// Concurrency is the number of workers at most.
	Concurrency int
	// Misbehave are the bad clients beside the workers, in no count and no latency of theirs.
	Misbehave []manners.Group
	// IdleSessions are held beside the workers, with a NOOP every IdleNOOP; 0 is never.
	IdleSessions int
	IdleNOOP     time.Duration
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
}

var loadSettings = []Setting{
	{Name: "rate", Placeholder: "RATE", Default: "0", Group: LoadGroup,
		Usage: "Messages offered per unit of time, whether or not the server keeps up; 0 is a closed loop: as fast as the workers go.",
		Unit:  "per second; 500/s, 30000/m, 1000/h",
		Value: func(p *Plan) pflag.Value { return value(&p.Rate, "rate", parseRate, FormatRate) }},
	{Name: "stages", Placeholder: "STAGES", Group: LoadGroup,
		Usage: "A rate that changes, in place of --rate and --duration: stages that follow each other, each a length and a rate, or two rates between which it goes in a straight line.",
		Unit:  "D@RATE or D@RATE..RATE, with commas between; '30s@100/s, 2m@100..1000/s, 1m@1000/s'",
		Value: func(p *Plan) pflag.Value { return value(&p.Stages, "stages", parseStages, formatStages) }},
	{Name: "scale", Placeholder: "FACTOR", Default: "1", Group: LoadGroup,
		Usage: "Multiply the rates of --stages: the same shape of load, higher or lower.",
		Unit:  "a number above 0, such as 2.5",
		Value: func(p *Plan) pflag.Value { return value(&p.Scale, "factor", parseFactor, formatFactor) }},
	{Name: "arrivals", Placeholder: "NAME", Default: "constant", Group: LoadGroup,
		Usage: "How messages are spread over time at their rate: constant, evenly; poisson, by chance, as from many clients who know nothing of each other.",
		Value: func(p *Plan) pflag.Value { return Choice(&p.Arrivals, "constant", "poisson") }},
	{Name: "concurrency", Placeholder: "N", Default: "10", Group: LoadGroup,
		Usage: "Workers at most, each with one session.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Concurrency) }},
	{Name: "misbehave", Placeholder: "KIND[=ARG][@SHARE]", Group: LoadGroup, Separator: ",",
		Usage: "Bad clients beside the workers, of whom there are as many as before; repeatable. Their sessions are in no count, latency or check, and have a section of their own in the report. " +
			"SHARE is how many: 3, or 5%, of --concurrency and rounded up; 1 unless given. Each of them opens a session when its last one has ended, 5 a second at most, from time 0 to the end of the load. " +
			"What a server takes of them is real mail, from and to the plan's addresses with numbers above 10^12; EHLO names the kind. They speak plain SMTP or LMTP and do not log in. " +
			"KIND is " + manners.Notation() + ". STEP is " + strings.Join(manners.StepNames(), ", ") + ".",
		Unit: "silent, slow-writer=10@5%, drop=data@3",
		Value: func(p *Plan) pflag.Value {
			return &list[manners.Group]{at: &p.Misbehave, separator: ",", parse: manners.ParseGroup, format: manners.Group.String}
		}},
	{Name: "idle-sessions", Placeholder: "N", Default: "0", Group: LoadGroup,
		Usage: "Sessions beside the workers that only hold: EHLO, and then a NOOP now and then, to the end of the load. " +
			"They are in no count, latency or check, and have a section of their own in the report.",
		Value: func(p *Plan) pflag.Value { return Number(&p.IdleSessions) }},
	{Name: "idle-noop", Placeholder: "D", Default: "1m", Group: LoadGroup,
		Usage: "How long an idle session waits before each NOOP; 0 is for ever.",
		Unit:  "300ms, 10s, 5m",
		Value: func(p *Plan) pflag.Value { return Duration(&p.IdleNOOP) }},
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
}
