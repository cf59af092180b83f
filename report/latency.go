package report

import (
	"slices"

	"mailmill/results"
)

// shown are the percentiles of the tables.
var shown = []results.Percentile{"50", "90", "99", "99.9", "99.99"}

func latencyTable(title string) *Table {
	t := &Table{Columns: []Column{{Name: title}, {Name: "samples", Align: Right}}}
	for _, p := range shown {
		t.Columns = append(t.Columns, Column{Name: "p" + string(p), Align: Right})
	}
	t.Columns = append(t.Columns, Column{Name: "max", Align: Right})
	return t
}

// add appends the row of a latency that has samples.
func (t *Table) add(name string, l *results.Latency) {
	if l.Size() == 0 {
		return
	}
	row := []string{name, grouped(l.Size())}
	for _, p := range shown {
		row = append(row, percentile(l, p))
	}
	t.Rows = append(t.Rows, append(row, maximum(l)))
}

func latencies(d *results.Document) *section {
	l := d.Latency
	s := &section{table: latencyTable("LATENCY")}
	s.table.add("response", l.Response)
	s.table.add("service", l.Service)
	s.table.add("lateness", l.Lateness)
	s.table.add("refused", l.Refused)
	if len(s.table.Rows) == 0 {
		return &section{lines: []line{{"LATENCY", "nothing was measured", heading}}}
	}
	s.notes = append(s.notes, equation(d)...)
	s.notes = append(s.notes, legend(l.Response, l.Service, l.Lateness, l.Refused)...)
	return s
}

// equation says how the rows of the table belong together.
func equation(d *results.Document) []string {
	if d.Load.Model == results.Closed {
		return []string{"closed loop: a slot is due when a worker claims it, so response is service"}
	}
	notes := []string{"response (due to end) = lateness (due to begun) + service (begun to end)"}
	if q, p := added("queue", d.Latency.Queue), added("pacer", d.Latency.Pacer); q != "" && p != "" {
		notes = append(notes, "lateness: "+q+" (no worker was free), "+p+" (mailmill woke late)")
	}
	return notes
}

// legend explains the signs that stand in a table of these latencies.
func legend(list ...*results.Latency) (notes []string) {
	var lost int64
	few := false
	for _, l := range list {
		if l.Size() == 0 {
			continue
		}
		if len(l.AtLeast) > 0 {
			lost = max(lost, l.Censored)
		}
		few = few || slices.ContainsFunc(shown, func(p results.Percentile) bool { return !p.Enough(l.Size()) })
	}
	if lost > 0 {
		notes = append(notes, "≥ x: lost slots ("+grouped(lost)+") count as slower than all others")
	}
	if few {
		notes = append(notes, nothing+": too few samples for that percentile")
	}
	return notes
}

func opening(d *results.Document) *section {
	t := latencyTable("OPENING")
	t.add("sessions", d.Latency.Opening)
	if len(t.Rows) == 0 {
		return nil
	}
	return &section{table: t, notes: []string{"from connect to ready for MAIL; it is a part of the service of a session's first slot"}}
}
