package main

import (
	"fmt"
	"strings"
	"time"

	"mailmill/loadgen"
	"mailmill/results"
)

// A row is one line of the live view.
type row struct {
	text  string
	wrong bool // it tells of something that should not be
}

// view is the state of a run on a terminal.
func view(now loadgen.Progress) []row {
	rate := fmt.Sprintf("%.1f/s accepted", now.Rate)
	if now.Offered > 0 {
		rate += fmt.Sprintf(", %.1f/s offered", now.Offered)
	}
	p50, p99 := "–", "–"
	if now.P50 > 0 {
		p50, p99 = results.FormatDuration(now.P50), results.FormatDuration(now.P99)
	}
	waiting := fmt.Sprintf("%d in flight, backlog %d", now.InFlight, now.Backlog)
	if now.Late > 0 {
		waiting += ", late by " + results.FormatDuration(now.Late)
	}
	counts := append([]string{fmt.Sprintf("%d accepted", now.Accepted)}, troubles(now)...)
	return []row{
		{text: advance(now)},
		named("rate", rate, false),
		named("response", "p50 "+p50+", p99 "+p99+" in the last second", false),
		named("now", waiting, now.Late > time.Second),
		named("so far", strings.Join(counts, ", "), now.Failed+now.Unknown+now.Dropped+now.Faults > 0),
	}
}

func named(name, words string, wrong bool) row {
	return row{text: fmt.Sprintf("%-9s %s", name, words), wrong: wrong}
}

// barWidth is the width of the bar, in columns.
const barWidth = 24

// advance says how far the run has come, with a bar if it is known how far it goes.
func advance(now loadgen.Progress) string {
	share := 0.0
	switch {
	case now.Planned > 0:
		share = now.Elapsed.Seconds() / now.Planned.Seconds()
	case now.Total > 0:
		share = float64(now.Ended) / float64(now.Total)
	default:
		return clock(now)
	}
	done := int(min(1, share) * barWidth)
	bar := strings.Repeat("=", done) + strings.Repeat(" ", barWidth-done)
	return fmt.Sprintf("[%s] %3.0f %%  %s", bar, 100*min(1, share), clock(now))
}
