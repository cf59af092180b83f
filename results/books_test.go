package results

import (
	"strings"
	"testing"
)

func TestASoundDocumentPasses(t *testing.T) {
	if err := sound(t).Check(); err != nil {
		t.Error(err)
	}
	empty := New()
	empty.Verdict = Judge(empty)
	if err := empty.Check(); err != nil {
		t.Errorf("an empty run: %v", err)
	}
}

func TestContradictionsAreFound(t *testing.T) {
	for _, row := range []struct {
		when   string
		change func(*Document)
		says   string
	}{
		{"a slot has no outcome", func(d *Document) { d.Counts.Intended++ }, "intended is 5001"},
		{"a count is negative", func(d *Document) { d.Counts.Unknown = -1 }, "negative (-1)"},
		{"a dropped slot was begun", func(d *Document) { d.Counts.Begun = 5000 }, "only 4999 of the slots intended were not dropped"},
		{"a slot that was not begun has a reply", func(d *Document) { d.Counts.Begun = 4000 }, "4995 slots ended with a reply, but only 4000"},
		{"a second is out of balance", func(d *Document) { d.Intervals[3].Accepted++ }, "second 3: intended is"},
		{"a class is missing", func(d *Document) {
			d.Classes = []Class{{Name: "bulk", Counts: Counts{Intended: 4, Begun: 4, Accepted: 4}}}
		}, "all classes: 4"},
		{"more responses than accepted slots", func(d *Document) { d.Latency.Response.Count++ }, "response counts 4981"},
		{"more lost slots than in the books", func(d *Document) { d.Latency.Service.Censored += 9 }, "service counts 4980 and 14 censored"},
		{"the mean is over the maximum", func(d *Document) { d.Latency.Queue.Mean = d.Latency.Queue.Max + 1 }, "queue: min"},
		{"percentiles fall", func(d *Document) { d.Latency.Response.Percentiles["99"] = 3 * ms }, "response: p99 is 3ms, after p95"},
		{"a percentile is over the maximum", func(d *Document) { d.Steps[0].Latency.Percentiles["90"] *= 9 }, "step connect: p90"},
		{"the histogram holds other samples", func(d *Document) { d.Latency.Opening.Count-- }, "opening: samples in the histogram: 60, but count is 59"},
		{"the histogram is damaged", func(d *Document) { d.Latency.Loop.HDR = "HIST!" }, "loop: hdr_v2"},
		{"a step has no name", func(d *Document) { d.Steps[1].Name = "" }, `step "" is no step`},
		{"a reply never came", func(d *Document) { d.Replies[0].Count = 0 }, "250 to \"rcpt\", 0 times"},
		{"a fault ended before it began", func(d *Document) { d.Faults[0].First *= 2 }, "faults: timeout"},
		{"the window ends before it starts", func(d *Document) { d.Window.SteadyStart = d.Window.SteadyEnd + 1 }, "before it starts"},
		{"there is no verdict", func(d *Document) { d.Verdict.Status = "" }, `verdict "" is none`},
	} {
		d := sound(t)
		row.change(d)
		if err := d.Check(); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("when %s, Check says %v, want %q in it", row.when, err, row.says)
		}
	}
}
