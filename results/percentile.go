package results

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// A Percentile is a share in percent as a decimal number without a sign or
// needless zeros, as "50" or "99.9". It is text so that it is exact, and so that
// it can be a key of a JSON object.
type Percentile string

// Percentiles are those that every document holds, as far as samples allow.
var Percentiles = []Percentile{"50", "90", "95", "99", "99.9", "99.99"}

// maxDecimals keeps the parts of a percentile far inside 64 bits.
const maxDecimals = 6

// ParsePercentile reads a percentile between 0 and 100, both excluded, with at
// most six decimals.
func ParsePercentile(s string) (Percentile, error) {
	whole, decimals, dotted := strings.Cut(s, ".")
	switch {
	case !digits(whole) || len(whole) > 2 || dotted && !digits(decimals):
		return "", fmt.Errorf("percentile %q is not a number between 0 and 100, as 99 or 99.9", s)
	case len(decimals) > maxDecimals:
		return "", fmt.Errorf("percentile %q has more than %d decimals", s, maxDecimals)
	}
	whole = strings.TrimLeft(whole, "0")
	decimals = strings.TrimRight(decimals, "0")
	if whole == "" {
		whole = "0"
	}
	if decimals != "" {
		return Percentile(whole + "." + decimals), nil
	}
	if whole == "0" {
		return "", fmt.Errorf("percentile 0 is the minimum: use min")
	}
	return Percentile(whole), nil
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// Rank returns ⌈p·n⌉, the rank among n sorted samples, counted from 1. It is
// computed in integers: 0.999·1000 is not 999 in floating point.
func (p Percentile) Rank(n int64) int64 {
	if n <= 0 {
		return 0
	}
	num, den := p.fraction()
	hi, lo := bits.Mul64(num, uint64(n))
	quotient, remainder := bits.Div64(hi, lo, den)
	if remainder > 0 {
		quotient++
	}
	return int64(quotient)
}

// Samples returns how many samples p needs: the fewest of which the largest
// lies beyond the percentile with 95 % confidence, 1 − pⁿ ≥ 0.95. That is 29 for
// p90, 299 for p99, 2 995 for p99.9 and 29 956 for p99.99.
func (p Percentile) Samples() int64 {
	num, den := p.fraction()
	return int64(math.Ceil(math.Log(0.05) / math.Log(float64(num)/float64(den))))
}

// Enough reports whether n samples support the percentile.
func (p Percentile) Enough(n int64) bool { return n > 0 && n >= p.Samples() }

// fraction returns p as a fraction of 1. What is not a percentile counts as 100 %.
func (p Percentile) fraction() (num, den uint64) {
	whole, decimals, _ := strings.Cut(string(p), ".")
	num, err := strconv.ParseUint(whole+decimals, 10, 63)
	den = 100
	for range min(len(decimals), maxDecimals) {
		den *= 10
	}
	if err != nil || num == 0 || num > den || len(decimals) > maxDecimals {
		return den, den
	}
	return num, den
}
