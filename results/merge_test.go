package results

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

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

// What the generators cost is added too, or the worst of it is kept.
func TestWhatGeneratorsCostIsAdded(t *testing.T) {
	in, _ := shares(t, []end{{0, ms, 0}, {0, ms, 0}}, 2)
	for _, s := range in {
		g := reflect.ValueOf(&s.Document.Generator).Elem()
		for i := range g.NumField() {
			if f := g.Field(i); f.CanInt() {
				f.SetInt(int64(i + 1))
			}
		}
	}
	d, err := Merge(in)
	if err != nil {
		t.Fatal(err)
	}
	g := reflect.ValueOf(d.Generator)
	for i := range g.NumField() {
		want := int64(2 * (i + 1))
		switch g.Type().Field(i).Name {
		case "GCPauseMax":
			want = int64(i + 1)
		case "CPUPerMessage":
			want = int64(d.Generator.CPUUser+d.Generator.CPUSystem) / 2
		}
		if f := g.Field(i); f.CanInt() && f.Int() != want {
			t.Errorf("%s of two generators is %d, want %d", g.Type().Field(i).Name, f.Int(), want)
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
