package report

import (
	"testing"
	"time"

	"mailmill/results"
)

func TestSilence(t *testing.T) {
	busy := results.Interval{AcceptedEnded: 50}
	refusing := results.Interval{Failed: 9}
	hanging := results.Interval{InFlight: 10}
	idle := results.Interval{}
	for _, row := range []struct {
		when    string
		seconds []results.Interval
		longest time.Duration // service
		words   string
	}{
		{"the server goes away", []results.Interval{busy, busy, refusing, refusing, refusing}, ms, "nothing was accepted from 2.00 s to 5.00 s"},
		{"the server hangs for a while", []results.Interval{busy, hanging, hanging, busy}, ms, "nothing was accepted from 1.00 s to 3.00 s"},
		{"of two silences one is longer", []results.Interval{refusing, busy, refusing, refusing, busy}, ms, "nothing was accepted from 2.00 s to 4.00 s"},
		{"messages are as slow as that", []results.Interval{busy, hanging, hanging, busy}, 2500 * ms, ""},
		{"a second is silent", []results.Interval{busy, hanging, busy}, ms, ""},
		{"there was nothing to send", []results.Interval{busy, idle, idle, idle, busy}, ms, ""},
		{"there was hardly anything to send", []results.Interval{{AcceptedEnded: 1}, hanging, hanging, {AcceptedEnded: 1}}, ms, ""},
		{"nothing was ever accepted, as the checks say", []results.Interval{refusing, refusing, refusing}, 0, ""},
	} {
		d := results.New()
		for i, second := range row.seconds {
			second.Start = time.Duration(i) * time.Second
			d.Intervals = append(d.Intervals, second)
		}
		d.Window.SteadyEnd = time.Duration(len(row.seconds)) * time.Second
		d.Latency.Service = &results.Latency{Max: row.longest}
		if got := silence(d); got != row.words {
			t.Errorf("when %s, the words are %q, want %q", row.when, got, row.words)
		}
	}
}
