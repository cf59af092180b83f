package message

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A Quantity is a whole number that is fixed, or drawn for each slot: the size of a
// body, the number of recipients. The zero Quantity is fixed, and 0.
type Quantity struct {
	kind quantityKind
	// Least and Most bound an even draw; a fixed one has both alike. Of a log-normal
	// draw they are the median and the 95th percentile.
	low, high int
	file      string // of observed numbers
}

type quantityKind uint8

const (
	even quantityKind = iota
	logNormal
	observed
)

// Fixed is a quantity that is always n.
func Fixed(n int) Quantity { return Quantity{low: n, high: n} }

const logNormalForm = "lognormal:"

// ParseQuantity reads "8k" (fixed), "2k..20k" (each number as likely as any other),
// "lognormal:median=8k,p95=200k" or "@FILE" (observed numbers, see [Quantity.Check]).
// parse reads one number.
func ParseQuantity(s string, parse func(string) (int, error)) (Quantity, error) {
	if file, ok := strings.CutPrefix(s, "@"); ok {
		if file == "" {
			return Quantity{}, errors.New("@ without a file; write @FILE, in which each line is a number, or a number, a comma and its weight")
		}
		return Quantity{kind: observed, file: file}, nil
	}
	if params, ok := strings.CutPrefix(s, logNormalForm); ok {
		return parseLogNormal(params, parse)
	}
	low, high, ranged := strings.Cut(s, "..")
	if !ranged {
		high = low
	}
	var q Quantity
	var err error
	if q.low, err = parse(low); err != nil {
		return Quantity{}, err
	}
	if q.high, err = parse(high); err != nil {
		return Quantity{}, err
	}
	if q.high < q.low {
		return Quantity{}, fmt.Errorf("%s is no range; write the smaller number first", s)
	}
	return q, nil
}

func parseLogNormal(params string, parse func(string) (int, error)) (Quantity, error) {
	q := Quantity{kind: logNormal}
	for param := range strings.SplitSeq(params, ",") {
		name, number, _ := strings.Cut(param, "=")
		at := map[string]*int{"median": &q.low, "p95": &q.high}[strings.TrimSpace(name)]
		if at == nil {
			return Quantity{}, fmt.Errorf("%q is neither median nor p95; write lognormal:median=8k,p95=200k", param)
		}
		var err error
		if *at, err = parse(number); err != nil {
			return Quantity{}, err
		}
	}
	if q.low < 1 || q.high <= q.low {
		return Quantity{}, errors.New("a log-normal draw has a median above 0 and a 95th percentile above that; write lognormal:median=8k,p95=200k")
	}
	return q, nil
}

// Format writes the quantity as ParseQuantity reads it; format writes one number.
func (q Quantity) Format(format func(int) string) string {
	switch {
	case q.kind == observed:
		return "@" + q.file
	case q.kind == logNormal:
		return logNormalForm + "median=" + format(q.low) + ",p95=" + format(q.high)
	case q.low == q.high:
		return format(q.low)
	}
	return format(q.low) + ".." + format(q.high)
}

// Check tells whether the numbers that are written in it lie between least and most.
// Those of a file are looked at in [New].
func (q Quantity) Check(least, most int) error {
	if q.kind != observed && (q.low < least || q.high > most) {
		out := q.low
		if q.low >= least {
			out = q.high
		}
		return fmt.Errorf("%d is out of range; from %d to %d is possible", out, least, most)
	}
	return nil
}

// Mean is the mean of the numbers that are drawn, as far as it is known without a
// file.
func (q Quantity) Mean() float64 {
	if q.kind == logNormal {
		mu, sigma := q.normal()
		return math.Exp(mu + sigma*sigma/2)
	}
	return (float64(q.low) + float64(q.high)) / 2
}

// tail is the mean of the largest of so many equal parts of a log-normal draw. The middle
// of that part is far below it: a tenth of all octets can be in what is beyond.
func (q Quantity) tail(parts int) int {
	_, sigma := q.normal()
	z := math.Sqrt2 * math.Erfinv(float64(2*(1-1/float64(parts)))-1) // where the part begins
	share := math.Erfc((z-sigma)/math.Sqrt2) / 2
	return int(math.Round(q.Mean() * share * float64(parts)))
}

// Several tells whether a slot may draw more than 1.
func (q Quantity) Several() bool { return q.kind != even || q.high > 1 }

// normal is the normal distribution of the logarithms of a log-normal draw.
func (q Quantity) normal() (mu, sigma float64) {
	const z95 = 1.6448536269514722 // of the standard normal distribution
	return math.Log(float64(q.low)), math.Log(float64(q.high)/float64(q.low)) / z95
}

// A point is a number that may be drawn, and how often beside the others.
type point struct {
	value  int
	weight float64
}

// points are what may be drawn: all of it if that is no more than limit, or else as
// many quantiles, each as likely as any other.
func (q Quantity) points(limit int) ([]point, error) {
	switch q.kind {
	case observed:
		points, err := readPoints(q.file)
		if len(points) > limit {
			points = quantiles(points, limit)
		}
		return points, err
	case logNormal:
		mu, sigma := q.normal()
		points := spread(limit, func(p float64) float64 {
			return math.Exp(mu + float64(sigma*math.Sqrt2*math.Erfinv(2*p-1)))
		})
		points[limit-1].value = q.tail(limit)
		return points, nil
	}
	numbers := q.high - q.low + 1
	limit = min(limit, numbers)
	return spread(limit, func(p float64) float64 {
		return math.Floor(float64(q.low) + float64(p*float64(numbers)))
	}), nil
}

// spread is so many quantiles of a distribution, from the middle of each part.
func spread(parts int, quantile func(p float64) float64) []point {
	points := make([]point, parts)
	for i := range points {
		points[i] = point{int(math.Round(quantile((float64(i) + 0.5) / float64(parts)))), 1}
	}
	return points
}

// quantiles makes fewer points of many, which are sorted.
func quantiles(points []point, parts int) []point {
	var sum, upTo float64
	for _, p := range points {
		sum += p.weight
	}
	i := 0
	return spread(parts, func(p float64) float64 {
		for i < len(points)-1 && upTo+points[i].weight < p*sum {
			upTo += points[i].weight
			i++
		}
		return float64(points[i].value)
	})
}

// readPoints reads a file of observed numbers: one a line, alone or with a comma and
// its weight behind it. A first line without a number is a heading; an empty line and
// one that begins with "#" are left out. Equal numbers become one point.
func readPoints(file string) ([]point, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	weights := map[int]float64{}
	for i, row := range rowsOf(string(text)) {
		value, err := strconv.Atoi(strings.TrimSpace(row.cell))
		if err != nil && i == 0 {
			continue
		}
		if err != nil || value < 0 {
			return nil, fmt.Errorf("%s:%d: %q is no whole number from 0", file, row.line, row.cell)
		}
		if row.err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, row.line, row.err)
		}
		weights[value] += row.weight
	}
	points := make([]point, 0, len(weights))
	for value, weight := range weights {
		if weight > 0 {
			points = append(points, point{value, weight})
		}
	}
	if len(points) == 0 {
		return nil, fmt.Errorf("%s: no numbers in it", file)
	}
	slices.SortFunc(points, func(a, b point) int { return a.value - b.value })
	return points, nil
}
