package report

import (
	"strconv"
	"strings"
	"time"

	"mailmill/results"
)

// nothing stands where a number would say more than the samples support.
const nothing = "–"

// grouped writes an integer with a comma between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// rate writes a number a second with one decimal and a comma between thousands.
func rate(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	whole, decimal, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return s
	}
	return strings.TrimSuffix(grouped(n)+"."+decimal, ".0")
}

// percent writes part of whole; what is there but would round to nothing is shown
// as less than the last digit.
func percent(part, whole int64) string {
	switch {
	case whole == 0:
		return nothing
	case part > 0 && float64(part)/float64(whole) < 0.00005:
		return "<0.01 %"
	case part < whole && float64(part)/float64(whole) >= 0.99995:
		return ">99.99 %"
	}
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 2, 64) + " %"
}

// percentOf writes a ratio in whole percent.
func percentOf(ratio float64) string { return strconv.FormatFloat(100*ratio, 'f', 0, 64) + " %" }

// octets writes an amount of octets in units of a thousand.
func octets(n int64) string {
	v, unit := float64(n), "octets"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if v < 999.5 {
			break
		}
		v, unit = v/1000, next
	}
	decimals := 0
	if unit != "octets" && v < 99.95 {
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64) + " " + unit
}

// plural writes a count with its noun.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

func duration(d time.Duration) string { return results.FormatDuration(d) }

// percentile writes a percentile: a dash where samples are too few, and "≥" where
// it is a lower bound.
func percentile(l *results.Latency, p results.Percentile) string {
	v, atLeast, ok := l.Percentile(p)
	switch {
	case !ok:
		return nothing
	case atLeast:
		return "≥ " + duration(v)
	}
	return duration(v)
}

// maximum writes the largest value that was measured.
func maximum(l *results.Latency) string {
	if l.Count == 0 {
		return nothing
	}
	return duration(l.Max)
}

// plain makes text from anywhere safe to show: what is no printable character
// comes out as in a Go string. Quotes and backslashes stay, for evidence that is
// already quoted.
func plain(s string) string {
	quoted := strconv.Quote(s)
	return unquoter.Replace(quoted[1 : len(quoted)-1])
}

var unquoter = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
