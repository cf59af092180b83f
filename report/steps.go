package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailmill/loadgen/timing"
	"mailmill/results"
)

func steps(d *results.Document) *section {
	if len(d.Steps) == 0 {
		return nil
	}
	t := &Table{Columns: []Column{
		{Name: "STEPS"}, {Name: "count", Align: Right}, {Name: "p50", Align: Right}, {Name: "p99", Align: Right},
		{Name: "max", Align: Right}, {Name: "faults", Flex: true},
	}}
	content := false
	for _, step := range d.Steps {
		l := &step.Latency
		t.Rows = append(t.Rows, []string{
			step.Name, grouped(l.Count), percentile(l, "50"), percentile(l, "99"), maximum(l), faultsOf(d, step),
		})
		content = content || step.Name == timing.Content.String()
	}
	s := &section{table: t}
	if content && d.Counts.OctetsSent > largeMessage*d.Counts.Begun {
		s.notes = append(s.notes, "content ends in the kernel's send buffer: with messages this large, a part of the transfer is in accept")
	}
	return s
}

// largeMessage is the number of octets for each slot from which the send buffer
// of a socket may not take the content at once.
const largeMessage = 32 << 10

// faultsOf lists the kinds of fault that a step had.
func faultsOf(d *results.Document, s results.Step) string {
	list := s.Faults
	if len(list) == 0 {
		for _, f := range d.Faults {
			if f.Step == s.Name {
				list = append(list, f)
			}
		}
	}
	list = faultsOfAll(d, list)
	words := make([]string, len(list))
	for i, f := range list {
		words[i] = grouped(f.Count) + " " + f.Kind
	}
	return strings.Join(words, ", ")
}

// mostRows bounds the kinds of replies, and of faults, that are shown.
const mostRows = 24

func replies(d *results.Document) *section {
	if len(d.Replies) == 0 {
		return nil
	}
	toStep := map[string]int64{}
	for _, r := range d.Replies {
		toStep[r.Step] += r.Count
	}
	s := &section{table: &Table{Columns: []Column{
		{Name: "REPLIES"}, {Name: "code"}, {Name: "enhanced"}, {Name: "count", Align: Right},
		{Name: "share", Align: Right}, {Name: "example", Flex: true},
	}}}
	kept, left := most(repliesOfAll(d), func(r results.Reply) int64 { return r.Count })
	slices.SortStableFunc(kept, func(a, b results.Reply) int {
		return cmp.Or(cmp.Compare(stepOrder(a.Step), stepOrder(b.Step)), cmp.Compare(a.Code, b.Code), cmp.Compare(b.Count, a.Count))
	})
	for _, r := range kept {
		example := r.Example
		if r.Unexpected {
			example = "unexpected: " + example
		}
		s.table.Rows = append(s.table.Rows, []string{
			r.Step, strconv.Itoa(r.Code), r.Enhanced, grouped(r.Count), percent(r.Count, toStep[r.Step]), example,
		})
	}
	if left > 0 {
		s.notes = append(s.notes, plural(int64(left), "rarer kind")+" of reply in the document")
	}
	return s
}

// stepOrder is the place of a step in a session; what is no step comes last.
func stepOrder(name string) int {
	if s, ok := timing.ParseStep(name); ok {
		return int(s)
	}
	return int(timing.NumSteps)
}

// most returns the most frequent of a list, and how many it leaves out.
func most[T any](list []T, count func(T) int64) (kept []T, left int) {
	kept = slices.Clone(list)
	slices.SortStableFunc(kept, func(a, b T) int { return cmp.Compare(count(b), count(a)) })
	left = max(0, len(kept)-mostRows)
	return kept[:len(kept)-left], left
}

func faults(d *results.Document) *section {
	if len(d.Faults) == 0 {
		return nil
	}
	s := &section{table: &Table{Columns: []Column{
		{Name: "FAULTS"}, {Name: "kind"}, {Name: "side"}, {Name: "count", Align: Right}, {Name: "when", Align: Right}, {Name: "example", Flex: true},
	}}}
	kept, left := most(faultsOfAll(d, d.Faults), func(f results.Fault) int64 { return f.Count })
	for _, f := range kept {
		when := duration(f.First)
		if f.Last != f.First {
			when = fmt.Sprintf("%s to %s", when, duration(f.Last))
		}
		s.table.Rows = append(s.table.Rows, []string{f.Step, f.Kind, f.Side, grouped(f.Count), when, f.Example})
	}
	if left > 0 {
		s.notes = append(s.notes, plural(int64(left), "rarer kind")+" of fault in the document")
	}
	return s
}
