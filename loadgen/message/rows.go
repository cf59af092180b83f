package message

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A row is a line of a list: a text, and how often it is drawn beside the others.
type row struct {
	line     int
	cell     string
	weight   float64
	weighted bool  // it has a weight of its own
	err      error // of the weight
}

// rowsOf returns the rows of a list. What stands behind the last comma of a line is the
// weight; without one it is 1. Empty lines and those that begin with "#" are left out.
func rowsOf(text string) (rows []row) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		r := row{line: number, cell: line, weight: 1}
		if i := strings.LastIndexByte(line, ','); i >= 0 {
			r.cell = strings.TrimSpace(line[:i])
			r.weight, r.err = parseWeight(strings.TrimSpace(line[i+1:]))
			r.weighted = true
		}
		rows = append(rows, r)
	}
	return rows
}

func parseWeight(s string) (float64, error) {
	w, err := strconv.ParseFloat(s, 64)
	if err != nil || w < 0 || math.IsInf(w, 0) || math.IsNaN(w) {
		return 0, fmt.Errorf("%q is no weight; write a number from 0", s)
	}
	return w, nil
}
