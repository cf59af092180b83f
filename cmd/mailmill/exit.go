package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mailmill/loadgen"
	"mailmill/loadgen/target"
	"mailmill/profiles"
)

// The exit codes. Of several that apply, failed, usage, target, interrupted,
// invalid, check and inconclusive win in this order.
const (
	exitGood         = 0
	exitFailed       = 1
	exitUsage        = 2
	exitTarget       = 3
	exitCheck        = 10
	exitInconclusive = 12
	exitInvalid      = 20
	exitInterrupted  = 130
)

// exitWords explains the codes in help.
var exitWords = map[int]string{
	exitGood:         "good",
	exitFailed:       "mailmill itself failed",
	exitUsage:        "wrong usage, profile or file, or a public target that is not allowed",
	exitTarget:       "the target cannot be used: it does not resolve, refuses, or speaks no SMTP",
	exitCheck:        "a check failed, or saw no data",
	exitInconclusive: "a check had too few samples to tell",
	exitInvalid:      "the run is invalid: mailmill or its machine, not the server, was measured",
	exitInterrupted:  "interrupted; the result is written and says so",
}

// A usageError is a mistake in how mailmill was called.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// A finding is a run that was made and is not good: the code says in what way.
type finding struct {
	code int
	text string
}

func (f finding) Error() string { return f.text }

// exitCode returns the code of an error.
func exitCode(err error) int {
	var (
		found   finding
		usage   usageError
		faults  profiles.Faults
		public  *target.PublicError
		plan    *loadgen.PlanError
		useless *loadgen.TargetError
		unknown *target.Error
	)
	switch {
	case err == nil:
		return exitGood
	case errors.As(err, &found):
		return found.code
	case errors.As(err, &usage), errors.As(err, &faults), errors.As(err, &public), errors.As(err, &plan):
		return exitUsage
	case errors.As(err, &useless), errors.As(err, &unknown):
		return exitTarget
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailed
}

// exitHelp lists codes for a help text, good first.
func exitHelp(codes ...int) string {
	slices.Sort(codes)
	var b strings.Builder
	for _, code := range codes {
		fmt.Fprintf(&b, "  %-4d %s\n", code, exitWords[code])
	}
	return b.String()
}
