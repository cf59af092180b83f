package results

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
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
