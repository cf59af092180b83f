package results

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWhatIsNoPartOfTheRunIsRefused(t *testing.T) {
	for _, row := range []struct {
		when   string
		change func([]Source) []Source
		says   []string
	}{
		{"one document alone", func(in []Source) []Source { return in[:1] }, []string{"1 documents are no parts"}},
		{"another rate and size", func(in []Source) []Source {
			in[1].Document.Run.PlanSHA256 = "0ther"
			in[1].Document.Run.Plan = map[string]string{"rate": "8/s", "shard": "1/3", "size": "9"}
			return in
		}, []string{`the plans of 0.json and 1.json differ: rate is "9/s" and "8/s"; size is "" and "9"`}},
		{"another plan, in something that the list does not show", func(in []Source) []Source {
			in[2].Document.Run.PlanSHA256 = "0ther"
			return in
		}, []string{"the plans of 0.json and 2.json differ in their sums"}},
		{"no sum of the plan", func(in []Source) []Source {
			in[0].Document.Run.PlanSHA256 = ""
			return in
		}, []string{"0.json has no plan_sha256"}},
		{"another server", func(in []Source) []Source {
			in[1].Document.Target.URL = "smtp://127.0.0.2:25"
			return in
		}, []string{`0.json has the target "smtp://127.0.0.1:2525", 1.json has "smtp://127.0.0.2:25"`}},
		{"a run of the next minute", func(in []Source) []Source {
			in[1].Document.Window.Origin = in[1].Document.Window.Origin.Add(time.Minute)
			return in
		}, []string{"from 2026-11-21T20:48:42.005Z to 2026-11-21T20:48:47.005Z, that of 1.json from 2026-11-21T20:49:42.005Z", "more than 1s"}},
		{"a run that was shorter", func(in []Source) []Source {
			in[1].Document.Window.SteadyEnd -= 1100 * ms
			return in
		}, []string{"the window of 0.json"}},
		{"the same run twice", func(in []Source) []Source {
			return append(in, Source{"copy.json", in[1].Document})
		}, []string{"1.json and copy.json are the same run (whole)", "both share 1/3"}},
		{"a share that is missing", func(in []Source) []Source { return slices.Delete(in, 1, 2) }, []string{"shares of the run are missing: 1/3"}},
		{"a share of another number", func(in []Source) []Source {
			in[1].Document.Load.Share = &Share{1, 4}
			return in
		}, []string{"1.json is one of 4 shares, others are of 3"}},
		{"a whole run among shares", func(in []Source) []Source {
			in[1].Document.Load.Share = nil
			return in
		}, []string{"1.json is a whole run"}},
	} {
		in, _ := shares(t, []end{{0, ms, 0}, {0, ms, 0}, {0, ms, 0}}, 3)
		d, err := Merge(row.change(in))
		if d != nil || err == nil {
			t.Errorf("%s is merged", row.when)
			continue
		}
		for _, says := range row.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("of %s, Merge says %v, want %q in it", row.when, err, says)
			}
		}
	}
}

func TestWindowsMayDifferByOneInterval(t *testing.T) {
	in, _ := shares(t, []end{{0, ms, 0}, {0, ms, 0}}, 2)
	in[0].Document.Window.Origin = in[0].Document.Window.Origin.Add(400 * ms)
	in[1].Document.Window.SteadyEnd += 600 * ms
	d, err := Merge(in)
	if err != nil {
		t.Fatal(err)
	}
	if d.Window.SteadyEnd != trial+600*ms || !d.Window.Origin.Equal(in[1].Document.Window.Origin) {
		t.Errorf("the window is %+v", d.Window)
	}
	if want := 2 / d.Window.Length().Seconds(); d.Rates.Accepted != want {
		t.Errorf("2 accepted slots are %v a second, want %v", d.Rates.Accepted, want)
	}
}

func TestHistogramsThatCannotBeAdded(t *testing.T) {
	for _, row := range []struct {
		when   string
		change func(*Document)
		says   string
	}{
		{"one is not there", func(d *Document) { d.Latency.Response.HDR = "" }, "1.json: response: 1 samples have no histogram"},
		{"one is damaged", func(d *Document) { d.Latency.Response.HDR = "HIST!" }, "response: hdr_v2"},
		{"one has other buckets", func(d *Document) {
			h, _ := samples{ms}.histogram(t, 1, 2).EncodeV2()
			d.Latency.Response.HDR = string(h)
		}, "other buckets"},
		{"a step's is damaged", func(d *Document) { d.Steps[0].Latency.HDR = "HIST!" }, "step accept: hdr_v2"},
	} {
		in, _ := shares(t, []end{{0, ms, 0}, {0, ms, 0}}, 2)
		row.change(in[1].Document)
		if _, err := Merge(in); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("when %s, Merge says %v, want %q in it", row.when, err, row.says)
		}
	}
}

func TestLogsThatAreNotTheDocuments(t *testing.T) {
	slots := []end{{0, ms, 0}, {0, ms, 0}, {2 * time.Second, ms, 0}, {2 * time.Second, ms, 0}}
	for _, row := range []struct {
		when   string
		change func(d *Document, logs []LogSource)
		says   string
	}{
		{"a log has a slot too few", func(d *Document, logs []LogSource) { d.Intervals[2].Response.Count++ }, "second 2 has 3 accepted slots in the documents, and 2 in the logs"},
		{"a log has a second too many", func(d *Document, logs []LogSource) { d.Intervals = d.Intervals[:2] }, "0.hlog does not belong to the documents: they have no second 2"},
		{"a log is damaged", func(d *Document, logs []LogSource) { logs[1].Log = NewLogReader(strings.NewReader("Tag=response\n")) }, "1.hlog: line 1: not the five fields"},
	} {
		in, logs := shares(t, slots, 2)
		d, err := Merge(in)
		if err != nil {
			t.Fatal(err)
		}
		row.change(d, logs)
		if err := d.MergeLogs(NewLogWriter(io.Discard), logs); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("when %s, MergeLogs says %v, want %q in it", row.when, err, row.says)
		}
	}
}
