package results

import (
	"cmp"
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
		merged, err := m.latency(field.name, func(d *Document) *Latency { return *of(d).fields()[i].at })
		if err != nil {
			return err
		}
		*field.at = merged
	}
	return nil
}

// latency merges one latency of all parts; nil if none of them has a sample.
func (m *merging) latency(name string, of func(*Document) *Latency) (*Latency, error) {
	s := Sample{Squares: new(big.Int)}
	population := ""
	for i, d := range m.docs {
		l := of(d)
		if l.Size() == 0 {
			continue
		}
		population = l.Population
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
			return nil, unmergeable("%s: %s: %w", m.in[i].File, name, err)
		}
	}
	if s.Histogram == nil && s.Censored == 0 {
		return nil, nil
	}
	return NewLatency(population, s)
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
		in := func(d *Document) *Step {
			if i := slices.IndexFunc(of(d), func(part Step) bool { return part.Name == s.Name }); i >= 0 {
				return &of(d)[i]
			}
			return &Step{}
		}
		for _, d := range m.docs {
			part := in(d)
			s.Sent += part.Sent
			s.Faults = addFaults(s.Faults, part.Faults)
			s.Latency.Population = cmp.Or(s.Latency.Population, part.Latency.Population)
		}
		latency, err := m.latency("step "+s.Name, func(d *Document) *Latency { return &in(d).Latency })
		if err != nil {
			return nil, err
		}
		if latency != nil {
			s.Latency = *latency
		}
		if s.Sent > 0 || latency != nil {
			sum = append(sum, s)
		}
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
			return err
		}
		m.sum.Classes = append(m.sum.Classes, sum)
	}
	return nil
}
