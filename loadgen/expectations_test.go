package loadgen

import (
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/profiles"
	"mailmill/results"
)

// turning is a server that takes everything until an instant, and refuses it from then on.
func turning(at time.Duration) func(moment) answer {
	return func(m moment) answer {
		if m.step == timing.Rcpt && m.at >= at {
			return answer{reply: "550 5.7.1 no more\r\n"}
		}
		return answer{}
	}
}

// The server turns after 20 s. 100 slots a second are due for a minute.
func TestACheckEndsTheRun(t *testing.T) {
	mute := func(m moment) answer {
		if m.step == timing.Accept {
			return answer{deed: mute}
		}
		return answer{}
	}
	for _, row := range []struct {
		name   string
		checks []string
		answer func(moment) answer
		warmUp time.Duration
		end    time.Duration // of the load
		says   string        // "": it runs to its end
	}{
		{"as soon as it fails on all that was measured", []string{"rejected:ratio<10%; abort"}, turning(20 * time.Second), 0, 23 * time.Second,
			"rejected:ratio is 13.043 %, wanted < 10 %, margin -30.4 %; it ended the run after 23s"},
		{"sooner where it looks back on few seconds", []string{"rejected:ratio<10%; abort; window=5s"}, turning(20 * time.Second), 0, 21 * time.Second,
			"rejected:ratio is 20 %, wanted < 10 %, margin -100 %; it ended the run after 21s, over the last 5s"},
		{"not before its time", []string{"rejected:ratio<10%; abort; after=40s"}, turning(20 * time.Second), 0, 40 * time.Second, "it ended the run after 40s"},
		{"not before the warm-up is over", []string{"rejected:ratio<10%; abort"}, turning(time.Second), 10 * time.Second, 11 * time.Second, "it ended the run after 11s"},
		{"only where it may", []string{"rejected:ratio<10%"}, turning(20 * time.Second), 0, time.Minute, ""},
		{"only where it fails", []string{"rejected:ratio<90%; abort", "response:p99<1s; abort; window=10s", "rate:per_s>=30; abort", "replies{code=5xx}:ratio<90%; abort"},
			turning(20 * time.Second), 0, time.Minute, ""},
		{"by a latency", []string{"step{step=accept}:p99<1ms; abort"}, func(m moment) answer {
			if m.step == timing.Accept && m.at >= 30*time.Second {
				return answer{after: 2 * ms}
			}
			return answer{}
		}, 0, 31 * time.Second, "step{step=accept}:p99 is 2.00 ms"},
		{"by its rate in the last seconds", []string{"rate:per_s>=60; abort; window=4s"}, turning(20 * time.Second), 0, 22 * time.Second, "rate:per_s is 50"},
		{"by the replies of the last seconds", []string{"replies{step=rcpt,code=550}:count<150; abort; window=4s"}, turning(20 * time.Second), 0, 22 * time.Second, "is 200"},
		{"by the backlog", []string{"backlog:max<30; abort"}, mute, 0, time.Second, "backlog:max is 90"},
		{"where there is no data by a time that was given", []string{"response:count>0; abort; after=3s"}, mute, 0, 3 * time.Second, "; it ended the run after 3s"},
		{"but not where there is none yet", []string{"service:p50<3s; abort"}, func(m moment) answer {
			if m.step == timing.Accept {
				return answer{after: 2500 * ms}
			}
			return answer{}
		}, 0, time.Minute, ""},
		{"and not by too few samples", []string{"response:p99.99<1ns; abort"}, turning(5 * time.Second), 0, time.Minute, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := scenario{
				plan: func(p *profiles.Plan) {
					p.Rate, p.Duration, p.Concurrency, p.WarmUp = 100, time.Minute, 10, row.warmUp
					p.Checks = expected(t, append(row.checks, "none")...)
					for step := range p.Timeouts {
						p.Timeouts[step] = 10 * time.Second
					}
					if strings.HasPrefix(row.name, "but not") {
						p.Concurrency = 300
					}
				},
				answer: row.answer,
			}.play(t).document
			if d.Window.SteadyEnd != row.end {
				t.Errorf("the load ended after %v, want %v; the checks are %+v", d.Window.SteadyEnd, row.end, d.Checks)
			}
			end, status := results.EndCheck, results.CheckFailed
			if row.says == "" {
				end, status = results.EndComplete, d.Checks[0].Status
			}
			if c := d.Checks[0]; d.Verdict.End != end || !strings.Contains(c.Words, row.says) || c.Status != status && c.Status != results.CheckNoData {
				t.Errorf("the run ended by %s, and the check is %s: %s; want %q", d.Verdict.End, c.Status, c.Words, row.says)
			}
			if intended := d.Counts.Intended; intended != int64(row.end/(10*ms)) && intended != int64(row.end/(10*ms))+1 {
				t.Errorf("%d slots were intended until %v", intended, row.end)
			}
		})
	}
}

// Every check that was asked for is in the document, with the built-in ones before them.
func TestChecksAreInTheDocument(t *testing.T) {
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Checks = 100, 10*time.Second, expected(t, "response:p99<1ns", "faults:count==0")
		},
		answer: taking(ms),
	}.play(t).document
	var got []string
	for _, c := range d.Checks {
		got = append(got, c.Expression+" "+string(c.Status))
	}
	want := "accepted:count>0 passed, begun:ratio>=99% passed, response:p99<1ns failed, faults:count==0 passed"
	if strings.Join(got, ", ") != want {
		t.Errorf("the checks are %s, want %s", strings.Join(got, ", "), want)
	}
}

// Who watches a run sees what has happened by each second, the first one included.
func TestProgress(t *testing.T) {
	var seen []Progress
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.WarmUp, p.Concurrency, p.MessagesPerSession = 100, 4*time.Second, 2*time.Second, 1, 0
		},
		answer:  taking(20 * ms),
		options: Options{Progress: func(p Progress) { seen = append(seen, p) }},
	}.play(t).document
	if d.Counts.Accepted != 400 || len(seen) != 4 {
		t.Fatalf("%d were accepted, and the run was seen %d times", d.Counts.Accepted, len(seen))
	}
	for i, p := range seen {
		n := int64(i + 1)
		at := time.Duration(n) * time.Second
		if p.Elapsed != at || p.Planned != 4*time.Second || p.Total != 400 || p.Rate < 49 || p.Rate > 50 || p.Offered != 100 || p.Accepted != 50*n-1 {
			t.Errorf("after %v: %+v", at, p)
		}
		if p.Intended < 100*n || p.Intended > 100*n+1 || p.Backlog < 50*n || p.Backlog > 50*n+1 || p.InFlight != 1 {
			t.Errorf("after %v %d were intended, %d wait, %d are in flight", at, p.Intended, p.Backlog, p.InFlight)
		}
		if late := at / 2; p.Late < late-30*ms || p.Late > late || p.WarmingUp != (n < 2) || p.Draining || p.Stopped {
			t.Errorf("after %v a slot is %v late; warming up: %t", at, p.Late, p.WarmingUp)
		}
		if p.P50 < at/2-600*ms || p.P99 > at/2+20*ms {
			t.Errorf("after %v the response of the last second is %v and %v", at, p.P50, p.P99)
		}
	}
}
