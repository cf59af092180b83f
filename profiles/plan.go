package profiles

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
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
	TargetPlan
	LoadPlan
	MessagePlan
	SessionPlan
	TLSPlan
	LoginPlan
	IdentityPlan
	TransactionPlan
	TransportPlan
	EvidencePlan

	// Classes are the classes of traffic that a profile has; none is one class, that of
	// the plan itself. See Traffic.
	Classes []Class

	// Profile is the name or file of the profile that was read; "" is none. It
	// is no setting: what it said is in the others.
	Profile string
	// origins says for each setting that somebody gave where that was, or why what was given does not count.
	origins map[string]string
}

// Open tells whether slots are due by the clock, and not when a worker is ready.
func (p Plan) Open() bool { return p.Rate > 0 || len(p.Stages) > 0 }

// Offered returns the stages with their rates as they are offered: multiplied by Scale.
func (p Plan) Offered() []schedule.Stage {
	stages := slices.Clone(p.Stages)
	for i := range stages {
		stages[i].From, stages[i].To = stages[i].From*p.Scale, stages[i].To*p.Scale
	}
	return stages
}

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
		return formatStages(p.Offered())
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
// password in the target's URL is replaced. What a class has otherwise than the
// plan itself is there as "classes.NAME.size"; its weight as "classes.NAME.weight".
func (p Plan) Values() map[string]string {
	p = p.Redacted()
	values := make(map[string]string, len(Settings))
	for _, s := range Settings {
		values[s.Name] = s.Value(&p).String()
	}
	for _, c := range p.Classes {
		c.values(values)
	}
	return values
}

// Redacted returns the plan without what must not reach a document: the
// passwords of the targets' URLs.
func (p Plan) Redacted() Plan {
	redacted := make([]string, len(p.Targets))
	for i, target := range p.Targets {
		redacted[i] = redact(target)
	}
	p.Targets = redacted
	return p
}

func redact(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return redactByHand(target)
	}
	if _, has := u.User.Password(); has {
		return u.Redacted()
	}
	return target
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
// of name and quoted value per setting, in the table's order, and then the same
// for each class. Settings that
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
	for _, c := range p.Classes {
		canonical = c.appendCanonical(canonical)
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}
