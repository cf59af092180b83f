package results

import (
	"reflect"
	"testing"
	"time"
)

// looks are two at one run: after two seconds, and after five.
func looks(t *testing.T) (before, now *Document) {
	before, now = New(), New()
	before.Window, now.Window = Window{SteadyEnd: 2 * time.Second}, Window{SteadyEnd: 5 * time.Second}
	before.Counts, now.Counts = Counts{Intended: 200, Accepted: 198, Failed: 2}, Counts{Intended: 500, Accepted: 450, Failed: 50}
	before.Rates, now.Rates = Rates{Offered: 100, Accepted: 99}, Rates{Offered: 100, Accepted: 90}
	before.Latency.Response = latencies(t, "accepted", 100, 10*ms, 10*ms, 2)
	now.Latency.Response = latencies(t, "accepted", 100, 10*ms, 10*ms, 50)
	add(t, now.Latency.Response, 300, 40*ms)
	now.Latency.Queue = latencies(t, "begun", 50, 0, ms, 0)
	before.Replies = []Reply{{Step: "mail", Code: 250, Count: 200}, {Step: "rcpt", Code: 451, Count: 7}}
	now.Replies = []Reply{{Step: "mail", Code: 250, Count: 500}, {Step: "mail", Code: 421, Count: 3}, {Step: "rcpt", Code: 451, Count: 7}}
	before.Faults = []Fault{{Step: "accept", Kind: "timeout", Count: 2}}
	now.Faults = []Fault{{Step: "accept", Kind: "timeout", Count: 50}}
	before.Steps = []Step{{Name: "mail", Sent: 200, Latency: *latencies(t, "replies", 200, ms, ms, 0)}}
	now.Steps = []Step{{Name: "mail", Sent: 503, Latency: *latencies(t, "replies", 200, ms, ms, 0)}, {Name: "quit", Sent: 9}}
	return before, now
}

// add adds n samples of one duration.
func add(t *testing.T, l *Latency, n int64, d time.Duration) {
	t.Helper()
	h, err := l.Histogram()
	if err != nil || h.RecordValues(int64(d), n) != nil {
		t.Fatal(err)
	}
	sum, squares := l.moments()
	one := square(d)
	for range n {
		sum += uint64(d)
		squares.Add(squares, one)
	}
	more, err := NewLatency(l.Population, Sample{Histogram: h, Min: min(l.Min, d), Max: max(l.Max, d), Sum: sum, Squares: squares, Censored: l.Censored})
	if err != nil {
		t.Fatal(err)
	}
	*l = *more
}

func TestSinceIsWhatCameAfter(t *testing.T) {
	before, now := looks(t)
	s, err := now.Since(before)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Window{SteadyStart: 2 * time.Second, SteadyEnd: 5 * time.Second}); s.Window != want {
		t.Errorf("window %+v, want %+v", s.Window, want)
	}
	if want := (Counts{Intended: 300, Accepted: 252, Failed: 48}); s.Counts != want {
		t.Errorf("counts %+v, want %+v", s.Counts, want)
	}
	if want := (Rates{Offered: 100, Accepted: 84}); s.Rates != want {
		t.Errorf("rates %+v, want %+v", s.Rates, want)
	}
	r := s.Latency.Response
	if p50, _, _ := r.Percentile("50"); r.Count != 300 || r.Censored != 48 || p50.Round(ms) != 40*ms || r.Mean != 40*ms || r.StdDev != 0 || r.Min < 39*ms {
		t.Errorf("response %+v, p50 %v", r, p50)
	}
	if s.Latency.Queue.Count != 50 {
		t.Errorf("a latency that is new is %+v", s.Latency.Queue)
	}
	if want := []Reply{{Step: "mail", Code: 250, Count: 300}, {Step: "mail", Code: 421, Count: 3}}; !reflect.DeepEqual(s.Replies, want) {
		t.Errorf("replies %+v", s.Replies)
	}
	if want := []Fault{{Step: "accept", Kind: "timeout", Count: 48}}; !reflect.DeepEqual(s.Faults, want) {
		t.Errorf("faults %+v", s.Faults)
	}
	if s.Steps[0].Sent != 303 || s.Steps[0].Latency.Size() != 0 || s.Steps[1].Sent != 9 {
		t.Errorf("steps %+v", s.Steps)
	}
	if again, _ := now.Since(before); !reflect.DeepEqual(again, s) {
		t.Error("the documents were changed")
	}
}

func TestNothingSince(t *testing.T) {
	_, now := looks(t)
	s, err := now.Since(now)
	if err != nil || s.Counts != (Counts{}) || s.Rates != (Rates{}) || s.Replies != nil || s.Latency.Response.Size() != 0 {
		t.Errorf("%+v, error %v", s, err)
	}
}

func TestSinceADamagedLook(t *testing.T) {
	before, now := looks(t)
	before.Latency.Response.HDR = "?"
	if _, err := now.Since(before); err == nil {
		t.Error("a damaged histogram was taken")
	}
}

// Every field of the books is taken away, the ones to come too.
func TestAllCountsAreListed(t *testing.T) {
	var c Counts
	if got, want := len(c.all()), reflect.TypeOf(c).NumField(); got != want {
		t.Errorf("%d counts are listed, there are %d", got, want)
	}
	var l Latencies
	if got, want := len(l.fields()), reflect.TypeOf(l).NumField(); got != want {
		t.Errorf("%d latencies are listed, there are %d", got, want)
	}
}
