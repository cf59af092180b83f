package check

import (
	"cmp"
	"strconv"
	"strings"

	"mailmill/results"
)

// A Check is one expectation, ready to be evaluated. The zero Check is none.
type Check struct {
	metric    metric
	selector  []selection
	aggregate string
	// percentile is set when the aggregate is one.
	percentile results.Percentile
	op         operator
	limit      float64 // in unit
	unit       string
	value      string // value and unit as they were written, without blanks
	builtIn    bool
}

// IsZero tells whether c is the zero Check, which expects nothing.
func (c Check) IsZero() bool { return c.metric.name == "" }

// A selection is one key of a selector and the value it asks for.
type selection struct{ key, value string }

// String returns the check in its own language, without blanks.
func (c Check) String() string {
	var b strings.Builder
	b.WriteString(c.metric.name)
	for i, s := range c.selector {
		b.WriteString([]string{"{", ","}[min(i, 1)] + s.key + "=" + s.value)
	}
	if len(c.selector) > 0 {
		b.WriteByte('}')
	}
	return b.String() + ":" + c.aggregate + c.op.sign + c.value
}

// Class returns the class of traffic that the check asks for, "" if none, so
// that whoever knows the classes of a plan can refuse an unknown one.
func (c Check) Class() string { return c.selected("class") }

// Latency returns the name of the latency that the check is about, of a step the step's
// name; "" if it is about none.
func (c Check) Latency() string {
	switch {
	case c.metric.kind != latency:
		return ""
	case c.metric.must != "":
		return c.selected(c.metric.must)
	}
	return c.metric.name
}

func (c Check) selected(key string) string {
	for _, s := range c.selector {
		if s.key == key {
			return s.value
		}
	}
	return ""
}

// BuiltIn returns the checks that a run is held to when the user says nothing
// else: something was accepted, and with a rate nearly all of it was begun.
func BuiltIn(withRate bool) []Check {
	expressions := []string{"accepted:count>0"}
	if withRate {
		expressions = append(expressions, "begun:ratio>=99%")
	}
	checks := make([]Check, len(expressions))
	for i, e := range expressions {
		// A test holds that these parse.
		checks[i], _ = Parse(e)
		checks[i].builtIn = true
	}
	return checks
}

// An operator compares a value with a limit.
type operator struct {
	sign  string
	holds func(value, limit float64) bool
	// upper: the limit is a value's upper bound, so that more is worse.
	upper bool
}

// operators are in the order in which they are looked for: longer signs first.
var operators = []operator{
	{"<=", func(v, l float64) bool { return v <= l }, true},
	{">=", func(v, l float64) bool { return v >= l }, false},
	{"==", func(v, l float64) bool { return v == l }, true},
	{"!=", func(v, l float64) bool { return v != l }, false},
	{"<", func(v, l float64) bool { return v < l }, true},
	{">", func(v, l float64) bool { return v > l }, false},
}

// A notation is a unit as users write it.
type notation struct {
	name  string
	unit  string
	scale float64 // what one of it is in the unit
	parts float64 // and of how many parts: 7 × 0.01 is not 0.07 in floating point, 7 / 100 is
}

// notations are in the order in which they are looked for: longer names first.
var notations = []notation{
	{"per_s", perSecond, 1, 1}, {"per s", perSecond, 1, 1}, {"/s", perSecond, 1, 1},
	{"ms", nanoseconds, 1e6, 1}, {"us", nanoseconds, 1e3, 1}, {"µs", nanoseconds, 1e3, 1}, {"μs", nanoseconds, 1e3, 1}, {"ns", nanoseconds, 1, 1}, {"s", nanoseconds, 1e9, 1},
	{"%", ratio, 1, 100},
}

// unitNames says how the values of a unit are written.
var unitNames = map[string]string{
	nanoseconds: "a duration: us, ms or s behind it",
	ratio:       "a ratio: % behind it, or a number from 0 to 1",
	count:       "a count: no unit behind it",
	perSecond:   "a rate: /s behind it, or nothing",
}

// format writes a value of a unit for a person.
func format(v float64, unit string) string {
	switch unit {
	case nanoseconds:
		return results.FormatDuration(durationOf(v))
	case ratio:
		return trim(100*v, 3) + " %"
	case perSecond:
		return trim(v, 1) + "/s"
	}
	return trim(v, 1)
}

// trim writes v with at most so many decimals, without needless zeros.
func trim(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	return cmp.Or(strings.TrimRight(strings.TrimRight(s, "0"), "."), "0")
}
