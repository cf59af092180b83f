package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"mailmill/loadgen"
	"mailmill/loadgen/target"
	"mailmill/profiles"
	"mailmill/results"
)

func TestTheFirstCodeThatAppliesIsTheExitCode(t *testing.T) {
	failed := results.Check{Expression: "a", Status: results.CheckFailed}
	empty := results.Check{Expression: "b", Status: results.CheckNoData}
	unsure := results.Check{Expression: "c", Status: results.CheckInconclusive}
	passed := results.Check{Expression: "d", Status: results.CheckPassed}
	pacer := results.Reason{Name: "generator.pacer", Effect: results.Invalid}
	slow := results.Reason{Name: "server.short", Effect: results.Finding}
	for _, tt := range []struct {
		name    string
		verdict results.Verdict
		checks  []results.Check
		strict  bool
		want    int
		says    string
	}{
		{"a good run", results.Verdict{Status: results.Valid}, []results.Check{passed}, true, 0, ""},
		{"a run that was interrupted and is invalid", results.Verdict{Status: results.Invalid, End: results.EndInterrupted},
			[]results.Check{failed}, false, 130, "interrupted; the result says so"},
		{"an invalid run whose check failed", results.Verdict{Status: results.Invalid, Reasons: []results.Reason{slow, pacer}},
			[]results.Check{failed}, false, 20, "the run is invalid: generator.pacer"},
		{"a degraded run", results.Verdict{Status: results.Degraded}, nil, false, 0, ""},
		{"a degraded run, strictly", results.Verdict{Status: results.Degraded}, nil, true, 20, "the run is degraded"},
		{"a check that failed and one that is unsure", results.Verdict{Status: results.Valid},
			[]results.Check{unsure, failed, passed}, false, 10, "check failed: a"},
		{"a check without data", results.Verdict{Status: results.Valid}, []results.Check{unsure, empty}, false, 10, "check no data: b"},
		{"a check that is unsure", results.Verdict{Status: results.Valid}, []results.Check{passed, unsure}, false, 12, "check inconclusive: c"},
	} {
		err := judge(&results.Document{Verdict: tt.verdict, Checks: tt.checks}, tt.strict)
		if code := exitCode(err); code != tt.want || err != nil && err.Error() != tt.says {
			t.Errorf("%s: exit code %d, %v; want %d, %s", tt.name, code, err, tt.want, tt.says)
		}
	}
}

func TestExitCodesOfErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"nothing", nil, 0},
		{"a fault of mailmill", errors.New("disk full"), 1},
		{"a mistake in usage", usagef("no"), 2},
		{"faults of settings", profiles.Faults{{Where: "--rate", What: "no"}}, 2},
		{"a public target", fmt.Errorf("preflight: %w", &target.PublicError{}), 2},
		{"a plan that cannot be carried out", &loadgen.PlanError{Err: errors.New("ports")}, 2},
		{"a target that refuses", &loadgen.TargetError{}, 3},
		{"a target that does not resolve", &target.Error{}, 3},
		{"Ctrl-C before the run", context.Canceled, 130},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, got, tt.want)
		}
	}
}
