package check

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailmill/results"
)

// run loads the frozen document: 500 a second for ten seconds, 5 000 slots, 4 980 of
// them accepted, response from 2 to 22 ms, classes bulk and single.
func run(t *testing.T) *results.Document {
	t.Helper()
	d, err := results.Load(filepath.Join("..", "testdata", "version1.json"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func unchanged(*results.Document) {}

func TestEvaluate(t *testing.T) {
	empty := func(d *results.Document) { *d = *results.New() }
	noneAccepted := func(d *results.Document) {
		d.Latency.Response = &results.Latency{Population: "accepted", Censored: 500}
	}
	for _, row := range []struct {
		check  string
		when   string
		change func(*results.Document)
		status results.CheckStatus
		words  string // a part of them
	}{
		{"response:p99<25ms", "the p99 is 21.8 ms", unchanged, results.CheckPassed, "response:p99 is 21.8 ms, wanted < 25.0 ms, margin +12.7 %"},
		{"response:p99<20ms", "the p99 is 21.8 ms", unchanged, results.CheckFailed, "response:p99 is 21.8 ms, wanted < 20.0 ms, margin -9.1 %"},
		{"response:p75<18ms", "the document has no p75 but a histogram", unchanged, results.CheckPassed, "is 17.0 ms"},
		{"response:p99.99<25ms", "5 000 samples are too few", unchanged, results.CheckInconclusive, "p99.99 needs 29956 samples, there are 4985"},
		{"response:p99.9<25ms", "five lost slots stand at that rank", unchanged, results.CheckFailed, "is ≥ 22.0 ms"},
		{"response:p99.9>20ms", "five lost slots stand at that rank", unchanged, results.CheckPassed, "≥ 22.0 ms"},
		{"response:max<25ms", "lost slots are slower than the maximum", unchanged, results.CheckFailed, "slots without an answer are slower"},
		{"lateness:max<=2ms", "the maximum is 2 ms", unchanged, results.CheckPassed, "is 2.00 ms"},
		{"response:min>1ms", "the minimum is 2 ms", unchanged, results.CheckPassed, "is 2.00 ms"},
		{"response:mean<13ms", "the mean is 12 ms", unchanged, results.CheckPassed, "is 12.0 ms"},
		{"response:count>=4980", "all accepted slots are counted", unchanged, results.CheckPassed, "is 4980, wanted >= 4980, margin +0 %"},
		{"response:p50<1s", "nothing was accepted", noneAccepted, results.CheckFailed, "≥ 0"},
		{"response:mean<1s", "nothing was accepted", noneAccepted, results.CheckNoData, "none of 500 slots"},
		{"response:p99<25ms", "the run is empty", empty, results.CheckNoData, "no slot was due"},
		{"response:p75<1s", "the histogram is damaged", func(d *results.Document) { d.Latency.Response.HDR = "?" }, results.CheckNoData, "hdr_v2"},
		{"response{class=single}:p99<12ms", "that class is faster", unchanged, results.CheckPassed, "is 9."},
		{"response{class=bulk}:p99<12ms", "that class is slower", unchanged, results.CheckFailed, "is 21."},
		{"response{class=news}:p99<12ms", "there is no such class", unchanged, results.CheckNoData, `no class "news"`},
		{"service{class=bulk}:p99<12ms", "the class has no such latency", unchanged, results.CheckNoData, "nothing was measured"},
		{"step{step=accept}:p99<20ms", "the step's p99 is 16 ms", unchanged, results.CheckPassed, "step{step=accept}:p99 is 15.9 ms"},
		{"step{step=tls}:p99<20ms", "the run had no TLS", unchanged, results.CheckNoData, "nothing was measured"},
		{"accepted:count>0", "4 980 were accepted", unchanged, results.CheckPassed, "is 4980, wanted > 0, margin +4980"},
		{"accepted:count>0", "the run is empty", empty, results.CheckNoData, "no slot"},
		{"accepted:count>0", "all were rejected", func(d *results.Document) { d.Counts.Accepted, d.Counts.Rejected = 0, 4983 }, results.CheckFailed, "is 0, wanted > 0, margin +0"},
		{"accepted:ratio>=99.7%", "99.6 % were accepted", unchanged, results.CheckFailed, "is 99.6 %, wanted >= 99.7 %"},
		{"begun:ratio>=99%", "all but one were begun", unchanged, results.CheckPassed, "is 99.98 %"},
		{"failed:ratio<0.1%", "2 of 5 000 failed", unchanged, results.CheckPassed, "is 0.04 %"},
		{"deferred:per_s<1", "12 in ten seconds", unchanged, results.CheckFailed, "is 1.2/s"},
		{"accepted:per_s>=498", "498 a second ended in the window", unchanged, results.CheckPassed, "is 498/s"},
		{"begun:per_s>=499", "499.9 a second were begun", unchanged, results.CheckPassed, "is 499.9/s"},
		{"unfinished{class=single}:count==0", "that class left none", unchanged, results.CheckPassed, "is 0"},
		{"replies{code=5xx}:ratio<0.1%", "3 of 9 983 commands", unchanged, results.CheckPassed, "is 0.03 %"},
		{"replies{code=4xx}:count<=12", "12 were 451", unchanged, results.CheckPassed, "is 12"},
		{"replies{code=45x,step=rcpt}:ratio<0.2%", "12 of 4 999 RCPT", unchanged, results.CheckFailed, "is 0.24 %"},
		{"replies{code=421}:count==0", "none came", unchanged, results.CheckPassed, "is 0"},
		{"replies{enhanced=5.1.1}:count==3", "three came", unchanged, results.CheckPassed, "is 3, wanted == 3, off by 0"},
		{"replies{enhanced=5.1.1}:count!=3", "three came", unchanged, results.CheckFailed, "is 3, wanted != 3"},
		{"replies{enhanced=5.1.1}:count==5", "three came", unchanged, results.CheckFailed, "off by 2"},
		{"replies{step=tls}:ratio<1%", "that step has no replies", unchanged, results.CheckNoData, "the commands sent are none"},
		{"faults:count<3", "three happened", unchanged, results.CheckFailed, "is 3"},
		{"faults{kind=timeout}:count==1", "one was a time-out", unchanged, results.CheckPassed, "is 1"},
		{"faults{side=generator}:count==0", "all were the server's", unchanged, results.CheckPassed, "is 0"},
		{"faults:ratio<=0.06%", "3 of 5 000", unchanged, results.CheckPassed, "is 0.06 %"},
		{"rate:per_s>490", "the rate is 498", unchanged, results.CheckPassed, "is 498/s"},
		{"rate:ratio>=99.7%", "498 of 500 offered", unchanged, results.CheckFailed, "is 99.6 %"},
		{"rate:ratio>=99%", "the loop is closed", func(d *results.Document) { d.Rates.Offered = 0 }, results.CheckNoData, "offers no rate"},
		{"rate:min>=498", "every second accepted 498", unchanged, results.CheckPassed, "is 498/s"},
		{"rate{class=bulk}:min>=1", "seconds have no classes", unchanged, results.CheckNoData, "not kept by class"},
		{"rate:per_s>1", "there is no window", func(d *results.Document) { d.Window = results.Window{} }, results.CheckNoData, "no length"},
		{"accepted:per_s>1", "there is no window", func(d *results.Document) { d.Window = results.Window{} }, results.CheckNoData, "no length"},
		{"backlog:max<=100", "it came to 90", func(d *results.Document) { grow(d) }, results.CheckPassed, "is 90"},
		{"backlog:mean<45", "it was 45 in the mean", func(d *results.Document) { grow(d) }, results.CheckFailed, "is 45"},
		{"backlog:stddev<30", "it varied", func(d *results.Document) { grow(d) }, results.CheckPassed, "is 28.7"},
		{"backlog:max<1", "no whole second lies in the window", func(d *results.Document) { d.Window.SteadyEnd = time.Millisecond }, results.CheckNoData, "no whole second"},
	} {
		d := run(t)
		row.change(d)
		c, err := Parse(row.check)
		if err != nil {
			t.Errorf("%s: %v", row.check, err)
			continue
		}
		got := c.Evaluate(d)
		if got.Status != row.status || !strings.Contains(got.Words, row.words) || got.Expression != row.check {
			t.Errorf("%s, when %s: %s, %q; want %s, %q", row.check, row.when, got.Status, got.Words, row.status, row.words)
		}
	}
}

func grow(d *results.Document) {
	for i := range d.Intervals {
		d.Intervals[i].Backlog = int64(10 * i)
	}
}

func TestMargins(t *testing.T) {
	for check, want := range map[string]float64{
		"accepted:count>4000": 0.245, "accepted:count<6000": 0.17, "accepted:count<4000": -0.245, "accepted:per_s>=600/s": -0.17,
	} {
		c, err := Parse(check)
		if err != nil {
			t.Fatal(err)
		}
		r := c.Evaluate(run(t))
		if r.Margin == nil || *r.Margin < want-1e-9 || *r.Margin > want+1e-9 || r.Value == nil {
			t.Errorf("%s: margin %v of value %v, want %v", check, r.Margin, r.Value, want)
		}
	}
	for _, check := range []string{"accepted:count>0", "accepted:count==4980", "response:p99.9<1s", "response:p99.99<1s", "step{step=tls}:p50<1s"} {
		c, err := Parse(check)
		if err != nil {
			t.Fatal(err)
		}
		if r := c.Evaluate(run(t)); r.Margin != nil {
			t.Errorf("%s has a margin: %v", check, *r.Margin)
		}
	}
}

func TestBuiltIn(t *testing.T) {
	if n := len(BuiltIn(false)); n != 1 {
		t.Errorf("%d built-in checks without a rate, want 1", n)
	}
	all := All(BuiltIn(true), run(t))
	if len(all) != 2 || all[0].Expression != "accepted:count>0" || all[1].Expression != "begun:ratio>=99%" {
		t.Errorf("built-in checks: %+v", all)
	}
	for _, c := range all {
		if c.Status != results.CheckPassed || !c.BuiltIn {
			t.Errorf("built in: %+v", c)
		}
	}
}

func TestWorst(t *testing.T) {
	of := func(statuses ...results.CheckStatus) (checks []results.Check) {
		for _, s := range statuses {
			checks = append(checks, results.Check{Status: s})
		}
		return checks
	}
	for _, row := range []struct {
		checks []results.Check
		worst  results.CheckStatus
	}{
		{nil, results.CheckPassed},
		{of(results.CheckPassed, results.CheckInconclusive, results.CheckPassed), results.CheckInconclusive},
		{of(results.CheckInconclusive, results.CheckFailed), results.CheckFailed},
		{of(results.CheckNoData, results.CheckPassed), results.CheckFailed},
	} {
		if got := Worst(row.checks); got != row.worst {
			t.Errorf("worst of %v is %s, want %s", row.checks, got, row.worst)
		}
	}
}

func TestClassOfACheck(t *testing.T) {
	c, err := Parse("replies{step=rcpt,class=bulk}:count==0")
	if err != nil || c.Class() != "bulk" {
		t.Errorf("class %q, %v", c.Class(), err)
	}
}
