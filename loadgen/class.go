package loadgen

import (
	"mailmill/loadgen/session"
	"mailmill/profiles"
)

// A class is one class of the run's traffic, as its workers need it.
type class struct {
	name    string // "" where the plan names no classes
	session session.Config
	plan    profiles.Plan
}

// newClasses makes the classes of a plan, in its order: that of their indexes in the books.
func newClasses(plan profiles.Plan) ([]class, error) {
	traffic := plan.Traffic()
	classes := make([]class, len(traffic))
	for i, c := range traffic {
		config, err := newSessionConfig(i, c.Plan)
		if err != nil {
			return nil, inClass(c.Name, err)
		}
		classes[i] = class{name: c.Name, session: config, plan: c.Plan}
	}
	return classes, nil
}

// inClass says in which class an error is, where the plan names them.
func inClass(name string, err error) error {
	if name == "" {
		return err
	}
	return planError("class %s: %w", name, err)
}

// newSessionConfig is what the sessions of a class have in common, by its plan.
func newSessionConfig(index int, plan profiles.Plan) (session.Config, error) {
	return session.Config{Class: uint8(index), Names: []string{plan.HELO}, Timeouts: plan.Timeouts}, nil
}
