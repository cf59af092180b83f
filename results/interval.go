package results

import "time"

// An Interval is one second of the run. Outcomes are counted in the second in
// which the slot was due; what ended, and its latency, in the second of the end.
type Interval struct {
	Start time.Duration `json:"start_ns"`

	Intended   int64 `json:"intended"`
	Accepted   int64 `json:"accepted"`
	Deferred   int64 `json:"deferred"`
	Rejected   int64 `json:"rejected"`
	Failed     int64 `json:"failed"`
	Unknown    int64 `json:"unknown"`
	Dropped    int64 `json:"dropped"`
	Unfinished int64 `json:"unfinished"`

	Begun         int64 `json:"begun"`          // slots begun in this second
	Ended         int64 `json:"ended"`          // slots ended in this second
	AcceptedEnded int64 `json:"accepted_ended"` // and those of them that were accepted

	Response Spread `json:"response"`
	Service  Spread `json:"service"`

	InFlight int64 `json:"in_flight"` // slots begun and not ended, at the end of the second
	Backlog  int64 `json:"backlog"`   // slots due and not begun, at the end of the second
}

// Steady returns the whole seconds of the window.
func (d *Document) Steady() []Interval {
	var in []Interval
	for _, i := range d.Intervals {
		if i.Start >= d.Window.SteadyStart && i.Start+time.Second <= d.Window.SteadyEnd {
			in = append(in, i)
		}
	}
	return in
}

// A Spread is a latency in one second, in short. A document that was merged without
// the interval logs of its parts has no percentiles where several of them had
// values: percentiles cannot be added, and their mean means nothing.
type Spread struct {
	Count int64         `json:"count"`
	P50   time.Duration `json:"p50_ns,omitempty"`
	P90   time.Duration `json:"p90_ns,omitempty"`
	P99   time.Duration `json:"p99_ns,omitempty"`
	Max   time.Duration `json:"max_ns"`
}
