package results

import (
	"math"
	"strconv"
	"time"
)

// FormatDuration writes a duration with three significant digits in µs, ms or
// s, as "0.95 µs", "41.2 ms" or "1.20 s". All words about durations use it.
func FormatDuration(d time.Duration) string {
	units := []struct {
		size time.Duration
		name string
	}{{time.Microsecond, " µs"}, {time.Millisecond, " ms"}, {time.Second, " s"}}
	for i, u := range units {
		v := float64(d) / float64(u.size)
		// 999.6 µs has four digits once it is rounded: it is 1.00 ms.
		if math.Abs(v) < 999.5 || i == len(units)-1 {
			return significant(v) + u.name
		}
	}
	return ""
}

// significant writes v with three significant digits, or all digits of its whole
// part if those are more. Below 1 it keeps two decimals.
func significant(v float64) string {
	decimals := 2
	switch abs := math.Abs(v); {
	case v == 0 || abs >= 99.95:
		decimals = 0
	case abs >= 9.995:
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}
