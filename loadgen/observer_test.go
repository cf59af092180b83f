package loadgen

import (
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// A gauge is a transport of which only the figures are read.
type gauge struct {
	transport.Transport
	now  timing.Instant
	busy time.Duration
}

func (g *gauge) Now() timing.Instant { return g.now }
func (g *gauge) Stats() transport.Stats {
	return transport.Stats{Loops: []transport.LoopStats{{Busy: g.busy, Waits: 1}}}
}

// observed is an observer of a run of ten seconds that began at an instant, with a warm-up.
func observed(warmUp, every time.Duration) (*observer, *gauge) {
	const origin = timing.Instant(100 * time.Second)
	g := &gauge{now: origin}
	r := &run{transport: g, slots: &slots{origin: origin, end: origin.Add(10 * time.Second)}, plan: profiles.Plan{LoadPlan: profiles.LoadPlan{WarmUp: warmUp}}}
	w := newObserver(r, Options{Progress: func(Progress) {}, ProgressEvery: every})
	w.progress = nil
	w.begin(origin)
	return w, g
}

// A second is looked at a little after it is over, and the ends of the window to the point.
func TestWhenARunIsLookedAt(t *testing.T) {
	for _, row := range []struct {
		name          string
		warmUp, every time.Duration
		want          []time.Duration
	}{
		{"once a second", 0, time.Second, []time.Duration{1020 * ms, 2020 * ms, 3020 * ms}},
		{"four times a second", 0, 250 * ms, []time.Duration{270 * ms, 520 * ms, 770 * ms, 1020 * ms}},
		{"at the end of the warm-up too", 1500 * ms, time.Second, []time.Duration{1020 * ms, 1500 * ms, 2020 * ms}},
	} {
		w, _ := observed(row.warmUp, row.every)
		at := w.run.slots.origin
		for i, want := range row.want {
			if at = w.next(at); w.run.since(at) != want {
				t.Errorf("%s: look %d is after %v, want %v", row.name, i, w.run.since(at), want)
			}
		}
	}
	w, _ := observed(0, time.Second)
	if at := w.next(w.run.slots.origin.Add(9500 * ms)); w.run.since(at) != 10*time.Second {
		t.Errorf("the end of the load is looked at after %v", w.run.since(at))
	}
}

// A loop that is kept off the processor looks busy: but the process has used no CPU time for it.
func TestALoopIsSaturatedByItsOwnWork(t *testing.T) {
	for _, row := range []struct {
		name      string
		busy, cpu time.Duration // in a second of the run
		saturated int
	}{
		{"a loop without work", 0, 0, 0},
		{"a loop that had time left", 800 * ms, 800 * ms, 0},
		{"a loop that had none", 990 * ms, 980 * ms, 1},
		{"a loop that had none, while the process did other work too", 990 * ms, 1900 * ms, 1},
		{"a loop that others kept from working", 990 * ms, 300 * ms, 0},
	} {
		w, g := observed(0, time.Second)
		w.bound(g.now)
		g.now, g.busy = g.now.Add(time.Second), row.busy
		user, system, _ := usage()
		w.used = user + system - row.cpu
		w.saturation(g.now)
		if w.full[0] != row.saturated || w.seconds != 1 {
			t.Errorf("%s: %d of %d seconds were saturated, want %d", row.name, w.full[0], w.seconds, row.saturated)
		}
	}
}
