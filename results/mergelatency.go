package results

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"

	"mailmill/loadgen/timing"
)

// fields returns the latencies with their names.
func (l *Latencies) fields() []latencyField {
	return []latencyField{
		{"response", &l.Response}, {"service", &l.Service}, {"lateness", &l.Lateness}, {"refused", &l.Refused},
		{"opening", &l.Opening}, {"queue", &l.Queue}, {"pacer", &l.Pacer}, {"loop", &l.Loop},
	}
}

type latencyField struct {
	name string
	at   **Latency
}

// latencies merges everything that has a histogram.
func (m *merging) latencies() error {
	of := func(d *Document) *Latencies { return &d.Latency }
	if err := m.mergeLatencies(&m.sum.Latency, of); err != nil {
		return err
	}
	var err error
	if m.sum.Steps, err = m.steps(func(d *Document) []Step { return d.Steps }); err != nil {
		return err
	}
	return m.classes()
}

// mergeLatencies merges the latencies of all parts into sum; what a part has not is nil.
func (m *merging) mergeLatencies(sum *Latencies, of func(*Document) *Latencies) error {
	for i, field := range sum.fields() {
		var in []*Latency
		for _, d := range m.docs {
			if part := of(d); part != nil {
				in = append(in, *part.fields()[i].at)
			}
		}
		merged, err := mergeLatency(in)
		if err != nil {
			return fmt.Errorf("%s: %w", field.name, err)
		}
		*field.at = merged
	}
	return nil
}

// mergeLatency returns the latency of all samples; nil if there is none.
func mergeLatency(in []*Latency) (*Latency, error) {
	var s Sample
	in = slices.DeleteFunc(in, func(l *Latency) bool { return l.Size() == 0 })
	if len(in) == 0 {
		return nil, nil
	}
	s.Squares = new(big.Int)
	for _, l := range in {
		if l.Censored > 0 && (s.Censored == 0 || l.Floor < s.Floor) {
			s.Floor = l.Floor
		}
		s.Censored += l.Censored
		s.Overflow += l.Overflow
		if l.Count == 0 {
			continue
		}
		if s.Histogram == nil || l.Min < s.Min {
			s.Min = l.Min
		}
		s.Max = max(s.Max, l.Max)
		sum, squares := l.moments()
		s.Sum += sum
		s.Squares.Add(s.Squares, squares)
		var err error
		if s.Histogram, err = l.addTo(s.Histogram); err != nil {
			return nil, err
		}
	}
	return NewLatency(in[0].Population, s)
}

// addTo adds the samples to a histogram; nil is an empty one.
func (l *Latency) addTo(sum *hdrhistogram.Histogram) (*hdrhistogram.Histogram, error) {
	h, err := l.Histogram()
	if err != nil {
		return nil, err
	}
	if h == nil || h.TotalCount() != l.Count {
		return nil, fmt.Errorf("%d samples have no histogram with as many", l.Count)
	}
	return addHistogram(sum, h)
}

// addHistogram adds h to sum bucket by bucket; a nil sum is an empty one.
func addHistogram(sum, h *hdrhistogram.Histogram) (*hdrhistogram.Histogram, error) {
	if sum == nil {
		return h, nil
	}
	type geometry struct{ lowest, highest, digits int64 }
	a := geometry{sum.LowestTrackableValue(), sum.HighestTrackableValue(), sum.SignificantFigures()}
	b := geometry{h.LowestTrackableValue(), h.HighestTrackableValue(), h.SignificantFigures()}
	if a != b {
		return nil, fmt.Errorf("histograms from %d to %d with %d digits and from %d to %d with %d have other buckets",
			a.lowest, a.highest, a.digits, b.lowest, b.highest, b.digits)
	}
	if dropped := sum.Merge(h); dropped > 0 {
		return nil, fmt.Errorf("%d samples are out of the histogram's range", dropped)
	}
	return sum, nil
}

// steps merges the steps of all parts, in the order of a session.
func (m *merging) steps(of func(*Document) []Step) (sum []Step, err error) {
	for step := range timing.NumSteps {
		s := Step{Name: step.String()}
		var in []*Latency
		var population string
		found := false
		for _, d := range m.docs {
			for _, part := range of(d) {
				if part.Name != s.Name {
					continue
				}
				found, population = true, part.Latency.Population
				s.Sent += part.Sent
				s.Faults = addFaults(s.Faults, part.Faults)
				in = append(in, &part.Latency)
			}
		}
		if !found {
			continue
		}
		latency, err := mergeLatency(in)
		if err != nil {
			return nil, fmt.Errorf("step %s: %w", s.Name, err)
		}
		if s.Latency = (Latency{Population: population}); latency != nil {
			s.Latency = *latency
		}
		sum = append(sum, s)
	}
	return sum, nil
}

// classes merges the classes of traffic, by their names.
func (m *merging) classes() error {
	var names []string
	for _, d := range m.docs {
		for _, c := range d.Classes {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	for _, name := range names {
		of := func(d *Document) *Class {
			if i := slices.IndexFunc(d.Classes, func(c Class) bool { return c.Name == name }); i >= 0 {
				return &d.Classes[i]
			}
			return &Class{}
		}
		sum := Class{Name: name, Rates: m.rates(func(d *Document) Rates { return of(d).Rates })}
		for _, d := range m.docs {
			sum.Counts.add(&of(d).Counts)
		}
		err := m.mergeLatencies(&sum.Latency, func(d *Document) *Latencies { return &of(d).Latency })
		if err == nil {
			sum.Steps, err = m.steps(func(d *Document) []Step { return of(d).Steps })
		}
		if err != nil {
			return fmt.Errorf("class %s: %w", name, err)
		}
		m.sum.Classes = append(m.sum.Classes, sum)
	}
	return nil
}
