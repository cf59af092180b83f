package profiles

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// A Class is one class of traffic: a kind of message, and the sessions that carry it.
type Class struct {
	// Name is the class's own in the plan: in documents, rows and checks.
	Name string
	// Weight is how many slots the class gets for each of another class of weight 1.
	Weight int
	// Plan is the whole plan of the class: that of the run, with the class's own
	// settings in it. What is no class's own (see Setting.PerClass) is the run's.
	Plan Plan
	// own says where the class's own settings stand in a profile.
	own map[string]string
}

// Limits of classes.
const (
	// MaxClasses bounds the histograms that each event loop keeps.
	MaxClasses = 64
	// MaxWeight is the largest weight: shares as fine as a millionth.
	MaxWeight = 1_000_000
)

// Traffic returns the classes of traffic of the plan, in their order. A plan that names
// none is one class without a name.
func (p Plan) Traffic() []Class {
	if len(p.Classes) > 0 {
		return p.Classes
	}
	return []Class{{Weight: 1, Plan: p}}
}

// ClassNames returns the names of the plan's classes; none if it names none.
func (p Plan) ClassNames() []string {
	var names []string
	for _, c := range p.Classes {
		names = append(names, c.Name)
	}
	return names
}

// className is what a class may be called: a word that a check's selector, a column of
// rows and a key of a document take as it is.
var className = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$`)

func checkClassName(name string) error {
	if !className.MatchString(name) {
		return errors.New("not a name of a class; write up to 32 letters, digits, and . _ - between them")
	}
	return nil
}

// parseWeight reads the weight of a class.
func parseWeight(s string) (int, error) {
	n, err := ParseInt[int](s)
	switch {
	case err != nil:
		return 0, err
	case n < 1 || n > MaxWeight:
		return 0, fmt.Errorf("a weight is from 1 to %d; leave out a class that is to get nothing", MaxWeight)
	}
	return n, nil
}

// values enters what the class has otherwise than the plan that the values are of.
func (c Class) values(values map[string]string) {
	prefix := "classes." + c.Name + "."
	values[prefix+"weight"] = strconv.Itoa(c.Weight)
	for _, s := range Settings {
		if !s.PerClass() {
			continue
		}
		if own := s.Value(&c.Plan).String(); own != values[s.Name] {
			values[prefix+s.Name] = own
		}
	}
}

// appendCanonical appends the lines of the class in the plan's canonical form.
func (c Class) appendCanonical(canonical []byte) []byte {
	canonical = fmt.Appendf(canonical, "class=%q\nweight=%d\n", c.Name, c.Weight)
	for _, s := range Settings {
		if !s.PerClass() || s.Apart {
			continue
		}
		canonical = append(append(canonical, s.Name...), '=')
		canonical = strconv.AppendQuote(canonical, s.Value(&c.Plan).String())
		canonical = append(canonical, '\n')
	}
	return canonical
}
