package profiles

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"mailmill/loadgen/schedule"
)

// parseRate reads a rate as schedule.ParseRate does; its error does not repeat s.
func parseRate(s string) (float64, error) {
	rate, err := schedule.ParseRate(s)
	return rate, inner("rate", s, err)
}

// parseStages reads stages as schedule.ParseStages does, or none; its error does not repeat s.
func parseStages(s string) ([]schedule.Stage, error) {
	if s == "" {
		return nil, nil
	}
	stages, err := schedule.ParseStages(s)
	return stages, inner("stages", s, err)
}

// parseFactor reads a number above 0.
func parseFactor(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f > 0) || f > schedule.MaxRate {
		return 0, errors.New("no factor; write a number above 0, such as 2.5")
	}
	return f, nil
}

func formatFactor(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// formatStages writes stages as parseStages reads them.
func formatStages(stages []schedule.Stage) string {
	parts := make([]string, len(stages))
	for i, s := range stages {
		_, rate, _ := strings.Cut(s.String(), "@")
		parts[i] = FormatDuration(s.Duration) + "@" + rate
	}
	return strings.Join(parts, ", ")
}

// inner takes away what package schedule puts before its errors: what was read, which every fault
// says already.
func inner(what, s string, err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), fmt.Sprintf("%s %q: ", what, s)))
}

// FormatRate writes messages per second as schedule.ParseRate reads them.
func FormatRate(perSecond float64) string {
	if perSecond == 0 {
		return "0"
	}
	return strconv.FormatFloat(perSecond, 'f', -1, 64) + "/s"
}

// sizeUnits are the units of sizes, in lower case. k, m and g alone are binary, as
// they are for dd and truncate.
var sizeUnits = map[string]int{
	"": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mib": 1 << 20, "g": 1 << 30, "gib": 1 << 30,
	"kb": 1000, "mb": 1000_000, "gb": 1000_000_000,
}

// ParseSize reads a number of octets: "1024", "4k" and "4KiB" (times 1024), "4kB"
// (times 1000), "1MiB", "1GiB".
func ParseSize(s string) (int, error) {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit, known := sizeUnits[strings.ToLower(s[len(digits):])]
	if !known {
		return 0, fmt.Errorf("unit %q is none of k, KiB, MiB, GiB, kB, MB, GB; write 1024, 4k or 1MiB", s[len(digits):])
	}
	n, err := strconv.Atoi(digits)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && n > math.MaxInt/unit:
		return 0, errors.New("more octets than can be counted")
	case err != nil:
		return 0, errors.New("not a whole number of octets; write 1024, 4k or 1MiB")
	}
	return n * unit, nil
}

// FormatSize writes octets as ParseSize reads them: whole MiB so, all else as the
// number that it is.
func FormatSize(octets int) string {
	const mib = 1 << 20
	if octets != 0 && octets%mib == 0 {
		return strconv.Itoa(octets/mib) + "MiB"
	}
	return strconv.Itoa(octets)
}

// ParseDuration reads "300ms", "10s", "1h30m" or 0. A number without a unit is
// refused, because seconds and milliseconds are both what people mean.
func ParseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err == nil {
		return d, nil
	}
	if _, bare := strconv.ParseFloat(s, 64); bare == nil {
		return 0, fmt.Errorf("no unit; write %ss or %sms", s, s)
	}
	return 0, errors.New("not a length of time; write 300ms, 10s, 5m or 1h30m")
}

// FormatDuration writes a length of time as ParseDuration reads it, without
// parts that are zero: 2m, not 2m0s.
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// ParseSpan reads a length of time, or a range such as "0s..2s".
func ParseSpan(s string) (Span, error) {
	low, high, ranged := strings.Cut(s, "..")
	if !ranged {
		high = low
	}
	least, err := ParseDuration(low)
	if err != nil {
		return Span{}, err
	}
	most, err := ParseDuration(high)
	if err != nil {
		return Span{}, err
	}
	return Span{least, most}, nil
}

// String writes the span as ParseSpan reads it.
func (s Span) String() string {
	if s.Min == s.Max {
		return FormatDuration(s.Min)
	}
	return FormatDuration(s.Min) + ".." + FormatDuration(s.Max)
}

// noLimit is how the zero Limit is written.
const noLimit = "none"

// ParseLimit reads a length of time, or "none".
func ParseLimit(s string) (Limit, error) {
	if s == noLimit {
		return Limit{}, nil
	}
	d, err := ParseDuration(s)
	if err != nil {
		return Limit{}, err
	}
	return Limit{Set: true, Most: d}, nil
}

// String writes the limit as ParseLimit reads it.
func (l Limit) String() string {
	if !l.Set {
		return noLimit
	}
	return FormatDuration(l.Most)
}

// ParseInt reads a whole number that fits N.
func ParseInt[N int | int64 | uint64](s string) (N, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	unsigned, uerr := strconv.ParseUint(s, 10, 64)
	switch {
	case err == nil && int64(N(n)) == n && (n < 0) == (N(n) < 0):
		return N(n), nil
	case uerr == nil && uint64(N(unsigned)) == unsigned && N(unsigned) > 0:
		return N(unsigned), nil
	case err == nil || errors.Is(err, strconv.ErrRange):
		return 0, errors.New("out of range")
	}
	return 0, errors.New("not a whole number")
}

// parseLinger reads the one choice that SO_LINGER leaves to a benchmark.
func parseLinger(s string) (bool, error) {
	switch s {
	case "0":
		return true, nil
	case "-1":
		return false, nil
	}
	return false, errors.New("only 0 (close with RST) and -1 (close as the system does) are possible")
}

func formatLinger(zero bool) string {
	if zero {
		return "0"
	}
	return "-1"
}

// parsePercentage reads a share from 0% to 100% as a number from 0 to 1.
func parsePercentage(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	n, err := strconv.ParseFloat(number, 64)
	switch {
	case !percent || err != nil || math.IsNaN(n):
		return 0, fmt.Errorf("not a share; write 80%%")
	case n < 0 || n > 100:
		return 0, fmt.Errorf("a share is from 0%% to 100%%")
	}
	return n / 100, nil
}

func formatPercentage(f float64) string { return strconv.FormatFloat(f*100, 'g', 12, 64) + "%" }
