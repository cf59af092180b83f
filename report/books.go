package report

import (
	"fmt"

	"mailmill/results"
)

// outcomes are the rows of the books, with what they mean.
var outcomes = []struct {
	name    string
	count   func(results.Counts) int64
	meaning string
}{
	{"accepted", func(c results.Counts) int64 { return c.Accepted }, "taken for at least one recipient"},
	{"deferred", func(c results.Counts) int64 { return c.Deferred }, "refused for now (4yz)"},
	{"rejected", func(c results.Counts) int64 { return c.Rejected }, "refused for good (5yz)"},
	{"failed", func(c results.Counts) int64 { return c.Failed }, "a fault before the end of the content"},
	{"unknown", func(c results.Counts) int64 { return c.Unknown }, "a fault after it: may have been taken"},
	{"dropped", func(c results.Counts) int64 { return c.Dropped }, "too late to be begun, by the plan"},
	{"unfinished", func(c results.Counts) int64 { return c.Unfinished }, "not ended when the drain ended"},
	{"intended", func(c results.Counts) int64 { return c.Intended }, "the sum: all slots that were due"},
}

func books(d *results.Document) *section {
	c := d.Counts
	t := &Table{Columns: []Column{{Name: "BOOKS"}, {Name: "slots", Align: Right}, {Name: "share", Align: Right}, {Name: "", Flex: true}}}
	for _, o := range outcomes {
		n := o.count(c)
		t.Rows = append(t.Rows, []string{o.name, grouped(n), percent(n, c.Intended), o.meaning})
	}
	s := &section{table: t}
	if d.Window.Length() > 0 {
		offered := ""
		if d.Rates.Offered > 0 {
			offered = rate(d.Rates.Offered) + " offered, "
		}
		s.notes = append(s.notes, fmt.Sprintf("per second of the window: %s%s begun, %s ended, %s accepted",
			offered, rate(d.Rates.Begun), rate(d.Rates.Ended), rate(d.Rates.Accepted)))
	}
	if c.RecipientsAccepted+c.RecipientsDeferred+c.RecipientsRejected > 0 {
		s.notes = append(s.notes, fmt.Sprintf("recipients: %s accepted, %s deferred, %s rejected",
			grouped(c.RecipientsAccepted), grouped(c.RecipientsDeferred), grouped(c.RecipientsRejected)))
	}
	if c.Begun > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%s for %s begun; %s sent, %s received",
			plural(c.Sessions, "session"), plural(c.Begun, "slot"), octets(c.OctetsSent), octets(c.OctetsReceived)))
	}
	return s
}
