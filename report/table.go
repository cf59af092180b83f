package report

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// An Align is the side to which the cells of a column are pushed.
type Align uint8

// Left suits words, Right suits numbers.
const (
	Left Align = iota
	Right
)

// A Column is one column of a table. Only the last may be Flex: it takes the
// width that the others leave, and is wrapped.
type Column struct {
	Name  string
	Align Align
	Flex  bool
}

// A Table is rows of text under named columns: what every format lays out in
// its own way. A row may be shorter than the columns.
type Table struct {
	Columns []Column
	Rows    [][]string
}

// leastFlex is the width below which wrapping would leave confetti.
const leastFlex = 16

// mostFlex bounds the lines that one wrapped cell takes.
const mostFlex = 3

// lines lays the table out in columns of text, the names first. Two blanks stand
// between columns, or one where the width would not do.
func (t Table) lines(width int) []string {
	widths := t.widths()
	gap := 2
	if total(widths, gap) > width {
		gap = 1
	}
	last := len(widths) - 1
	if t.Columns[last].Flex {
		widths[last] = max(leastFlex, width-total(widths[:last], gap)-gap)
	}
	var lines []string
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	for _, row := range append([][]string{names}, t.Rows...) {
		lines = append(lines, t.row(row, widths, strings.Repeat(" ", gap))...)
	}
	return lines
}

func (t Table) widths() []int {
	widths := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		widths[i] = width(c.Name)
		for _, row := range t.Rows {
			if i < len(row) && !c.Flex {
				widths[i] = max(widths[i], width(row[i]))
			}
		}
	}
	return widths
}

func total(widths []int, gap int) int {
	sum := gap * (len(widths) - 1)
	for _, w := range widths {
		sum += w
	}
	return sum
}

// row lays one row out; a wrapped cell gives it further lines.
func (t Table) row(cells []string, widths []int, gap string) []string {
	var b strings.Builder
	var more []string
	for i, cell := range cells {
		if i > 0 {
			b.WriteString(gap)
		}
		column := t.Columns[i]
		if column.Flex {
			wrapped := clip(wrap(cell, widths[i]), mostFlex)
			cell, more = wrapped[0], wrapped[1:]
		}
		blanks := strings.Repeat(" ", max(0, widths[i]-width(cell)))
		if column.Align == Right {
			b.WriteString(blanks + cell)
		} else {
			b.WriteString(cell + blanks)
		}
	}
	lines := []string{strings.TrimRight(b.String(), " ")}
	indent := strings.Repeat(" ", total(widths[:len(widths)-1], len(gap))+len(gap))
	for _, m := range more {
		lines = append(lines, indent+m)
	}
	return lines
}

// width is the number of columns that s takes on a terminal, as far as that can
// be told from the number of its characters.
func width(s string) int { return utf8.RuneCountInString(s) }

// units stay on the line of their number.
var units = []string{"µs", "ms", "s", "%", "kB", "MB", "GB", "TB"}

// words cuts s at its blanks, but for that before a unit.
func words(s string) []string {
	fields := strings.Fields(s)
	kept := fields[:0]
	for i, f := range fields {
		if i > 0 && slices.Contains(units, strings.TrimRight(f, ",;:)")) {
			kept[len(kept)-1] += " " + f
		} else {
			kept = append(kept, f)
		}
	}
	return kept
}

// wrap breaks s at blanks into lines of at most so many characters, and inside
// words that are longer. It returns at least one line.
func wrap(s string, most int) []string {
	lines := []string{""}
	for _, word := range words(s) {
		line := &lines[len(lines)-1]
		switch {
		case *line == "":
			*line = word
		case width(*line)+1+width(word) <= most:
			*line += " " + word
		default:
			lines = append(lines, word)
		}
		for width(lines[len(lines)-1]) > most {
			runes := []rune(lines[len(lines)-1])
			lines[len(lines)-1] = string(runes[:most])
			lines = append(lines, string(runes[most:]))
		}
	}
	return lines
}

// clip keeps the first lines and marks that there were more.
func clip(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	lines = lines[:most]
	runes := []rune(lines[most-1])
	lines[most-1] = string(runes[:max(0, len(runes)-1)]) + "…"
	return lines
}
