package loadgen

import (
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/profiles"
)

func TestPlacesAtTheDoorAreEvenlySpread(t *testing.T) {
	var d door
	d.setRate(100)
	const second = timing.Instant(time.Second)
	for _, step := range []struct {
		when        string
		now, latest timing.Instant
		at          timing.Instant // 0: too late
	}{
		{"the first goes through at once", second, timing.Never, second},
		{"the second waits", second, timing.Never, second + 10e6},
		{"the third waits for both", second + 1e6, timing.Never, second + 20e6},
		{"one in a hurry takes no place", second + 1e6, second + 29e6, 0},
		{"and so the next one has it", second + 1e6, second + 30e6, second + 30e6},
		{"what nobody used is not made up for", 2 * second, timing.Never, 2 * second},
		{"not even later", 2 * second, timing.Never, 2*second + 10e6},
	} {
		at, ok := d.place(step.now, step.latest)
		if ok != (step.at != 0) || ok && at != step.at {
			t.Errorf("%s: %v, %t; want %v", step.when, at, ok, step.at)
		}
	}
	d.setRate(0)
	if at, ok := d.place(5, 5); at != 5 || !ok {
		t.Errorf("an open door: %v, %t", at, ok)
	}
}

func TestPatience(t *testing.T) {
	slot := timing.Slot{Due: 100, Claimed: 130}
	early := timing.Slot{Due: 100, Claimed: 50}
	for _, row := range []struct {
		name   string
		most   patience
		slot   timing.Slot
		at     timing.Instant
		over   bool
		latest timing.Instant
	}{
		{"without a limit", patience{}, slot, 1e9, false, timing.Never},
		{"within it", patience{true, 40}, slot, 140, false, 140},
		{"beyond it", patience{true, 40}, slot, 141, true, 140},
		{"none, and no worker was free", patience{true, 0}, slot, 130, true, 130},
		{"none, and mailmill woke late", patience{true, 0}, early, 160, false, 160},
	} {
		if over, latest := row.most.over(row.slot, row.at), row.most.latest(row.slot, row.at); over != row.over || latest != row.latest {
			t.Errorf("%s: too late %t, latest %v; want %t, %v", row.name, over, latest, row.over, row.latest)
		}
	}
}

// With a session for each message, the door is what the slots wait for: the n-th opens after n/40 s.
func TestSessionsAreOpenedAtTheRateOfThePlan(t *testing.T) {
	st := scenario{
		plan: func(p *profiles.Plan) { p.Rate, p.Duration, p.OpenRate, p.Concurrency = 50, 10*time.Second, 40, 100 },
	}.play(t)
	d := st.document
	due := evenly(50, 10*time.Second)
	lateness := make([]time.Duration, len(due))
	for n, at := range due {
		lateness[n] = time.Duration(n)*25*ms - at
	}
	sameLatency(t, "lateness", d.Latency.Lateness, lateness)
	sameLatency(t, "queue", d.Latency.Queue, lateness)
	for i, at := range st.server.arrivals[2:] {
		if gap := at.Sub(st.server.arrivals[i+1]); gap != 25*ms {
			t.Fatalf("session %d was opened %v after the one before, want 25 ms", i+2, gap)
		}
	}
}

// In a closed loop nothing is late for that: a slot is claimed when its session may be opened.
func TestTheDoorOfAClosedLoopDelaysTheClaim(t *testing.T) {
	st := scenario{
		plan:   func(p *profiles.Plan) { p.Duration, p.OpenRate, p.Concurrency = 10*time.Second, 40, 20 },
		answer: taking(5 * ms),
	}.play(t)
	d := st.document
	if d.Counts.Accepted != 400 || d.Latency.Lateness.Max != 0 || d.Latency.Response.Max != 5*ms || d.Latency.Queue.Max != 0 {
		t.Errorf("%d were accepted, lateness is up to %v, response up to %v", d.Counts.Accepted, d.Latency.Lateness.Max, d.Latency.Response.Max)
	}
	for i, at := range st.server.arrivals[2:] {
		if gap := at.Sub(st.server.arrivals[i+1]); gap != 25*ms {
			t.Fatalf("session %d was opened %v after the one before, want 25 ms", i+2, gap)
		}
	}
}

// Sessions that are kept need no door. A slot waits for it only while every session is busy: so the first
// second has one worker, the next one two, and so on.
func TestASlotAtTheDoorGoesToTheFirstSessionThatIsFree(t *testing.T) {
	const service = 15 * ms
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.OpenRate, p.Concurrency, p.MessagesPerSession = 100, 4*time.Second, 1, 10, 0
		},
		answer: taking(service),
	}.play(t).document
	var due []time.Duration
	for n := range 400 {
		due = append(due, time.Duration(n)*10*ms)
	}
	// Workers come into being at 0 s, 1 s and 2 s.
	free := []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second}
	var lateness []time.Duration
	for _, at := range due {
		first := 0
		for w := range free {
			if free[w] < free[first] {
				first = w
			}
		}
		begun := max(at, free[first])
		free[first] = begun + service
		lateness = append(lateness, begun-at)
	}
	sameLatency(t, "lateness", d.Latency.Lateness, lateness)
	if d.Counts.Sessions > 4 {
		t.Errorf("%d sessions were opened in 4 s at 1/s", d.Counts.Sessions)
	}
}

// A slot that cannot be begun in time, because its session may not be opened, is dropped without waiting for it.
func TestASlotIsDroppedAtTheDoor(t *testing.T) {
	st := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.OpenRate, p.Concurrency = 100, 10*time.Second, 40, 20
			p.MaxLateness = profiles.Limit{Set: true, Most: 0}
		},
	}.play(t)
	c := st.document.Counts
	if c.Intended != 1000 || c.Accepted+c.Dropped != 1000 || c.Accepted < 330 || c.Accepted > 400 {
		t.Errorf("the books are %+v, want a slot every 30 ms", c)
	}
	if l := st.document.Latency.Lateness; l.Max != 0 {
		t.Errorf("a slot was begun %v late", l.Max)
	}
}
