package loadgen

import (
	"strings"
	"time"

	"mailmill/loadgen/record"
	"mailmill/loadgen/session"
	"mailmill/profiles"
	"mailmill/results"
)

// A class is one class of the run's traffic, as its workers need it.
type class struct {
	name    string          // "" where the plan names no classes
	session *session.Config // classes whose settings of sessions are alike share it, and so their sessions
	plan    profiles.Plan
}

// newClasses makes the classes of a plan, in its order: that of their indexes in the books.
func newClasses(plan profiles.Plan, o *opener) ([]class, error) {
	traffic := plan.Traffic()
	classes, known := make([]class, len(traffic)), map[string]*session.Config{}
	for i, c := range traffic {
		alike := sessionSettings(c.Plan)
		if known[alike] == nil {
			config, err := newSessionConfig(c.Plan, o)
			if err != nil {
				return nil, inClass(c.Name, err)
			}
			known[alike] = config
		}
		classes[i] = class{name: c.Name, session: known[alike], plan: c.Plan}
	}
	return classes, nil
}

// sessionSettings are the values of all that a class can have for itself but what its messages are.
func sessionSettings(plan profiles.Plan) string {
	var all []string
	for _, s := range profiles.Settings {
		if s.PerClass() && s.Group != profiles.MessageGroup {
			all = append(all, s.Value(&plan).String())
		}
	}
	return strings.Join(all, "\x00")
}

// classDocuments are the parts of the run that its classes made; none if the plan names no classes.
func (r *run) classDocuments(t *record.Totals, window time.Duration, wanted func(string) bool) (all []results.Class, err error) {
	for i := range r.classes {
		if r.classes[i].name == "" {
			return nil, nil
		}
		part := t.Class(i)
		c := results.Class{Name: r.classes[i].name, Counts: countsOf(&part.Counts, part.Slots.Intended()), Rates: r.rates(part, window)}
		if err := r.fillLatencies(&c.Latency, part, wanted); err != nil {
			return nil, err
		}
		if c.Steps, err = r.steps(part, wanted); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// quota is how many mail transactions a session of w is to have; 0 is without end.
func (c *class) quota(w *worker) int {
	least, most := c.plan.MessagesPerSession, c.plan.MostPerSession
	return int(w.draw(time.Duration(least), time.Duration(most)))
}

// resets tells whether the mail transaction that has ended is to be followed by RSET, as the plan may want it between
// two of a session.
func (w *worker) resets() bool {
	resets := w.unsettled && w.class().plan.RSETBetween && w.session.Phase() == session.Ready
	w.unsettled = false
	return resets
}

// inClass says in which class an error is, where the plan names them.
func inClass(name string, err error) error {
	if name == "" {
		return err
	}
	return planError("class %s: %w", name, err)
}

// newSessionConfig is what the sessions of a class have in common, by its plan.
func newSessionConfig(plan profiles.Plan, o *opener) (*session.Config, error) {
	c := &session.Config{Timeouts: plan.Timeouts}
	if err := o.furnish(c, plan); err != nil {
		return nil, err
	}
	transact(c, &plan)
	return c, nil
}
