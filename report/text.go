package report

import (
	"io"
	"strings"

	"mailmill/results"
)

// Options are how a report for a person is laid out. The zero value is usable.
type Options struct {
	// Width is the number of columns; 0 is 80, and less than 40 is taken as 40.
	Width int
	// Color lets terminal colours be used.
	Color bool
	// Path is the file that the document was written to; empty is none.
	Path string
}

// Text writes a summary for a person: the verdict first, then the books, then
// what the numbers are made of. Whatever servers sent is quoted where it could
// steer a terminal.
func Text(w io.Writer, d *results.Document, o Options) error {
	p := page{width: 80, color: o.Color}
	if o.Width > 0 {
		p.width = max(40, o.Width)
	}
	for _, view := range summary {
		if s := view(d); s != nil {
			p.section(*s)
		}
	}
	if o.Path != "" {
		p.section(section{lines: []line{{"WRITTEN", o.Path, heading}}})
	}
	_, err := io.WriteString(w, p.text.String())
	return err
}

// JSON writes the document as it stands in files.
func JSON(w io.Writer, d *results.Document) error {
	data, err := d.JSON()
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// A page is text as it grows. Everything that it is given is made plain first, so
// the only control sequences in it are its own.
type page struct {
	text  strings.Builder
	width int
	color bool
}

// margin is the width of the names of lines.
const margin = 11

func (p *page) section(s section) {
	if p.text.Len() > 0 {
		p.text.WriteByte('\n')
	}
	for _, l := range s.lines {
		p.line(l)
	}
	if s.table != nil {
		for i, row := range plainTable(*s.table).lines(p.width) {
			if i == 0 {
				row = p.paint(heading, row)
			}
			p.text.WriteString(row + "\n")
		}
	}
	for _, n := range s.notes {
		for i, row := range wrap(plain(n), p.width-4) {
			p.text.WriteString([]string{"  ", "    "}[min(i, 1)] + row + "\n")
		}
	}
}

func plainTable(t Table) Table {
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = make([]string, len(row))
		for j, cell := range row {
			rows[i][j] = plain(cell)
		}
	}
	return Table{Columns: t.Columns, Rows: rows}
}

func (p *page) line(l line) {
	name := plain(l.name)
	blanks := strings.Repeat(" ", max(1, margin-width(name)))
	for i, words := range wrap(plain(l.words), p.width-margin) {
		row := p.paint(l.mood, name) + blanks + words
		if i > 0 {
			row = strings.Repeat(" ", margin) + words
		}
		p.text.WriteString(strings.TrimRight(row, " ") + "\n")
	}
}

// paints are the control sequences of each mood.
var paints = [...]string{neutral: "", heading: "\x1b[1m", good: "\x1b[1;32m", doubtful: "\x1b[1;33m", bad: "\x1b[1;31m"}

func (p *page) paint(m mood, s string) string {
	if !p.color || paints[m] == "" || s == "" {
		return s
	}
	return paints[m] + s + "\x1b[0m"
}
