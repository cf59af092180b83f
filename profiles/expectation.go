package profiles

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"mailmill/results/check"
)

// An Expectation is a check of the result, and whether it may end the run. The
// zero Expectation is none: among others it takes away the built-in ones.
type Expectation struct {
	Check check.Check
	// Abort ends the run as soon as the check fails on what was measured until then.
	Abort bool
	// After is how far the run must have come before that is looked at, from time 0.
	// By then there must be data: without an After, no data is no reason to end a run.
	After time.Duration
	// Window is how much of the run, back from now, is looked at; 0 is all of it
	// since the warm-up.
	Window time.Duration
}

// None tells whether e stands for no expectation.
func (e Expectation) None() bool { return e.Check.IsZero() }

// noExpectation is how None is written.
const noExpectation = "none"

// ParseExpectation reads a check, or "none", and behind it what a running check
// needs:
//
//	response:p99<250ms
//	failed:ratio<1%; abort; after=10s; window=30s
//
// Its errors name the column of the check.
func ParseExpectation(s string) (e Expectation, err error) {
	expression, options, more := strings.Cut(s, ";")
	if strings.TrimSpace(expression) == noExpectation && !more {
		return Expectation{}, nil
	}
	e.Check, err = check.Parse(expression)
	var syntax *check.SyntaxError
	if errors.As(err, &syntax) {
		return Expectation{}, fmt.Errorf("column %d: %s", syntax.Column, syntax.Message)
	}
	for more {
		var option string
		option, options, more = strings.Cut(options, ";")
		if err := e.option(strings.TrimSpace(option)); err != nil {
			return Expectation{}, err
		}
	}
	if !e.Abort && (e.After > 0 || e.Window > 0) {
		return Expectation{}, errors.New("after and window are for a check that may end the run; add abort")
	}
	return e, nil
}

// expectationKeys are the keys of an expectation that a profile gives as a
// mapping; the first is the check itself.
var expectationKeys = []string{"check", "abort", "after", "window"}

func (e *Expectation) option(s string) (err error) {
	key, value, given := strings.Cut(s, "=")
	switch key {
	case "abort":
		if given && value != "true" && value != "false" {
			return fmt.Errorf("abort is true or false, not %q", value)
		}
		e.Abort = value != "false"
	case "after":
		e.After, err = ParseDuration(value)
	case "window":
		e.Window, err = ParseDuration(value)
		if err == nil && e.Window < time.Second {
			return errors.New("window: a check is looked at once a second; give 1s or more")
		}
	default:
		return fmt.Errorf("%q is none of abort, after=D, window=D%s", s, didYouMean(key, expectationKeys))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	if e.After < 0 {
		return errors.New("after: a time below 0; give 0 or more")
	}
	return nil
}

// String writes the expectation as ParseExpectation reads it.
func (e Expectation) String() string {
	if e.None() {
		return noExpectation
	}
	s := e.Check.String()
	if e.Abort {
		s += "; abort"
	}
	if e.After > 0 {
		s += "; after=" + FormatDuration(e.After)
	}
	if e.Window > 0 {
		s += "; window=" + FormatDuration(e.Window)
	}
	return s
}

// Expectations returns everything that the plan's result is held to, the built-in
// checks first.
func (p Plan) Expectations() []Expectation {
	var all, own []Expectation
	builtIn := true
	for _, e := range p.Checks {
		if e.None() {
			builtIn = false
		} else {
			own = append(own, e)
		}
	}
	if builtIn {
		for _, c := range check.BuiltIn(p.Open()) {
			all = append(all, Expectation{Check: c})
		}
	}
	return append(all, own...)
}
