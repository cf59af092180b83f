package report

import (
	"reflect"
	"testing"
	"time"

	"mailmill/results"
)

func TestAStageHasTheFiguresOfItsSeconds(t *testing.T) {
	d := results.New()
	d.Load.Stages = []results.Stage{
		{From: 80, To: 80, Duration: 2 * time.Second}, {From: 80, To: 120, Duration: 2500 * time.Millisecond}, {From: 120, To: 120, Duration: 500 * time.Millisecond},
	}
	if ofStages(d) != nil {
		t.Error("stages without seconds are shown")
	}
	for i := range 5 {
		d.Intervals = append(d.Intervals, results.Interval{Start: time.Duration(i) * time.Second, Intended: int64(80 + 10*i), AcceptedEnded: int64(80 + i),
			Response: results.Spread{P99: time.Duration(5-i) * time.Millisecond}, Backlog: int64(i)})
	}
	want := [][]string{
		{"1, 2.00 s", "80", "80", "85", "80.5", "5.00 ms", "1"},
		{"2, 2.50 s", "80", "120", "105", "82.5", "3.00 ms", "3"},
		{"3, 500 ms", "120", "120", "–", "–", "–", "–"},
	}
	if got := ofStages(d).table.Rows; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	d.Load.Stages = d.Load.Stages[:1]
	if ofStages(d) != nil {
		t.Error("a load of one stage has a table of them")
	}
}
