package results

import (
	"cmp"
	"slices"
	"time"
)

// slowestKept is how many of the slowest messages a document names.
const slowestKept = 5

// A Slow is an accepted message of the window whose service was among the longest.
type Slow struct {
	// Slot is the number of the message.
	Slot  int64  `json:"slot"`
	Class string `json:"class,omitempty"` // empty if the plan names none
	// Content is the name of its content in a corpus, such as "spam.mbox#3"; empty for one that was made.
	Content  string        `json:"content,omitempty"`
	Due      time.Duration `json:"due_ns"`
	Service  time.Duration `json:"service_ns"`
	Response time.Duration `json:"response_ns"`
}

// slowest merges the slowest messages.
func (m *merging) slowest() (all []Slow) {
	for _, d := range m.docs {
		all = append(all, d.Slowest...)
	}
	slices.SortFunc(all, func(a, b Slow) int { return cmp.Or(cmp.Compare(b.Service, a.Service), cmp.Compare(a.Slot, b.Slot)) })
	return all[:min(len(all), slowestKept)]
}
