package report

import (
	"fmt"

	"mailmill/results"
)

// slowest names the messages that a server took longest for, where they came from a corpus: made ones are all alike.
func slowest(d *results.Document) *section {
	s := &section{table: &Table{Columns: []Column{
		{Name: "SLOWEST"}, {Name: "service", Align: Right}, {Name: "response", Align: Right}, {Name: "content"},
	}}}
	for _, m := range d.Slowest {
		if m.Content != "" {
			s.table.Rows = append(s.table.Rows, []string{fmt.Sprintf("message %d", m.Slot), duration(m.Service), duration(m.Response), m.Content})
		}
	}
	if len(s.table.Rows) == 0 {
		return nil
	}
	return s
}
