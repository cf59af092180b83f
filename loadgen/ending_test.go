package loadgen

import (
	"slices"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/profiles"
	"mailmill/results"
)

// How runs end, early or late.
func TestTheEndOfARunIsInTheBooks(t *testing.T) {
	const second = time.Second
	for _, row := range []struct {
		name   string
		plan   func(*profiles.Plan)
		answer func(moment) answer
		alarms map[time.Duration]func(*simulation)
		end    string
		want   results.Counts // as slotsAndSessions has them
		over   time.Duration  // when the last worker has left
	}{
		{"an open loop waits for the last message",
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 10, 10*second, 100 },
			taking(4 * second), nil, results.EndComplete,
			results.Counts{Intended: 100, Begun: 100, Accepted: 100, Sessions: 100}, 9900*time.Millisecond + 4*second},
		{"the drain ends with messages under way and others in the queue",
			// One worker ends a message each 1.1 s: the tenth at 11 s; the eleventh is under way at 12 s.
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency, p.Drain = 10, 10*second, 1, 2*second },
			taking(1100 * time.Millisecond), nil, results.EndComplete,
			results.Counts{Intended: 100, Begun: 11, Accepted: 10, Unfinished: 90, Sessions: 11}, 12 * second},
		{"without a drain nothing is waited for",
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency, p.Drain = 10, 10*second, 1, 0 },
			taking(1100 * time.Millisecond), nil, results.EndComplete,
			results.Counts{Intended: 100, Begun: 10, Accepted: 9, Unfinished: 91, Sessions: 10}, 10 * second},
		{"what the queue holds at the end of the load is sent in the drain",
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency, p.Drain = 10, 10*second, 1, 11*second },
			taking(200 * time.Millisecond), nil, results.EndComplete,
			results.Counts{Intended: 100, Begun: 100, Accepted: 100, Sessions: 100}, 20 * second},
		{"the first of messages and duration ends the run",
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Messages = 10, 10*second, 30 },
			taking(second), nil, results.EndComplete,
			results.Counts{Intended: 30, Begun: 30, Accepted: 30, Sessions: 30}, 3900 * time.Millisecond},
		{"messages without a duration are all sent, however long it takes",
			func(p *profiles.Plan) { p.Messages, p.Concurrency = 50, 1 },
			taking(second), nil, results.EndComplete,
			results.Counts{Intended: 50, Begun: 50, Accepted: 50, Sessions: 50}, 50 * second},
		{"fewer messages than workers need fewer workers",
			func(p *profiles.Plan) { p.Messages, p.Concurrency = 3, 1000 },
			taking(second), nil, results.EndComplete,
			results.Counts{Intended: 3, Begun: 3, Accepted: 3, Sessions: 3}, second},
		{"a closed loop ends with its last message, not with its last pause",
			func(p *profiles.Plan) {
				p.Duration, p.Concurrency, p.Think = 10*second, 2, profiles.Span{Min: 20 * second, Max: 20 * second}
			},
			taking(second), nil, results.EndComplete,
			results.Counts{Intended: 2, Begun: 2, Accepted: 2, Sessions: 2}, 10 * second},
		{"a drain is cut off in a closed loop too",
			func(p *profiles.Plan) { p.Duration, p.Concurrency, p.Drain = 10*second, 3, 2*second },
			taking(7 * second), nil, results.EndComplete,
			results.Counts{Intended: 6, Begun: 6, Accepted: 3, Unfinished: 3, Sessions: 6}, 12 * second},

		{"interrupted, an open loop ends what is under way",
			// At 5.05 s 51 messages were due. Those begun at 4.1 s and after are under way.
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 10, 10*second, 20 },
			taking(second), map[time.Duration]func(*simulation){5050 * time.Millisecond: interrupt}, results.EndInterrupted,
			results.Counts{Intended: 51, Begun: 51, Accepted: 51, Sessions: 51}, 6 * second},
		{"interrupted, a message under way is given five seconds",
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 1, 100*second, 20 },
			taking(20 * second), map[time.Duration]func(*simulation){21500 * time.Millisecond: interrupt}, results.EndInterrupted,
			results.Counts{Intended: 22, Begun: 22, Accepted: 7, Unfinished: 15, Sessions: 22}, 26500 * time.Millisecond},
		{"interrupted, what waits for a worker is unfinished",
			// The second message is under way at 2.55 s and ends at 4 s; 26 were due.
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 10, 10*second, 1 },
			taking(2 * second), map[time.Duration]func(*simulation){2550 * time.Millisecond: interrupt}, results.EndInterrupted,
			results.Counts{Intended: 26, Begun: 2, Accepted: 2, Unfinished: 24, Sessions: 2}, 4 * second},
		{"interrupted, a closed loop does not begin another message",
			func(p *profiles.Plan) { p.Duration, p.Concurrency = 10*second, 2 },
			taking(2 * second), map[time.Duration]func(*simulation){3 * second: interrupt}, results.EndInterrupted,
			results.Counts{Intended: 4, Begun: 4, Accepted: 4, Sessions: 4}, 4 * second},
		{"interrupted in a pause, a closed loop is over",
			func(p *profiles.Plan) {
				p.Duration, p.Concurrency, p.Think = 10*second, 2, profiles.Span{Min: 5 * second, Max: 5 * second}
			},
			taking(time.Second), map[time.Duration]func(*simulation){3 * second: interrupt}, results.EndInterrupted,
			results.Counts{Intended: 2, Begun: 2, Accepted: 2, Sessions: 2}, 3 * second},
		{"interrupted before time 0, nothing was intended",
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 10, 10*second, 2 },
			nil, map[time.Duration]func(*simulation){-time.Millisecond: interrupt}, results.EndInterrupted,
			results.Counts{}, -time.Millisecond},
		{"interrupted at the instant in which a message is due, that one is owed",
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 10, 10*second, 2 },
			taking(time.Millisecond), map[time.Duration]func(*simulation){second: interrupt}, results.EndInterrupted,
			results.Counts{Intended: 11, Begun: 10, Accepted: 10, Unfinished: 1, Sessions: 10}, second},
		{"interrupted in the drain, the patience is the shorter one",
			func(p *profiles.Plan) { p.Rate, p.Duration, p.Concurrency = 1, 3*second, 3 },
			taking(25 * second), map[time.Duration]func(*simulation){10 * second: interrupt}, results.EndInterrupted,
			results.Counts{Intended: 3, Begun: 3, Unfinished: 3, Sessions: 3}, 15 * second},

		{"max-faults ends a run that only fails",
			func(p *profiles.Plan) { p.Rate, p.Duration, p.MaxFaults, p.Concurrency = 10, 10*second, 5, 1 },
			everySlot(timing.Mail, answer{deed: drop}), nil, results.EndFaults,
			results.Counts{Intended: 5, Begun: 5, Failed: 5, Sessions: 5}, 400 * time.Millisecond},
		{"max-faults does not count refusals",
			func(p *profiles.Plan) { p.Rate, p.Duration, p.MaxFaults, p.Concurrency = 10, 10*second, 5, 1 },
			everySlot(timing.Mail, reply("550 no")), nil, results.EndComplete,
			results.Counts{Intended: 100, Begun: 100, Rejected: 100, Sessions: 100}, 9900 * time.Millisecond},
		{"after max-faults messages under way end",
			// Slots 3 and 7 fail at once; 4, 5 and 6 are under way then.
			func(p *profiles.Plan) { p.Rate, p.Duration, p.MaxFaults = 10, 10*second, 2 },
			failingOrTaking(450 * time.Millisecond), nil, results.EndFaults,
			results.Counts{Intended: 8, Begun: 8, Accepted: 6, Unknown: 2, Sessions: 8}, 1050 * time.Millisecond},
	} {
		t.Run(row.name, func(t *testing.T) {
			sim := scenario{plan: row.plan, answer: row.answer, alarms: row.alarms}.play(t)
			if got := slotsAndSessions(sim.document.Counts); got != row.want {
				t.Errorf("the books are\n%+v, want\n%+v", got, row.want)
			}
			if end := sim.document.Verdict.End; end != row.end {
				t.Errorf("the run ended %q, want %q", end, row.end)
			}
			if over := sim.since(sim.director.run.drained); over != row.over {
				t.Errorf("the last worker left at %v, want %v", over, row.over)
			}
		})
	}
}

// slotsAndSessions are the books without recipients and octets.
func slotsAndSessions(c results.Counts) results.Counts {
	return results.Counts{Intended: c.Intended, Begun: c.Begun, Accepted: c.Accepted, Deferred: c.Deferred, Rejected: c.Rejected,
		Failed: c.Failed, Unknown: c.Unknown, Dropped: c.Dropped, Unfinished: c.Unfinished, Sessions: c.Sessions}
}

func everySlot(step timing.Step, a answer) func(moment) answer {
	return func(m moment) answer {
		if m.step == step {
			return a
		}
		return answer{}
	}
}

// failingOrTaking is a server that hangs up on every fourth message at once, and takes the others after a while.
func failingOrTaking(d time.Duration) func(moment) answer {
	take, fail := taking(d), everyFourth(timing.Accept, answer{deed: drop})
	return func(m moment) answer {
		if a := fail(m); a.deed == drop {
			return a
		}
		return take(m)
	}
}

// The queue at the end is not thrown away: what was not sent counts as slower than what was.
func TestUnfinishedSlotsAreInThePercentiles(t *testing.T) {
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.Drain = 10, 10*time.Second, 1, 2*time.Second
		},
		answer: taking(1100 * time.Millisecond),
	}.play(t).document
	r := d.Latency.Response
	if r.Count != 10 || r.Censored != 90 {
		t.Fatalf("%d samples and %d censored, want 10 and 90", r.Count, r.Censored)
	}
	// Slot 9 is the last that was accepted: due at 0.9 s, ended at 11 s. Slot 99 waited from 9.9 s to 12 s.
	slowest := 11*time.Second - 900*time.Millisecond
	for _, p := range []results.Percentile{"50", "90"} {
		if v, atLeast, ok := r.Percentile(p); v != slowest || !atLeast || !ok {
			t.Errorf("p%s is %v (at least: %t, given: %t), want at least %v", p, v, atLeast, ok, slowest)
		}
	}
	if s := d.Latency.Service; s.Count != 10 || s.Censored != 1 {
		t.Errorf("service has %d samples and %d censored, want 10 and the one that was begun", s.Count, s.Censored)
	}
	if want := (results.Rates{Offered: 10, Begun: 1, Ended: 0.9, Accepted: 0.9}); d.Rates != want {
		t.Errorf("the rates are %+v, want %+v: the drain is not the window", d.Rates, want)
	}
	if names := reasons(d); !slices.Equal(names, []string{"server.backlog", "server.short"}) || d.Verdict.Status != results.Valid {
		t.Errorf("the verdict is %s for %v", d.Verdict.Status, names)
	}
}

func reasons(d *results.Document) (names []string) {
	for _, r := range d.Verdict.Reasons {
		names = append(names, r.Name)
	}
	return names
}
