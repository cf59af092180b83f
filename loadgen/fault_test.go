package loadgen

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// misfortunes are what a server can do at any step, with how often of a hundred times.
var misfortunes = []struct {
	often int
	do    answer
}{
	{4, reply("450 4.2.0 later")},
	{4, reply("550 5.1.1 never")},
	{2, reply("354 go on")},
	{2, reply("250 fine")},
	{2, reply("okay")},
	{2, answer{reply: "421 4.3.2 closing\r\n", deed: leave}},
	{2, answer{deed: drop}},
	{2, answer{deed: reset}},
	{2, answer{deed: mute}},
}

// moody is a server in whose moods only the moment and the seed have a part, so that a run can be repeated. It
// counts the contents that it took.
func moody(seed uint64, taken *int64) func(moment) answer {
	return func(m moment) answer {
		if m.session == 0 { // the preflight's
			return answer{}
		}
		r := rand.New(rand.NewPCG(seed, uint64(m.session)<<40^uint64(m.slot)<<16^uint64(m.recipient)<<8^uint64(m.step)))
		a, luck := answer{}, r.IntN(100)
		for _, row := range misfortunes {
			if luck -= row.often; luck < 0 {
				a = row.do
				break
			}
		}
		a.after = time.Duration(r.Int64N(int64(200 * time.Millisecond)))
		if m.step == timing.Accept && a.deed == say && (a.reply == "" || a.reply[0] == '2') {
			*taken++
		}
		return a
	}
}

// rough is a network on which anything can happen but to the preflight.
func rough(attempt int, _ transport.Endpoint, r *rand.Rand) transport.Network {
	n := transport.Network{Latency: transport.Uniform(0, 20*time.Millisecond), Segment: transport.AnySplit}
	if attempt == 0 {
		return n
	}
	switch r.IntN(20) {
	case 0:
		n.Connect = timing.Fault{Kind: timing.Refused, Text: "connect: connection refused"}
	case 1:
		n.Unanswered = true
	case 2:
		n.Silent = true
	case 3, 4:
		n.ResetAfter = 1 + r.IntN(1500)
	case 5:
		n.ResetIn = time.Duration(r.Int64N(int64(time.Second)))
	case 6:
		n.Bandwidth = 10_000
	}
	return n
}

// anyScenario draws a plan, a server in a mood, a rough network, and the instant of a Ctrl-C, if there is one.
func anyScenario(t *rapid.T) func() (scenario, *int64) {
	seed := rapid.Uint64().Draw(t, "seed")
	plan := testPlan()
	plan.Messages = rapid.Int64Range(1, 60).Draw(t, "messages")
	plan.Rate = rapid.SampledFrom([]float64{0, 0, 1, 10, 300, 5000}).Draw(t, "rate")
	plan.Duration = rapid.SampledFrom([]time.Duration{0, time.Second, 10 * time.Second}).Draw(t, "duration")
	plan.Concurrency = rapid.IntRange(1, 8).Draw(t, "concurrency")
	plan.MessagesPerSession = rapid.IntRange(0, 3).Draw(t, "per session")
	plan.Recipients = message.Fixed(rapid.IntRange(1, 3).Draw(t, "recipients"))
	plan.Dials = rapid.IntRange(1, 4).Draw(t, "dials")
	plan.Drain = rapid.SampledFrom([]time.Duration{0, 500 * time.Millisecond, time.Minute}).Draw(t, "drain")
	plan.MaxFaults = rapid.SampledFrom([]int64{0, 0, 1, 5}).Draw(t, "max-faults")
	plan.Arrivals = rapid.SampledFrom([]string{"constant", "poisson"}).Draw(t, "arrivals")
	plan.OpenRate = rapid.SampledFrom([]float64{0, 0, 3, 100}).Draw(t, "open-rate")
	if plan.Rate > 0 {
		most := rapid.SampledFrom([]time.Duration{-1, -1, 0, 100 * time.Millisecond}).Draw(t, "max-lateness")
		plan.MaxLateness = profiles.Limit{Set: most >= 0, Most: max(0, most)}
	}
	if plan.Duration > time.Second {
		plan.WarmUp = rapid.SampledFrom([]time.Duration{0, 500 * time.Millisecond}).Draw(t, "warm-up")
	}
	if plan.Rate == 0 {
		plan.Think = profiles.Span{Max: rapid.SampledFrom([]time.Duration{0, time.Second}).Draw(t, "think")}
	}
	for step := range plan.Timeouts {
		plan.Timeouts[step] = time.Second
	}
	plan.RSETBetween = rapid.Bool().Draw(t, "rset-between")
	plan.IdleSessions, plan.IdleNOOP = rapid.SampledFrom([]int{0, 0, 2}).Draw(t, "idle-sessions"), 300*time.Millisecond
	if rapid.Bool().Draw(t, "classes") {
		mixed(&plan, rapid.IntRange(1, 5).Draw(t, "weight"), 2)
	}
	alarms := map[time.Duration]func(*simulation){}
	if rapid.Bool().Draw(t, "interrupted") {
		alarms[time.Duration(rapid.Int64Range(-int64(lead), int64(5*time.Second)).Draw(t, "when"))] = interrupt
	}
	return func() (scenario, *int64) {
		taken := new(int64)
		return scenario{
			plan: func(p *profiles.Plan) { *p = plan }, answer: moody(seed, taken), alarms: alarms,
			network: transport.SimulatedOptions{Seed: seed, Shape: rough},
		}, taken
	}
}

// No slot is lost or sent twice, whatever happens; and it happens the same again.
func TestTheBooksHoldWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		again := anyScenario(t)
		s, taken := again()
		sim := s.play(t)
		c := sim.document.Counts
		if most := c.Accepted + c.Unknown + c.Unfinished; c.Accepted > *taken || *taken > most {
			t.Errorf("the server took %d messages; the books have %d accepted, %d unknown, %d unfinished", *taken, c.Accepted, c.Unknown, c.Unfinished)
		}
		if known := int64(sim.server.opened - 1); c.Sessions > known {
			t.Errorf("%d sessions in the books, and the server saw %d", c.Sessions, known)
		}
		if c.Intended%4 > 0 { // it takes as long again
			return
		}
		s, _ = again()
		one, _ := json.Marshal(sim.document)
		other, _ := json.Marshal(s.play(t).document)
		if !bytes.Equal(one, other) {
			t.Errorf("the same run gave another document:\n%s\n%s", one, other)
		}
	})
}
