package schedule

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// MaxRate is the highest rate, in slots per second, that the Parse functions take:
// due times are in whole nanoseconds, and each slot has one of its own up to here.
const MaxRate = 1e9

// perUnit are the seconds in the units that a rate can be per.
var perUnit = map[string]float64{"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}

// ParseRate returns the rate of a text such as "500/s", "30/m", "7200/h" or "0.5"
// (a number alone is per second), in slots per second.
func ParseRate(s string) (float64, error) {
	rate, err := parseRate(text{s, 0})
	return rate, wrap("rate", s, err)
}

// ParseStages returns the stages of a text such as
//
//	30s@100/s, 2m@100..1000/s, 1m@1000/s
//
// Each stage is its duration, "@", and a rate as [ParseRate] takes it, or two with
// ".." between them and the unit behind the second.
func ParseStages(s string) ([]Stage, error) {
	var stages []Stage
	slots := 0.0
	for part, rest, more := cut(text{s, 0}, ","); ; part, rest, more = cut(rest, ",") {
		stage, err := parseStage(part.trim())
		if err != nil {
			return nil, wrap("stages", s, err)
		}
		stages = append(stages, stage)
		slots += stage.slots()
		if !more {
			break
		}
	}
	if slots == 0 {
		return nil, fmt.Errorf("stages %q: no stage has a rate above 0", s)
	}
	return stages, nil
}

func parseStage(t text) (Stage, error) {
	length, rate, found := cut(t, "@")
	if !found {
		return Stage{}, t.errorf("not a stage; write a duration and a rate, such as 30s@500/s")
	}
	length = length.trim()
	d, err := time.ParseDuration(length.s)
	if err != nil || d <= 0 {
		return Stage{}, length.errorf("not a duration above 0; write one such as 30s, 2m or 1h30m")
	}
	from, to, ramp := cut(rate, "..")
	if !ramp {
		r, err := parseRate(rate)
		return Stage{d, r, r}, err
	}
	last, err := parseRate(to)
	if err != nil {
		return Stage{}, err
	}
	_, unit, _ := cut(to, "/")
	first, err := parseAmount(from.trim(), unit.trim())
	return Stage{d, first, last}, err
}

func parseRate(t text) (float64, error) {
	amount, unit, found := cut(t.trim(), "/")
	if unit = unit.trim(); found && perUnit[unit.s] == 0 {
		return 0, unit.errorf("not a unit of time; write /s, /m or /h")
	}
	return parseAmount(amount.trim(), unit)
}

// parseAmount returns the rate of an amount per unit; "" is a second.
func parseAmount(amount, unit text) (float64, error) {
	per := 1.0
	if unit.s != "" {
		per = perUnit[unit.s]
	}
	number, err := strconv.ParseFloat(amount.s, 64)
	switch rate := number / per; {
	case err != nil || math.IsNaN(number) || strings.ContainsAny(amount.s, "xXpPnN_"):
		return 0, amount.errorf("not a rate; write one such as 500/s, 30/m or 0.5/s")
	case number < 0 || rate > MaxRate:
		return 0, amount.errorf("out of range; a rate is from 0 to %d/s", int64(MaxRate))
	default:
		return rate, nil
	}
}

// A text is a piece of what the user wrote, with its place in it.
type text struct {
	s      string
	offset int
}

func (t text) trim() text {
	left := strings.TrimLeft(t.s, " \t")
	return text{strings.TrimRight(left, " \t"), t.offset + len(t.s) - len(left)}
}

// errorf returns an error that points at the text, with its column counted from 1.
func (t text) errorf(format string, args ...any) error {
	return fmt.Errorf("column %d: %q is %s", t.offset+1, t.s, fmt.Sprintf(format, args...))
}

// cut is strings.Cut that keeps the places.
func cut(t text, separator string) (before, after text, found bool) {
	b, a, found := strings.Cut(t.s, separator)
	if !found {
		return t, text{"", t.offset + len(t.s)}, false
	}
	return text{b, t.offset}, text{a, t.offset + len(b) + len(separator)}, true
}

func wrap(what, s string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %q: %w", what, s, err)
}
