package report

import (
	"fmt"
	"time"

	"mailmill/results"
)

// ofStages has a row for each stage of a load that has several: what each second of it knows, since percentiles are kept
// of the whole run and of each second alone.
func ofStages(d *results.Document) *section {
	if len(d.Load.Stages) < 2 || len(d.Intervals) == 0 {
		return nil
	}
	s := &section{table: &Table{Columns: []Column{
		{Name: "STAGES"}, {Name: "from", Align: Right}, {Name: "to", Align: Right}, {Name: "due", Align: Right},
		{Name: "accepted", Align: Right}, {Name: "p99 at worst", Align: Right}, {Name: "backlog", Align: Right},
	}}}
	var begin time.Duration
	for i, stage := range d.Load.Stages {
		s.table.Rows = append(s.table.Rows, stageRow(i, stage, seconds(d.Intervals, begin, begin+stage.Duration)))
		begin += stage.Duration
	}
	s.notes = append(s.notes, "from and to: the rate offered, per second; due and accepted per whole second of the stage; "+
		"p99 of response in its worst second; backlog at its end")
	return s
}

// seconds returns the intervals that lie wholly between two instants.
func seconds(all []results.Interval, from, to time.Duration) (within []results.Interval) {
	for _, i := range all {
		if i.Start >= from && i.Start+time.Second <= to {
			within = append(within, i)
		}
	}
	return within
}

func stageRow(number int, stage results.Stage, in []results.Interval) []string {
	row := []string{fmt.Sprintf("%d, %s", number+1, duration(stage.Duration)), rate(stage.From), rate(stage.To)}
	if len(in) == 0 {
		return append(row, nothing, nothing, nothing, nothing)
	}
	var due, accepted int64
	var worst time.Duration
	for _, i := range in {
		due += i.Intended
		accepted += i.AcceptedEnded
		worst = max(worst, i.Response.P99)
	}
	per := float64(len(in))
	p99 := nothing
	if worst > 0 {
		p99 = duration(worst)
	}
	return append(row, rate(float64(due)/per), rate(float64(accepted)/per), p99, grouped(in[len(in)-1].Backlog))
}
