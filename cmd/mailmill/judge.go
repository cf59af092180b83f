package main

import (
	"strings"

	"mailmill/results"
)

// judge turns what a document says about its run into a finding; a good run is nil.
func judge(d *results.Document, strict bool) error {
	switch {
	case d.Verdict.End == results.EndInterrupted:
		return finding{exitInterrupted, "interrupted; the result says so"}
	case d.Verdict.Status == results.Invalid:
		return finding{exitInvalid, "the run is invalid" + grounds(d)}
	case d.Verdict.Status == results.Degraded && strict:
		return finding{exitInvalid, "the run is degraded" + grounds(d)}
	}
	for _, rule := range []struct {
		status results.CheckStatus
		code   int
	}{
		{results.CheckFailed, exitCheck}, {results.CheckNoData, exitCheck}, {results.CheckInconclusive, exitInconclusive},
	} {
		if met := expressions(d.Checks, rule.status); met != "" {
			return finding{rule.code, "check " + string(rule.status) + ": " + met}
		}
	}
	return nil
}

// grounds lists the reasons that make a verdict less than valid.
func grounds(d *results.Document) string {
	var names []string
	for _, r := range d.Verdict.Reasons {
		if r.Effect != results.Finding {
			names = append(names, r.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}

func expressions(checks []results.Check, status results.CheckStatus) string {
	var met []string
	for _, c := range checks {
		if c.Status == status {
			met = append(met, c.Expression)
		}
	}
	return strings.Join(met, ", ")
}
