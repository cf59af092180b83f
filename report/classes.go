package report

import (
	"slices"

	"mailmill/results"
)

// classes has a row for each class of traffic. Everything else about them is in the document.
func classes(d *results.Document) *section {
	if len(d.Classes) < 2 {
		return nil
	}
	t := &Table{Columns: []Column{{Name: "CLASSES"}}}
	for _, name := range []string{"slots", "accepted", "refused", "lost", "p50", "p99", "service p50", "p99"} {
		t.Columns = append(t.Columns, Column{Name: name, Align: Right})
	}
	s := &section{table: t, notes: []string{
		"p50 and p99 of response, then of service; refused: deferred or rejected; lost: failed, unknown, dropped or unfinished",
	}}
	for _, c := range d.Classes {
		n := c.Counts
		t.Rows = append(t.Rows, []string{
			c.Name, grouped(n.Intended), percent(n.Accepted, n.Intended), grouped(n.Deferred + n.Rejected),
			grouped(n.Failed + n.Unknown + n.Dropped + n.Unfinished),
			percentile(c.Latency.Response, "50"), percentile(c.Latency.Response, "99"),
			percentile(c.Latency.Service, "50"), percentile(c.Latency.Service, "99"),
		})
		if n.Intended == 0 {
			s.notes = append(s.notes, c.Name+": no slot of this class was due; its weight is too small for a run this long")
		}
	}
	return s
}

// repliesOfAll adds up the replies of one kind that several classes got; the example of the first stays.
func repliesOfAll(d *results.Document) (sum []results.Reply) {
	if len(d.Classes) < 2 {
		return d.Replies
	}
	for _, r := range d.Replies {
		i := slices.IndexFunc(sum, func(s results.Reply) bool {
			return s.Step == r.Step && s.Code == r.Code && s.Enhanced == r.Enhanced && s.Unexpected == r.Unexpected
		})
		if i < 0 {
			sum = append(sum, r)
			continue
		}
		if s := &sum[i]; r.First < s.First {
			s.First, s.Example = r.First, r.Example
		}
		sum[i].Count, sum[i].Last = sum[i].Count+r.Count, max(sum[i].Last, r.Last)
	}
	return sum
}

// faultsOfAll adds up the faults of one kind that several classes met.
func faultsOfAll(d *results.Document, list []results.Fault) (sum []results.Fault) {
	if len(d.Classes) < 2 {
		return list
	}
	for _, f := range list {
		i := slices.IndexFunc(sum, func(s results.Fault) bool { return s.Step == f.Step && s.Kind == f.Kind })
		if i < 0 {
			sum = append(sum, f)
			continue
		}
		if s := &sum[i]; f.First < s.First {
			s.First, s.Example = f.First, f.Example
		}
		sum[i].Count, sum[i].Last = sum[i].Count+f.Count, max(sum[i].Last, f.Last)
	}
	return sum
}
