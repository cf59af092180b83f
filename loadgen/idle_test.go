package loadgen

import (
	"encoding/json"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/profiles"
)

// Idle sessions hold to the end of the load, say NOOP at times, and change nothing else in the document.
func TestIdleSessions(t *testing.T) {
	play := func(n int) *simulation {
		return scenario{
			plan: func(p *profiles.Plan) {
				p.Rate, p.Duration, p.IdleSessions, p.IdleNOOP = 20, 10*time.Second, n, 3*time.Second
			},
			answer: func(m moment) answer { return answer{after: 2 * time.Millisecond} },
		}.play(t)
	}
	without, with := play(0), play(7)
	if i := with.document.Idle; i == nil || i.Wanted != 7 || i.Opened != 7 || i.Refused != 0 || i.Lost != 0 || i.NOOP.Count != 21 || i.NOOP.Min != 2*time.Millisecond {
		t.Errorf("idle sessions: %+v", i)
	}
	if n := with.server.commands["NOOP"]; n != 21 {
		t.Errorf("the server heard %d NOOP", n)
	}
	if n := with.server.commands["QUIT"] - without.server.commands["QUIT"]; n != 7 {
		t.Errorf("%d of 7 idle sessions ended with QUIT", n)
	}
	with.document.Idle = nil
	with.document.Run, with.document.Generator = without.document.Run, without.document.Generator
	one, _ := json.Marshal(without.document)
	two, _ := json.Marshal(with.document)
	if string(one) != string(two) {
		t.Errorf("idle sessions have changed the document:\n%s\n%s", one, two)
	}
}

// A session that the server ends is opened anew after a second; one that it refuses too.
func TestIdleSessionsThatAreLost(t *testing.T) {
	for _, tt := range []struct {
		name                  string
		step                  timing.Step
		opened, refused, lost int64
	}{
		{"refused at once", timing.Greeting, 0, 4, 0},
		{"ended at the first NOOP", timing.NOOP, 2, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := scenario{
				plan: func(p *profiles.Plan) {
					p.Rate, p.Duration, p.IdleSessions, p.IdleNOOP = 1, 4*time.Second, 1, time.Second
					p.MessagesPerSession, p.Concurrency = 0, 1
				},
				answer: func(m moment) answer { // session 0 is the preflight's, 2 the worker's
					if m.step == tt.step && m.session != 0 && (m.step == timing.NOOP || m.session != 2) {
						return answer{reply: "421 4.3.2 go away\r\n", deed: leave}
					}
					return answer{}
				},
			}.play(t).document.Idle
			if i.Opened != tt.opened || i.Refused != tt.refused || i.Lost != tt.lost {
				t.Errorf("%+v", i)
			}
		})
	}
}
