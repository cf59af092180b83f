package manners

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailmill/loadgen/timing"
)

// A Manner is a kind with what is said of it.
type Manner struct {
	Kind Kind
	// Octets are those per second of SlowWriter and EndlessContent, and those of a line,
	// CR LF included, of LongLine.
	Octets int
	// Step is that of Drop and Reset, one of Steps.
	Step timing.Step
}

// ParseManner reads "silent", "slow-writer=10" or "drop=data".
func ParseManner(s string) (Manner, error) {
	name, text, given := strings.Cut(s, "=")
	kind, ok := parseKind(name)
	if !ok {
		return Manner{}, fmt.Errorf("%q is no kind of bad client; the kinds are %s", name, strings.Join(Names(), ", "))
	}
	r := rows[kind]
	m := Manner{Kind: kind, Octets: r.usual}
	switch {
	case r.argument == noArgument && given:
		return Manner{}, fmt.Errorf("%s takes no argument; leave out =%s", name, text)
	case r.argument == stepOfSession:
		return m.withStep(text)
	case given:
		n, err := strconv.Atoi(text)
		if err != nil || n < r.least || n > r.most {
			return Manner{}, fmt.Errorf("%q is no number of octets from %d to %d; write %s=%d", text, r.least, r.most, name, r.usual)
		}
		m.Octets = n
	}
	return m, nil
}

func (m Manner) withStep(text string) (Manner, error) {
	step, ok := timing.ParseStep(text)
	if !ok || !slices.Contains(Steps, step) {
		return Manner{}, fmt.Errorf("%s needs the step after which: %s=STEP, one of %s", m.Kind, m.Kind, strings.Join(StepNames(), ", "))
	}
	m.Step = step
	return m, nil
}

// String writes the manner as ParseManner reads it.
func (m Manner) String() string {
	switch rows[m.Kind].argument {
	case stepOfSession:
		return m.Kind.String() + "=" + m.Step.String()
	case octetsPerSecond, octetsOfLine:
		return m.Kind.String() + "=" + strconv.Itoa(m.Octets)
	}
	return m.Kind.String()
}
