package loadgen

import (
	"mailmill/results"
)

// meet enters into a document what was expected of the run, and whether it came.
func (r *run) meet(d *results.Document) {
	for _, e := range r.plan.Expectations() {
		d.Checks = append(d.Checks, e.Check.Evaluate(d))
	}
}
