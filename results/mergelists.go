package results

import (
	"cmp"
	"fmt"
	"slices"

	"mailmill/loadgen/timing"
)

// lists merges replies and faults, in the order in which a run lists them.
func (m *merging) lists() {
	d := m.sum
	for _, part := range m.docs {
		d.Replies = addReplies(d.Replies, part.Replies)
		d.Faults = addFaults(d.Faults, part.Faults)
	}
	class := func(name string) int {
		return slices.IndexFunc(d.Classes, func(c Class) bool { return c.Name == name })
	}
	slices.SortStableFunc(d.Replies, func(a, b Reply) int {
		return cmp.Or(cmp.Compare(class(a.Class), class(b.Class)), compareSteps(a.Step, b.Step), cmp.Compare(a.Code, b.Code),
			slices.Compare(numbers(a.Enhanced), numbers(b.Enhanced)), compareBools(a.Unexpected, b.Unexpected))
	})
	byClass := func(a, b Fault) int {
		return cmp.Or(cmp.Compare(class(a.Class), class(b.Class)), compareSteps(a.Step, b.Step), compareKinds(a.Kind, b.Kind))
	}
	slices.SortStableFunc(d.Faults, byClass)
	for _, s := range d.Steps {
		slices.SortStableFunc(s.Faults, byClass)
	}
	for _, c := range d.Classes {
		for _, s := range c.Steps {
			slices.SortStableFunc(s.Faults, byClass)
		}
	}
}

// addReplies adds replies of the same kind; the example of the earliest stays.
func addReplies(sum, in []Reply) []Reply {
	for _, r := range in {
		i := slices.IndexFunc(sum, func(s Reply) bool {
			return s.Class == r.Class && s.Step == r.Step && s.Code == r.Code && s.Enhanced == r.Enhanced && s.Unexpected == r.Unexpected
		})
		if i < 0 {
			sum = append(sum, r)
			continue
		}
		s := &sum[i]
		if r.First < s.First {
			s.First, s.Example = r.First, r.Example
		}
		s.Count, s.Last = s.Count+r.Count, max(s.Last, r.Last)
	}
	return sum
}

// addFaults adds faults of the same kind; the example of the earliest stays.
func addFaults(sum, in []Fault) []Fault {
	for _, f := range in {
		i := slices.IndexFunc(sum, func(s Fault) bool { return s.Class == f.Class && s.Step == f.Step && s.Kind == f.Kind })
		if i < 0 {
			sum = append(sum, f)
			continue
		}
		s := &sum[i]
		if f.First < s.First {
			s.First, s.Example = f.First, f.Example
		}
		s.Count, s.Last = s.Count+f.Count, max(s.Last, f.Last)
	}
	return sum
}

func compareSteps(a, b string) int {
	i, _ := timing.ParseStep(a)
	j, _ := timing.ParseStep(b)
	return cmp.Compare(i, j)
}

func compareKinds(a, b string) int {
	i, _ := timing.ParseFaultKind(a)
	j, _ := timing.ParseFaultKind(b)
	return cmp.Compare(i, j)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// numbers returns the three numbers of an enhanced status code; what is none comes first.
func numbers(enhanced string) []int {
	n := make([]int, 3)
	if _, err := fmt.Sscanf(enhanced, "%d.%d.%d", &n[0], &n[1], &n[2]); err != nil {
		return nil
	}
	return n
}
