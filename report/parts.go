package report

import "mailmill/results"

// parts shows what a merged document is the sum of, machine by machine, so that one
// that was slower than the others is seen.
func parts(d *results.Document) *section {
	if len(d.Parts) == 0 {
		return nil
	}
	t := &Table{Columns: []Column{{Name: "PARTS"}, {Name: "verdict"}, {Name: "accepted", Align: Right}, {Name: "p50", Align: Right},
		{Name: "p99", Align: Right}, {Name: "busy", Align: Right}, {Name: "document", Flex: true}}}
	for i := range d.Parts {
		p := &d.Parts[i]
		name := p.Name()
		if name == p.File {
			name = p.Run.ID
		}
		response := p.Latency.Response
		t.Rows = append(t.Rows, []string{name, string(p.Verdict.Status), grouped(p.Counts.Accepted),
			percentile(response, "50"), percentile(response, "99"), percentOf(p.Generator.BusyRatio), p.File})
	}
	return &section{table: t, notes: []string{"the response of each; the percentiles above are of all messages together, and no average of these"}}
}
