package profiles

import "strings"

// A Fault is one thing that is wrong with what was asked for.
type Fault struct {
	// Where is a flag, an environment variable, or file:line:column and key.
	Where string
	// What is wrong, and what to do.
	What string
}

// String returns the fault on one line.
func (f Fault) String() string { return f.Where + ": " + f.What }

// Faults are everything that is wrong, in the order of profile, environment,
// flags, and then what does not go together.
type Faults []Fault

// Error returns one line per fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// orNil returns no error for no faults.
func (f Faults) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
