package loadgen

import (
	"context"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// appointment is a plan of ten slots, due 100 ms apart, whose time 0 is a while after the run is started.
func appointment(at profiles.Start) func(*profiles.Plan) {
	return func(p *profiles.Plan) { p.Rate, p.Messages, p.StartAt = 10, 10, at }
}

func TestTheLoadBeginsWhenItIsToBegin(t *testing.T) {
	for _, row := range []struct {
		when  string
		start profiles.Start
		want  time.Duration // after the run is started
	}{
		{"at an instant", profiles.Start{At: opening.Add(90 * time.Second)}, 90 * time.Second},
		{"at the first whole second after a time", profiles.Start{In: 1500 * time.Millisecond}, 2 * time.Second},
		{"as soon as the workers can be ready", profiles.Start{In: 50 * time.Millisecond}, time.Second},
	} {
		st := scenario{plan: appointment(row.start)}.play(t)
		if got := st.document.Window.Origin.Sub(opening); got != row.want {
			t.Errorf("%s: time 0 is %v after the start, want %v", row.when, got, row.want)
		}
		// The first session is the preflight's, which waits for nothing.
		for i, at := range st.server.arrivals[1:] {
			due := time.Duration(i) * 100 * time.Millisecond
			if got := st.director.wall(at).Sub(st.document.Window.Origin); got != due {
				t.Errorf("%s: session %d comes at %v, want %v", row.when, i, got, due)
			}
		}
		if c := st.document.Counts; c.Accepted != 10 {
			t.Errorf("%s: %d of 10 accepted", row.when, c.Accepted)
		}
	}
}

func TestAnAppointmentThatCannotBeKept(t *testing.T) {
	slow := func(moment) answer { return answer{after: 40 * time.Millisecond} }
	for _, row := range []struct {
		when   string
		start  profiles.Start
		answer func(moment) answer
		says   string
	}{
		{"the instant has passed", profiles.Start{At: opening.Add(-3 * time.Second)}, nil, "that was 3s ago"},
		{"the preflight takes too long", profiles.Start{At: opening.Add(100 * time.Millisecond)}, slow, "the preflight ended after that"},
	} {
		st, err := scenario{plan: appointment(row.start), answer: row.answer}.perform(t)
		if _, isPlan := err.(*PlanError); !isPlan || !strings.Contains(err.Error(), row.says) {
			t.Errorf("when %s, the error is %v, want a *PlanError with %q", row.when, err, row.says)
		}
		if st.server.commands["MAIL"] != 0 {
			t.Errorf("when %s, %d messages were sent", row.when, st.server.commands["MAIL"])
		}
	}
}

func TestAnInterruptedWaitEndsInADocument(t *testing.T) {
	s := scenario{}
	st := &simulation{t: t, scenario: &s, server: newServer(nil)}
	plan := testPlan()
	appointment(profiles.Start{At: opening.Add(time.Hour)})(&plan)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	st.cancel = cancel
	d, err := Run(ctx, plan, Options{Started: opening, Transport: func(o transport.Options) (transport.Transport, error) {
		made, err := st.open(o)
		st.Simulated.Start(0, &alarm{stage: st, at: st.Now().Add(time.Minute), do: interrupt})
		return made, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	if d.Verdict.End != results.EndInterrupted || d.Counts.Intended != 0 || d.Window.Length() != 0 {
		t.Errorf("ended %q with %d slots in a window of %v", d.Verdict.End, d.Counts.Intended, d.Window.Length())
	}
	if late := st.director.wall(st.Now()).Sub(opening); late > 2*time.Minute {
		t.Errorf("the run ended %v after it was interrupted", late-time.Minute)
	}
}
