package results

import (
	"strings"
	"testing"
	"time"
)

func TestASoundRunIsValid(t *testing.T) {
	v := Judge(sound(t))
	if v.Status != Valid || len(v.Reasons) != 0 || v.End != EndComplete {
		t.Errorf("verdict of a sound run: %+v", v)
	}
}

func TestReasons(t *testing.T) {
	for _, row := range []struct {
		when   string
		change func(*Document)
		status Status
		reason string // its name, or none
		words  string // a part of them
	}{
		{"one slot is missing from the books", func(d *Document) { d.Counts.Accepted-- },
			Invalid, "books", "intended is 5000"},
		{"a latency counts more than the books allow", func(d *Document) { d.Latency.Response = latencies(t, "accepted", 4981, ms, 2*ms, 0) },
			Invalid, "books", "response counts 4981"},
		{"the pacer is late in 2.9 seconds after a warm-up", func(d *Document) {
			d.Window.SteadyStart = d.Window.SteadyEnd - 2900*ms
			d.Latency.Pacer = latencies(t, "accepted", 4980, 1, 2*ms, 0)
		}, Valid, "", ""},
		{"the seconds do not add up to the run", func(d *Document) { d.Intervals = d.Intervals[1:] },
			Invalid, "books", "all seconds"},
		{"the books differ in a short run", func(d *Document) { shorten(d); d.Counts.Accepted-- },
			Invalid, "books", "intended"},
		{"one socket could not be had", func(d *Document) {
			d.Faults = append(d.Faults, Fault{Step: "connect", Kind: "local", Side: SideGenerator, Count: 1, Example: "too many open files"})
		}, Invalid, "generator.local", "1 times, as: too many open files"},
		{"one socket could not be had in a short run", func(d *Document) {
			shorten(d)
			d.Faults = []Fault{{Step: "connect", Kind: "local", Side: SideGenerator, Count: 3}}
		}, Invalid, "generator.local", "3 times, as: local"},
		{"the pacer's p99 is over 1 ms", func(d *Document) { d.Latency.Pacer = latencies(t, "accepted", 4980, 1, 2*ms, 0) },
			Invalid, "generator.pacer", "p99 of pacer is 1.98 ms, over 1.0"},
		{"the pacer's p99 is over 1 ms and under 5 % of the response's", func(d *Document) {
			d.Latency.Pacer = latencies(t, "accepted", 4980, 1, 2*ms, 0)
			d.Latency.Response = latencies(t, "accepted", 4980, 2*ms, 50*ms, 5)
		}, Valid, "", ""},
		{"the pacer's p99 is over 1 ms in a closed loop", func(d *Document) {
			d.Load.Model = Closed
			d.Latency.Pacer = latencies(t, "accepted", 4980, 1, 2*ms, 0)
		}, Valid, "", ""},
		{"one of fifty slots woke late", func(d *Document) {
			d.Latency.Pacer = latencies(t, "accepted", 49, 1, 50*time.Microsecond, 0)
			d.Latency.Pacer.Max = 20 * ms
		}, Valid, "", ""},
		{"most of fifty slots woke late", func(d *Document) { d.Latency.Pacer = latencies(t, "accepted", 50, ms, 9*ms, 0) },
			Invalid, "generator.pacer", "p90 of pacer"},
		{"the pacer is late in a run of 2.9 seconds", func(d *Document) {
			shorten(d)
			d.Latency.Pacer = latencies(t, "accepted", 4980, 1, 2*ms, 0)
		}, Valid, "", ""},
		{"the pacer is late in a self-test", func(d *Document) {
			d.Run.SelfTest = true
			d.Latency.Pacer = latencies(t, "accepted", 4980, 1, 2*ms, 0)
		}, Valid, "", ""},
		{"the books differ in a self-test", func(d *Document) { d.Run.SelfTest = true; d.Counts.Dropped++ },
			Invalid, "books", "dropped 2"},
		{"other sessions delay replies", func(d *Document) {
			d.Latency.Service = latencies(t, "accepted", 4980, ms, 2*ms, 5)
			d.Latency.Loop = latencies(t, "replies", 1000, 1, 200*time.Microsecond, 0)
		}, Invalid, "generator.loop", "p99 of loop is 198 µs, over 100 µs"},
		{"other sessions delay replies in a closed loop", func(d *Document) {
			d.Load.Model = Closed
			d.Latency.Loop = latencies(t, "replies", 1000, 1, 20*ms, 0)
		}, Valid, "", ""},
		{"other sessions delay replies by less than 5 % of the service", func(d *Document) {
			d.Latency.Loop = latencies(t, "replies", 1000, 1, 200*time.Microsecond, 0)
		}, Valid, "", ""},
		{"a loop has no time left", func(d *Document) { d.Generator.Loops[0].SaturatedRatio = 0.06 },
			Invalid, "generator.loop", "loop 0 was busy for more than 85 %"},
		{"a loop has no time left in a closed loop", func(d *Document) {
			d.Load.Model = Closed
			d.Generator.Loops[0].SaturatedRatio = 1
		}, Degraded, "generator.loop", "mailmill's ceiling"},
		{"a loop was saturated in one second of twenty", func(d *Document) { d.Generator.Loops[0].SaturatedRatio = 0.05 },
			Valid, "", ""},
		{"the collector took more than a thousandth", func(d *Document) { d.Generator.GCPauseTotal = 11 * ms },
			Degraded, "generator.gc", "11.0 ms"},
		{"the collector took a thousandth", func(d *Document) { d.Generator.GCPauseTotal = 10 * ms },
			Valid, "", ""},
		{"the quota held the process back", func(d *Document) { d.Host.Throttled = 1 },
			Degraded, "host.cpu", "quota"},
		{"the hypervisor took 3 %", func(d *Document) { d.Host.StealRatio = 0.03 },
			Degraded, "host.cpu", "3.0 %"},
		{"the hypervisor took 2 %", func(d *Document) { d.Host.StealRatio = 0.02 },
			Valid, "", ""},
		{"the clock was set back", func(d *Document) { d.Host.ClockStep = -time.Second },
			Degraded, "host.clock", "-1.00 s"},
		{"the clock drifted", func(d *Document) { d.Host.ClockStep = 50 * ms },
			Valid, "", ""},
		{"the backlog grows", func(d *Document) { backlog(d, 30) },
			Valid, "server.backlog", "from 15 to 255 slots"},
		{"the backlog is high and steady", func(d *Document) {
			for i := range d.Intervals {
				d.Intervals[i].Backlog = 1000
			}
		}, Valid, "", ""},
		{"the backlog grows by less than 1 % of the slots", func(d *Document) { backlog(d, 6) },
			Valid, "", ""},
		{"the backlog grows by less than the workers", func(d *Document) { d.Load.Workers = 500; backlog(d, 30) },
			Valid, "", ""},
		{"the server does 640 of 1 000", func(d *Document) { d.Rates.Offered, d.Rates.Ended = 1000, 640 },
			Valid, "server.short", "640.0 a second of the 1000.0"},
		{"what is missing is in flight, by Little's law", func(d *Document) {
			d.Rates.Ended = 490
			d.Latency.Service = latencies(t, "accepted", 4980, 200*ms, 200*ms, 5)
		}, Valid, "", ""},
		{"what is missing is in flight, by the rate that a ramp ends with", func(d *Document) {
			d.Load.Stages = []Stage{{From: 0, To: 1000, Duration: 10 * time.Second}}
			d.Rates.Ended = 480
			d.Latency.Service = latencies(t, "accepted", 4980, 200*ms, 200*ms, 5)
		}, Valid, "", ""},
		{"a ramp after a warm-up ends with more in flight than it began with", func(d *Document) {
			d.Window.SteadyStart = 5 * time.Second
			d.Load.Stages = []Stage{{From: 0, To: 1000, Duration: 10 * time.Second}}
			d.Rates.Offered, d.Rates.Ended = 750, 733
			d.Latency.Service = latencies(t, "accepted", 4980, 200*ms, 200*ms, 5)
		}, Valid, "", ""},
		{"what is missing cannot be in flight after a warm-up", func(d *Document) {
			d.Window.SteadyStart = time.Second
			d.Rates.Ended = 490
			d.Latency.Service = latencies(t, "accepted", 4980, 200*ms, 200*ms, 5)
		}, Valid, "server.short", "490.0"},
	} {
		d := sound(t)
		row.change(d)
		v := Judge(d)
		if v.Status != row.status {
			t.Errorf("when %s, the verdict is %s, want %s: %+v", row.when, v.Status, row.status, v.Reasons)
		}
		var names, words []string
		for _, r := range v.Reasons {
			names, words = append(names, r.Name), append(words, r.Words)
		}
		if got := strings.Join(names, " "); got != row.reason {
			t.Errorf("when %s, the reasons are %q, want %q", row.when, got, row.reason)
		}
		if got := strings.Join(words, " "); !strings.Contains(got, row.words) {
			t.Errorf("when %s, the words are %q, want %q in them", row.when, got, row.words)
		}
	}
}

func shorten(d *Document) { d.Window.SteadyEnd = 2900 * ms }

func backlog(d *Document, perSecond int64) {
	for i := range d.Intervals {
		d.Intervals[i].Backlog = int64(i) * perSecond
	}
}

func TestReasonsHaveASide(t *testing.T) {
	d := sound(t)
	d.Host.Throttled = time.Second
	d.Rates.Ended = 100
	d.Counts.Accepted--
	sides := map[string]string{}
	for _, r := range Judge(d).Reasons {
		sides[r.Name] = r.Side
	}
	for name, side := range map[string]string{"books": SideGenerator, "host.cpu": SideHost, "server.short": SideServer} {
		if sides[name] != side {
			t.Errorf("side of %s is %q, want %q", name, sides[name], side)
		}
	}
}

func TestJudgeKeepsTheEnd(t *testing.T) {
	d := sound(t)
	d.Verdict.End = EndInterrupted
	if v := Judge(d); v.End != EndInterrupted || v.Status != Valid {
		t.Errorf("verdict of an interrupted run: %+v", v)
	}
}

func TestWorse(t *testing.T) {
	for _, row := range []struct{ a, b, worse Status }{
		{Valid, Degraded, Degraded}, {Invalid, Degraded, Invalid}, {Valid, Valid, Valid}, {Degraded, Invalid, Invalid},
	} {
		if got := Worse(row.a, row.b); got != row.worse {
			t.Errorf("the worse of %s and %s is %s, want %s", row.a, row.b, got, row.worse)
		}
	}
}
