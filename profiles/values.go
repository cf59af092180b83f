package profiles

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"mailmill/loadgen/timing"
)

// A field is a field of a plan as a pflag.Value.
type field[T any] struct {
	at      *T
	kind    string
	parse   func(string) (T, error)
	format  func(T) string
	choices []string // all values that there are; nil: they are not counted
}

func value[T any](at *T, kind string, parse func(string) (T, error), format func(T) string) pflag.Value {
	return &field[T]{at: at, kind: kind, parse: parse, format: format}
}

// Set parses s and, if it is good, stores it.
func (f *field[T]) Set(s string) error {
	v, err := f.parse(s)
	if err == nil {
		*f.at = v
	}
	return err
}

func (f *field[T]) String() string { return f.format(*f.at) }
func (f *field[T]) Type() string   { return f.kind }

// Choices lists the values, where the field is one of some names.
func (f *field[T]) Choices() []string { return f.choices }

// Number is a flag's whole number.
func Number[N int | int64 | uint64](at *N) pflag.Value {
	return value(at, "int", ParseInt[N], func(n N) string { return fmt.Sprint(n) })
}

// A rangeValue is a whole number, or two between which it is drawn; then most is not 0.
type rangeValue struct{ least, most *int }

func (v *rangeValue) Set(s string) error {
	low, high, ranged := strings.Cut(s, "..")
	least, err := ParseInt[int](low)
	if err != nil {
		return err
	}
	most := 0
	if ranged {
		if most, err = ParseInt[int](high); err != nil {
			return err
		}
		if most < 1 {
			return fmt.Errorf("no range; write the smaller number first, neither below 1")
		}
	}
	*v.least, *v.most = least, most
	return nil
}

func (v *rangeValue) String() string {
	if *v.most == 0 {
		return fmt.Sprint(*v.least)
	}
	return fmt.Sprintf("%d..%d", *v.least, *v.most)
}

func (v *rangeValue) Type() string { return "range" }

// Duration is a flag's length of time.
func Duration(at *time.Duration) pflag.Value {
	return value(at, "duration", ParseDuration, FormatDuration)
}

// Size is a flag's number of octets.
func Size(at *int) pflag.Value { return value(at, "size", ParseSize, FormatSize) }

// Text is a flag's text.
func Text(at *string) pflag.Value {
	same := func(s string) string { return s }
	return value(at, "string", func(s string) (string, error) { return s, nil }, same)
}

// Switch is a flag that is on or off.
func Switch(at *bool) pflag.Value {
	parse := func(s string) (bool, error) {
		b, err := strconv.ParseBool(s)
		if err != nil {
			return false, fmt.Errorf("neither true nor false")
		}
		return b, nil
	}
	return value(at, "bool", parse, strconv.FormatBool)
}

// Choice is a flag that is one of some names.
func Choice(at *string, names ...string) pflag.Value {
	parse := func(s string) (string, error) {
		if slices.Contains(names, s) {
			return s, nil
		}
		return "", fmt.Errorf("not one of %s%s", strings.Join(names, ", "), didYouMean(s, names))
	}
	same := func(s string) string { return s }
	return &field[string]{at: at, kind: "string", parse: parse, format: same, choices: names}
}

// A list is a field with several values. The first Set replaces what the field
// held before, further ones add to it.
type list[T any] struct {
	at        *[]T
	separator string
	parse     func(string) (T, error)
	format    func(T) string
	begun     bool
}

func (l *list[T]) Set(s string) error {
	v, err := l.parse(s)
	if err != nil {
		return err
	}
	if !l.begun {
		*l.at, l.begun = nil, true
	}
	*l.at = append(*l.at, v)
	return nil
}

func (l *list[T]) String() string {
	parts := make([]string, len(*l.at))
	for i, v := range *l.at {
		parts[i] = l.format(v)
	}
	return strings.Join(parts, l.separator)
}

func (l *list[T]) Type() string { return "list" }

// Texts is a repeatable flag of texts. The first one given replaces the default;
// separator lies between them where they are shown.
func Texts(at *[]string, separator string) pflag.Value {
	return &list[string]{at: at, separator: separator,
		parse: func(s string) (string, error) { return s, nil }, format: func(s string) string { return s }}
}

func expectations(at *[]Expectation) pflag.Value {
	return &list[Expectation]{at: at, separator: "\n", parse: ParseExpectation, format: Expectation.String}
}

func addresses(at *[]netip.Addr) pflag.Value {
	parse := func(s string) (netip.Addr, error) {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return a, fmt.Errorf("not an IP address; write 127.0.0.2 or ::1, without a port")
		}
		return a, nil
	}
	return &list[netip.Addr]{at: at, separator: ",", parse: parse, format: netip.Addr.String}
}

// timeoutsValue sets time-outs step by step: what is not named stays.
type timeoutsValue struct{ at *Timeouts }

func (v *timeoutsValue) Set(s string) error {
	name, length, named := strings.Cut(s, "=")
	if !named {
		length = s
	}
	d, err := ParseDuration(length)
	if err != nil {
		return err
	}
	if !named {
		for step := range v.at {
			v.at[step] = d
		}
		return nil
	}
	step, ok := timing.ParseStep(name)
	if !ok {
		return fmt.Errorf("%q is not a step%s; the steps are %s", name, didYouMean(name, stepNames()), strings.Join(stepNames(), " "))
	}
	v.at[step] = d
	return nil
}

// String names the commonest time-out first, and then the steps that differ.
func (v *timeoutsValue) String() string {
	count := map[time.Duration]int{}
	common := v.at[0]
	for _, d := range v.at {
		count[d]++
		if count[d] > count[common] {
			common = d
		}
	}
	parts := []string{FormatDuration(common)}
	for step, d := range v.at {
		if d != common {
			parts = append(parts, timing.Step(step).String()+"="+FormatDuration(d))
		}
	}
	return strings.Join(parts, ",")
}

func (v *timeoutsValue) Type() string { return "timeouts" }

func stepNames() []string {
	names := make([]string, timing.NumSteps)
	for step := range timing.NumSteps {
		names[step] = step.String()
	}
	return names
}

// labelsValue adds labels by key: what is not named stays.
type labelsValue struct{ at *map[string]string }

func (v *labelsValue) Set(s string) error {
	key, word, ok := strings.Cut(s, "=")
	if !ok || key == "" {
		return fmt.Errorf("not KEY=VALUE; write --label server=old")
	}
	labels := maps.Clone(*v.at)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[key] = word
	*v.at = labels
	return nil
}

func (v *labelsValue) String() string {
	parts := make([]string, 0, len(*v.at))
	for _, key := range slices.Sorted(maps.Keys(*v.at)) {
		parts = append(parts, key+"="+(*v.at)[key])
	}
	return strings.Join(parts, "\n")
}

func (v *labelsValue) Type() string { return "labels" }
