package report

import (
	"fmt"
	"strings"

	"mailmill/results"
)

var moods = map[results.Status]mood{results.Valid: good, results.Degraded: doubtful, results.Invalid: bad, results.Finding: doubtful}

var verdictWords = map[results.Status]string{
	results.Valid:    "these numbers can be relied on",
	results.Degraded: "these numbers carry a trace of mailmill or its host",
	results.Invalid:  "do not use these numbers: they are not the server's",
}

var endWords = map[string]string{
	results.EndInterrupted: "the run was interrupted: it shows what had happened until then",
	results.EndFaults:      "the run was stopped at its limit of faults (--max-faults)",
	results.EndUnwritten:   "the run was stopped because its interval log or its rows could not be written",
	results.EndCheck:       "the run was stopped by a check that failed: it shows what had happened until then",
}

// reasonAdvice says what to do about each reason of a verdict.
var reasonAdvice = map[string]string{
	"books":           "this is a fault of mailmill: please report it, with the document",
	"generator.local": "raise the limit of open files (ulimit -n), or use several source addresses (--local-addr)",
	"generator.pacer": "use a less busy machine, or --spin",
	"generator.loop":  "use more loops (--loops), a machine with more CPUs, or a lower rate",
	"generator.gc":    "give mailmill more memory (GOGC=400)",
	"host.cpu":        "use a machine of your own, or lift its CPU quota",
	"host.clock":      "stop the clock from being set during a run",
	"server.backlog":  "lower the rate until the backlog is steady, or raise --concurrency if the server can take more sessions",
	"server.short":    "lower the rate, or raise --concurrency if the server can take more sessions",
}

// adviceOn is what to do about a reason in this run, where there are event loops to be had and to be seen.
func adviceOn(d *results.Document, reason string) string {
	if reason == "generator.pacer" && d.Generator.Transport == withoutLoops {
		return "use a less busy machine, or event loops, which carry what is not in TLS (--transport epoll)"
	}
	return reasonAdvice[reason]
}

func verdict(d *results.Document) *section {
	v := d.Verdict
	words := verdictWords[v.Status]
	switch {
	case d.Counts.Intended == 0:
		words = "but no slot was due: there are no numbers"
	case v.Status == results.Valid && d.Window.Length() < results.LeastRun:
		what := "run"
		if d.Window.SteadyStart > 0 {
			what = "window"
		}
		words = fmt.Sprintf("but a %s of %s is too short to tell whether mailmill kept up", what, duration(d.Window.Length()))
	}
	s := &section{lines: []line{{string(v.Status), words, moods[v.Status]}}}
	if words := endWords[v.End]; words != "" {
		s.lines = append(s.lines, line{"ended", words, doubtful})
	}
	if d.Run.SelfTest {
		s.lines = append(s.lines, line{"self-test", "the server was mailmill's own sink in the same process: this measures the two together, and only books and local faults are judged", neutral})
	}
	for _, r := range v.Reasons {
		words := r.Name + ": " + r.Words
		if advice := adviceOn(d, r.Name); advice != "" {
			words += " → " + advice
		}
		s.lines = append(s.lines, line{strings.ToLower(string(r.Effect)), words, moods[r.Effect]})
	}
	return s
}

var checkMoods = map[results.CheckStatus]mood{
	results.CheckPassed: good, results.CheckInconclusive: doubtful, results.CheckFailed: bad, results.CheckNoData: bad,
}

// checkNames are short enough for the margin.
var checkNames = map[results.CheckStatus]string{results.CheckInconclusive: "unclear"}

func checks(d *results.Document) *section {
	if len(d.Checks) == 0 {
		return nil
	}
	s := &section{lines: []line{{"CHECKS", "", heading}}}
	for _, c := range d.Checks {
		name := string(c.Status)
		if short := checkNames[c.Status]; short != "" {
			name = short
		}
		words := c.Words
		if c.Status == results.CheckNoData {
			words = c.Expression + ": " + strings.TrimPrefix(words, "no data: ")
		}
		s.lines = append(s.lines, line{name, words, checkMoods[c.Status]})
	}
	return s
}
