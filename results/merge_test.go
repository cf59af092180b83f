package results

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// An end is how one slot of a run in a test ended.
type end struct {
	due, response time.Duration
	outcome       int // index in ends of tally
}

// tallies says which counts the outcomes of ends are.
var tallies = []func(*Counts, *Interval) (*int64, *int64){
	func(c *Counts, i *Interval) (*int64, *int64) { return &c.Accepted, &i.Accepted },
	func(c *Counts, i *Interval) (*int64, *int64) { return &c.Deferred, &i.Deferred },
	func(c *Counts, i *Interval) (*int64, *int64) { return &c.Rejected, &i.Rejected },
	func(c *Counts, i *Interval) (*int64, *int64) { return &c.Failed, &i.Failed },
	func(c *Counts, i *Interval) (*int64, *int64) { return &c.Unknown, &i.Unknown },
}

// trial is the length of the runs in tests.
const trial = 5 * time.Second

// of makes the document of a run and its interval log, from how its slots ended.
func of(t testing.TB, slots []end) (*Document, *bytes.Buffer) {
	d := New()
	d.Run = Run{ID: "whole", PlanSHA256: "5ca1e", Plan: map[string]string{"rate": "9/s", "shard": ""}, Seed: 1, Tool: "mailmill 0.1.0"}
	d.Target = Target{URL: "smtp://127.0.0.1:2525", Addresses: []string{"127.0.0.1:2525"}}
	d.Load = Offered{Model: Open, Workers: 3}
	d.Window = Window{Origin: time.Date(2026, 11, 21, 20, 48, 42, 5e6, time.UTC), SteadyEnd: trial}
	var response, refused, lost samples
	seconds := map[int]*samples{}
	for _, s := range slots {
		d.add(s)
		ended := int((s.due + s.response) / time.Second)
		switch s.outcome {
		case 0:
			response.add(s.response)
			if seconds[ended] == nil {
				seconds[ended] = &samples{}
			}
			seconds[ended].add(s.response)
		case 1, 2:
			refused.add(s.response)
		default:
			lost.add(s.response)
		}
		d.reply(s)
	}
	d.Latency.Response = response.latency(t, "accepted", lost)
	d.Latency.Service = response.latency(t, "accepted", lost)
	d.Latency.Refused = refused.latency(t, "deferred and rejected", nil)
	if len(slots) > 0 {
		d.Steps = []Step{{Name: "accept", Sent: int64(len(slots)), Latency: Latency{Population: "replies"}}}
	}
	if l := response.latency(t, "replies", nil); l != nil {
		d.Steps[0].Latency = *l
	}
	per := func(n int64) float64 { return float64(n) / trial.Seconds() }
	c := d.Counts
	d.Rates = Rates{Offered: per(c.Intended), Begun: per(c.Begun), Ended: per(c.Accepted + c.Deferred + c.Rejected), Accepted: per(c.Accepted)}
	log := d.seconds(t, seconds)
	d.Verdict = Judge(d)
	return d, log
}

// add enters a slot into the books.
func (d *Document) add(s end) {
	at := func(i time.Duration) *Interval {
		for second := len(d.Intervals); second <= int(i/time.Second); second++ {
			d.Intervals = append(d.Intervals, Interval{Start: time.Duration(second) * time.Second})
		}
		return &d.Intervals[i/time.Second]
	}
	last := at(s.due + s.response)
	last.Ended++
	due := at(s.due)
	due.Intended++
	due.Begun++
	if s.outcome == 0 {
		at(s.due+s.response).AcceptedEnded++
	}
	d.Counts.Intended++
	d.Counts.Begun++
	all, inSecond := tallies[s.outcome](&d.Counts, due)
	*all++
	*inSecond++
}

// reply lists how the slot ended. Its text is that of its instant.
func (d *Document) reply(s end) {
	at := s.due + s.response
	example := fmt.Sprint(at, s.outcome)
	if s.outcome < 3 {
		d.Replies = addReplies(d.Replies, []Reply{{Step: "accept", Code: []int{250, 451, 550}[s.outcome], Count: 1, First: at, Last: at, Example: example}})
	} else {
		d.Faults = addFaults(d.Faults, []Fault{{Step: "accept", Kind: []string{"reset", "timeout"}[s.outcome-3], Side: SideServer, Count: 1, First: at, Last: at, Example: example}})
	}
	slices.SortFunc(d.Replies, func(a, b Reply) int { return cmp.Compare(a.Code, b.Code) })
	slices.SortFunc(d.Faults, func(a, b Fault) int { return compareKinds(a.Kind, b.Kind) })
}

// seconds writes the log of a run and enters its seconds' latencies.
func (d *Document) seconds(t testing.TB, of map[int]*samples) *bytes.Buffer {
	var log bytes.Buffer
	w := NewLogWriter(&log)
	if err := w.Start(d.Window.Origin); err != nil {
		t.Fatal(err)
	}
	inFlight := int64(0)
	for second := range d.Intervals {
		i := &d.Intervals[second]
		inFlight += i.Begun - i.Ended
		i.InFlight = inFlight
		s := of[second]
		if s == nil {
			continue
		}
		slices.Sort(*s)
		i.Response.Count, i.Response.Max = int64(len(*s)), (*s)[len(*s)-1]
		i.Service = i.Response
		i.Response.draw(s.histogram(t, 8, 2))
		i.Service.draw(s.histogram(t, 8, 2))
		if err := w.Second(second, s.histogram(t, 8, 2), s.histogram(t, 8, 2)); err != nil {
			t.Fatal(err)
		}
	}
	return &log
}

// samples are the values of a latency.
type samples []time.Duration

func (s *samples) add(d time.Duration) { *s = append(*s, d) }

func (s samples) histogram(t testing.TB, lowest int64, digits int) *hdrhistogram.Histogram {
	h := hdrhistogram.New(lowest, int64(time.Hour), digits)
	for _, d := range s {
		if err := h.RecordValue(int64(d)); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (s samples) latency(t testing.TB, population string, lost samples) *Latency {
	if len(s)+len(lost) == 0 {
		return nil
	}
	in := Sample{Censored: int64(len(lost))}
	if len(lost) > 0 {
		in.Floor = slices.Min(lost)
	}
	if len(s) > 0 {
		in.Histogram, in.Min, in.Max, in.Squares = s.histogram(t, 1, 3), slices.Min(s), slices.Max(s), new(big.Int)
		for _, d := range s {
			in.Sum += uint64(d)
			in.Squares.Add(in.Squares, square(d))
		}
	}
	l, err := NewLatency(population, in)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// shares deals the slots out to n shares of the run.
func shares(t testing.TB, slots []end, n int) (in []Source, logs []LogSource) {
	for m := range n {
		var own []end
		for i := m; i < len(slots); i += n {
			own = append(own, slots[i])
		}
		d, log := of(t, own)
		d.Load.Workers, d.Load.Share = 1, &Share{int64(m), int64(n)}
		d.Run.Plan["shard"] = fmt.Sprintf("%d/%d", m, n)
		file := fmt.Sprintf("%d.json", m)
		in = append(in, Source{file, d})
		logs = append(logs, LogSource{file[:1] + ".hlog", NewLogReader(log)})
	}
	return in, logs
}

// However a run is dealt out, the merged document is that of the run, and the
// merged log is its log.
func TestPartsAreTheWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 5).Draw(rt, "shares")
		slots := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) end {
			return end{
				due:      time.Duration(rapid.Int64Range(0, int64(trial)-1).Draw(rt, "due")),
				response: time.Duration(rapid.Int64Range(0, int64(3*time.Second)).Draw(rt, "response")),
				outcome:  rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2, 3, 4}).Draw(rt, "outcome"),
			}
		}), 0, 400).Draw(rt, "slots")
		want, wantLog := of(t, slots)
		in, logs := shares(t, slots, n)
		got, err := Merge(in)
		if err != nil {
			rt.Fatal(err)
		}
		var log bytes.Buffer
		if err := got.MergeLogs(NewLogWriter(&log), logs); err != nil {
			rt.Fatal(err)
		}
		if err := got.Check(); err != nil {
			rt.Fatalf("the merged document contradicts itself: %v", err)
		}
		// These are of the processes, not of the run.
		want.Run.ID, want.Load.Workers = got.Run.ID, n
		got.Parts = nil
		want.Verdict = Judge(want)
		if !reflect.DeepEqual(got, want) {
			a, _ := got.JSON()
			b, _ := want.JSON()
			rt.Fatalf("merged\n%s\nwhole\n%s", a, b)
		}
		if log.String() != wantLog.String() {
			rt.Fatalf("merged log\n%s\nwhole\n%s", &log, wantLog)
		}
	})
}

func TestPercentilesAreNotAveraged(t *testing.T) {
	var fast, slow []end
	for i := range 900 {
		due := time.Duration(i) * 2 * ms
		fast = append(fast, end{due, ms, 0})
		if i < 100 {
			slow = append(slow, end{due, 100 * ms, 0})
		}
	}
	var in []Source
	for i, slots := range [][]end{fast, slow} {
		d, _ := of(t, slots)
		d.Run.ID = fmt.Sprint(i)
		in = append(in, Source{d.Run.ID, d})
	}
	d, err := Merge(in)
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range map[Percentile]time.Duration{"50": ms, "90": ms, "95": 100 * ms, "99": 100 * ms} {
		got, _, _ := d.Latency.Response.Percentile(p)
		if (got - want).Abs() > want/500 {
			t.Errorf("p%s of 900 times 1 ms and 100 times 100 ms is %v, want %v", p, got, want)
		}
	}
	if got := d.Latency.Response.Mean; got != 10900*time.Microsecond {
		t.Errorf("the mean is %v, want 10.9ms", got)
	}
	s := d.Intervals[0].Response
	if s.Count != 600 || s.Max != 100*ms || s.P50+s.P90+s.P99 != 0 {
		t.Errorf("without logs the first second has %+v, want its count and its maximum alone", s)
	}
	if text, _ := d.JSON(); !strings.Contains(string(text), "\"response\": {\n        \"count\": 600,\n        \"max_ns\": 100000000\n      }") {
		t.Error("percentiles that are not known are in the document")
	}
}

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

func TestTheVerdictIsTheWorst(t *testing.T) {
	in, _ := shares(t, []end{{0, ms, 0}, {0, ms, 0}, {0, ms, 0}}, 3)
	in[1].Document.Verdict = Verdict{Status: Degraded, End: EndComplete, Reasons: []Reason{{"generator.gc", SideGenerator, Degraded, "paused"}}}
	in[2].Document.Verdict = Verdict{Status: Invalid, End: EndFaults, Reasons: []Reason{
		{"generator.local", SideGenerator, Invalid, "no ports"}, {"server.short", SideServer, Finding, "of this part alone"}}}
	d, err := Merge(in)
	if err != nil {
		t.Fatal(err)
	}
	want := Verdict{Status: Invalid, End: EndFaults, Reasons: []Reason{
		{"generator.gc", SideGenerator, Degraded, "share 1/3: paused"}, {"generator.local", SideGenerator, Invalid, "share 2/3: no ports"}}}
	if !reflect.DeepEqual(d.Verdict, want) {
		t.Errorf("the verdict is %+v, want %+v", d.Verdict, want)
	}
	if len(d.Parts) != 3 || d.Parts[1].Verdict.Status != Degraded || d.Parts[1].File != "1.json" || d.Parts[2].Counts.Accepted != 1 {
		t.Errorf("the parts are %+v", d.Parts)
	}
}

// A backlog that no machine finds large may be, on all of them.
func TestWhatTheServerDidIsJudgedAnew(t *testing.T) {
	in, _ := shares(t, []end{{0, ms, 0}, {0, ms, 0}}, 2)
	for _, s := range in {
		s.Document.Load.Workers = 100
		s.Document.Intervals = make([]Interval, 5)
		for i := range s.Document.Intervals {
			s.Document.Intervals[i] = Interval{Start: time.Duration(i) * time.Second, Backlog: 90 * int64(i)}
		}
	}
	d, err := Merge(in)
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(d.Verdict.Reasons, func(r Reason) bool { return r.Name == "server.backlog" }); i < 0 {
		t.Errorf("a backlog that grows by 720 slots is no finding: %+v", d.Verdict.Reasons)
	}
}

func TestADocumentOfPartsCanBeAPart(t *testing.T) {
	var in []Source
	for i, slots := range [][]end{{{0, ms, 0}}, {{0, 2 * ms, 0}}, {{0, 3 * ms, 1}}} {
		d, _ := of(t, slots)
		d.Run.ID = fmt.Sprint("run", i)
		in = append(in, Source{fmt.Sprint(i, ".json"), d})
	}
	first, err := Merge(in[:2])
	if err != nil {
		t.Fatal(err)
	}
	twice, err := Merge([]Source{{"first.json", first}, in[2]})
	if err != nil {
		t.Fatal(err)
	}
	once, err := Merge(in)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(once, twice) {
		t.Errorf("merged at once\n%+v\nin two steps\n%+v", once, twice)
	}
	if _, err := Merge([]Source{{"first.json", first}, in[1]}); err == nil {
		t.Error("a run is counted twice when it is in a merged document")
	}
}

func TestEveryCountIsAdded(t *testing.T) {
	for _, sum := range []any{&Counts{}, &Interval{}} {
		part := reflect.New(reflect.TypeOf(sum).Elem()).Elem()
		for i := range part.NumField() {
			if f := part.Field(i); f.Type() == reflect.TypeFor[int64]() {
				f.SetInt(int64(i + 1))
			}
		}
		for range 2 {
			switch sum := sum.(type) {
			case *Counts:
				sum.add(part.Addr().Interface().(*Counts))
			case *Interval:
				sum.add(part.Addr().Interface().(*Interval))
			}
		}
		for i := range part.NumField() {
			if f := part.Field(i); f.Type() == reflect.TypeFor[int64]() && reflect.ValueOf(sum).Elem().Field(i).Int() != 2*f.Int() {
				t.Errorf("%T: %s is not added", sum, part.Type().Field(i).Name)
			}
		}
	}
}

// A document without the sums is merged by what it has, to the nanosecond of its
// rounding.
func TestDocumentsWithoutSums(t *testing.T) {
	slots := []end{{0, 1 * ms, 0}, {0, 2 * ms, 0}, {0, 9 * ms, 0}, {0, 4 * ms, 0}}
	want, _ := of(t, slots)
	in, _ := shares(t, slots, 2)
	for _, s := range in {
		s.Document.Latency.Response.Sum, s.Document.Latency.Response.Squares = 0, ""
	}
	d, err := Merge(in)
	if err != nil {
		t.Fatal(err)
	}
	got, w := d.Latency.Response, want.Latency.Response
	if (got.Mean-w.Mean).Abs() > 1 || (got.StdDev-w.StdDev).Abs() > 1 {
		t.Errorf("mean %v and deviation %v, want %v and %v", got.Mean, got.StdDev, w.Mean, w.StdDev)
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
