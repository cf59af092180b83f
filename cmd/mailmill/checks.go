package main

import (
	"errors"
	"fmt"
	"slices"

	"mailmill/profiles"
	"mailmill/results/check"
)

// noBuiltIn takes away the checks that every run is held to.
const noBuiltIn = "none"

// parseChecks returns the checks of a plan, the built-in ones first.
func parseChecks(plan profiles.Plan) (all []check.Check, err error) {
	if !slices.Contains(plan.Checks, noBuiltIn) {
		all = check.BuiltIn(plan.Rate > 0)
	}
	var wrong mistakes
	for _, expression := range plan.Checks {
		if expression == noBuiltIn {
			continue
		}
		c, err := check.Parse(expression)
		var syntax *check.SyntaxError
		if errors.As(err, &syntax) {
			wrong.add("check", fmt.Errorf("%s: column %d: %s", quoted(expression), syntax.Column, syntax.Message))
		}
		all = append(all, c)
	}
	return all, wrong.orNil()
}
