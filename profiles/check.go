package profiles

import (
	"cmp"
	"fmt"
	"slices"

	"mailmill/loadgen/manners"
	"mailmill/loadgen/message"
	"mailmill/loadgen/schedule"
	"mailmill/loadgen/timing"
)

// A rule is one that plans keep to. fault returns what is wrong and what to do, or
// "". given tells whether somebody asked for a setting.
type rule struct {
	about []string // the settings concerned; the fault stands where the first one does
	fault func(p *Plan, given func(string) bool) string
}

// Limits of settings.
const (
	// MaxConcurrency is the most workers: 16 source addresses full of ports.
	MaxConcurrency = 1_000_000
	// MaxSize is the longest synthetic text, in octets. It is held in memory.
	MaxSize = message.MaxSize
	// MaxLine is the longest line of a message without its CRLF (RFC 5322 section 2.1.1).
	MaxLine = 998
)

var rules = slices.Concat([]rule{
	between("rate", 0, schedule.MaxRate, func(p *Plan) float64 { return p.Rate }),
	between("open-rate", 0, schedule.MaxRate, func(p *Plan) float64 { return p.OpenRate }),
	between("idle-sessions", 0, MaxConcurrency, func(p *Plan) int { return p.IdleSessions }),
	notNegative("idle-noop", func(p *Plan) bool { return p.IdleNOOP >= 0 }),
	{[]string{"idle-noop", "idle-sessions"}, func(p *Plan, given func(string) bool) string {
		if given("idle-noop") && p.IdleSessions == 0 {
			return "there are no idle sessions; give idle-sessions, or leave it out"
		}
		return ""
	}},
	between("concurrency", 1, MaxConcurrency, func(p *Plan) int { return p.Concurrency }),
	atLeast("messages", 0, func(p *Plan) int64 { return p.Messages }),
	notNegative("duration", func(p *Plan) bool { return p.Duration >= 0 }),
	notNegative("warm-up", func(p *Plan) bool { return p.WarmUp >= 0 }),
	notNegative("max-lateness", func(p *Plan) bool { return p.MaxLateness.Most >= 0 }),
	notNegative("drain", func(p *Plan) bool { return p.Drain >= 0 }),
	atLeast("max-faults", 0, func(p *Plan) int64 { return p.MaxFaults }),
	atLeast("messages-per-session", 0, func(p *Plan) int { return p.MessagesPerSession }),
	{[]string{"messages-per-session"}, func(p *Plan, _ func(string) bool) string {
		if p.MostPerSession > 0 && (p.MessagesPerSession < 1 || p.MostPerSession < p.MessagesPerSession) {
			return fmt.Sprintf("%d..%d is no range; write the smaller number first, neither below 1", p.MessagesPerSession, p.MostPerSession)
		}
		return ""
	}},
	between("loops", 0, 1024, func(p *Plan) int { return p.Loops }),
	between("dials", 1, MaxConcurrency, func(p *Plan) int { return p.Dials }),
	atLeast("transcript", 0, func(p *Plan) int { return p.Transcript }),
	atLeast("transcript-failures", 0, func(p *Plan) int { return p.TranscriptFailures }),
}, []rule{
	{[]string{"misbehave", "concurrency"}, func(p *Plan, _ func(string) bool) string {
		if n := manners.Count(p.Misbehave, p.Concurrency); n > MaxConcurrency {
			return fmt.Sprintf("%d bad clients are too many; %d are possible", n, MaxConcurrency)
		}
		return ""
	}},
	{[]string{"think"}, func(p *Plan, _ func(string) bool) string {
		if p.Think.Min < 0 || p.Think.Max < p.Think.Min {
			return fmt.Sprintf("%v is no range; write the shorter pause first, neither below 0", p.Think)
		}
		return ""
	}},
	{[]string{"think", "rate", "stages"}, func(p *Plan, _ func(string) bool) string {
		if p.Think.Max > 0 && p.Open() {
			return fmt.Sprintf("a load of %s is paced by its rate alone; leave out think, or the rate", p.offered())
		}
		return ""
	}},
	{[]string{"stages", "rate", "duration"}, func(p *Plan, _ func(string) bool) string {
		if len(p.Stages) > 0 && (p.Rate > 0 || p.Duration > 0) {
			return "stages have rates and lengths of their own; leave out rate and duration, or stages"
		}
		return ""
	}},
	{[]string{"scale", "stages"}, func(p *Plan, given func(string) bool) string {
		if given("scale") && len(p.Stages) == 0 {
			return "a factor is for stages; leave it out, or give stages"
		}
		for _, s := range p.Offered() {
			if max(s.From, s.To) > schedule.MaxRate {
				return fmt.Sprintf("the stages come to more than %s; lower the factor", FormatRate(schedule.MaxRate))
			}
		}
		return ""
	}},
	{[]string{"arrivals", "rate", "stages"}, func(p *Plan, _ func(string) bool) string {
		if p.Arrivals == "poisson" && !p.Open() {
			return "a closed loop has no arrivals: its workers ask for the next message; give rate or stages"
		}
		return ""
	}},
	{[]string{"max-lateness", "rate", "stages"}, func(p *Plan, _ func(string) bool) string {
		if p.MaxLateness.Set && !p.Open() {
			return "in a closed loop no message is late: it is due when a worker is free; give rate or stages, or leave it out"
		}
		return ""
	}},
	{[]string{"warm-up", "duration", "stages", "rate", "messages"}, func(p *Plan, _ func(string) bool) string {
		if end := p.end(); end > 0 && p.WarmUp >= end {
			return fmt.Sprintf("%s leaves nothing of a load of %s; make it shorter, or the load longer", FormatDuration(p.WarmUp), FormatDuration(end))
		}
		return ""
	}},
	{[]string{"timeout"}, func(p *Plan, _ func(string) bool) string {
		for step, d := range p.Timeouts {
			if d <= 0 {
				return fmt.Sprintf("%s=%s leaves no time; give more than 0", timing.Step(step), FormatDuration(d))
			}
		}
		return ""
	}},
	{[]string{"shard", "concurrency", "messages"}, func(p *Plan, _ func(string) bool) string {
		switch n := p.Shard.N; {
		case n > int64(p.Concurrency):
			return fmt.Sprintf("a run in %d shares leaves some of them without one of the %d workers; raise concurrency", n, p.Concurrency)
		case p.Messages > 0 && n > p.Messages:
			return fmt.Sprintf("a run in %d shares leaves some of them without one of the %d messages; raise messages", n, p.Messages)
		}
		return ""
	}},
	{[]string{"spin", "transport"}, func(p *Plan, _ func(string) bool) string {
		if p.Spin && p.Transport == "goroutines" {
			return "only event loops can spin; leave out spin, or set transport to epoll"
		}
		return ""
	}},
}, messageRules, transactionRules, securityRules)

// Check returns everything that is wrong with a plan and its classes as Faults, or
// nil. Load has checked its plans already.
func (p Plan) Check() error {
	l := loading{plan: p, bad: map[string]bool{}}
	l.check()
	for _, c := range p.Classes {
		k := loading{plan: c.Plan, bad: map[string]bool{}}
		k.check()
		for _, f := range k.faults {
			if !slices.Contains(l.faults, f) {
				l.fault("class "+c.Name+": "+f.Where, f.What)
			}
		}
	}
	return l.faults.orNil()
}

// check applies every rule to settings that have no fault yet.
func (l *loading) check() {
	isBad := func(name string) bool { return l.bad[name] }
	for _, r := range rules {
		if slices.ContainsFunc(r.about, isBad) {
			continue
		}
		where, concerned := l.where(r)
		if !concerned {
			continue
		}
		if what := r.fault(&l.plan, l.given); what != "" {
			l.fault(where, what)
			if len(r.about) == 1 {
				l.bad[r.about[0]] = true // what other rules say of it would only confuse
			}
		}
	}
}

// where is the place of what a rule is about. In a class that is what the class itself says: if that is
// nothing, the rule has spoken of the run's plan already.
func (l *loading) where(r rule) (where string, concerned bool) {
	for _, name := range r.about {
		if l.class == nil || l.rank[name] == fromClass {
			return cmp.Or(l.origin[name], name), true
		}
	}
	return "", false
}

func between[N int | float64](name string, least, most N, get func(*Plan) N) rule {
	return rule{[]string{name}, func(p *Plan, _ func(string) bool) string {
		if v := get(p); v < least || v > most {
			return fmt.Sprintf("%v is out of range; from %v to %.0f is possible", v, least, float64(most))
		}
		return ""
	}}
}

func atLeast[N int | int64](name string, least N, get func(*Plan) N) rule {
	return rule{[]string{name}, func(p *Plan, _ func(string) bool) string {
		if v := get(p); v < least {
			return fmt.Sprintf("%v is too little; the least is %v", v, least)
		}
		return ""
	}}
}

func notNegative(name string, ok func(*Plan) bool) rule {
	return rule{[]string{name}, func(p *Plan, _ func(string) bool) string {
		if !ok(p) {
			return "a time below 0; give 0 or more"
		}
		return ""
	}}
}

// firstFault returns the first fault that find sees.
func firstFault(texts []string, find func(string) string) string {
	for _, text := range texts {
		if what := find(text); what != "" {
			return what
		}
	}
	return ""
}
