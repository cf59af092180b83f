package loadgen

import (
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/results"
)

// observerInterval is how often a run under way is looked at.
const observerInterval = time.Second

// An observer watches the generator itself during a run: its loops, its collector, its CPU time, the
// host's clock. It also tells of the run's progress.
type observer struct {
	run      *run
	progress func(Progress)
	live     bool // false in virtual time: there is nothing to watch by the wall clock

	mu      sync.Mutex
	start   reading
	end     reading
	begun   bool
	step    time.Duration // largest jump of the wall clock
	last    []transport.LoopStats
	lastAt  timing.Instant
	seconds int
	full    []int // seconds in which each loop was saturated
}

// A reading is what the process has used up by an instant.
type reading struct {
	at           timing.Instant
	wall         time.Time
	user, system time.Duration
	gc           debug.GCStats
	strain       strain
	loops        []transport.LoopStats
}

func newObserver(r *run, o Options) *observer {
	return &observer{run: r, progress: o.Progress, live: o.Transport == nil}
}

// read takes a reading. In virtual time the machine says nothing of the run, and the same run has the
// same document on each: its figures stay out.
func (w *observer) read() reading {
	if !w.live {
		return reading{at: w.run.transport.Now(), loops: w.run.transport.Stats().Loops}
	}
	r := reading{at: w.run.transport.Now(), wall: time.Now(), strain: measureStrain(), loops: w.run.transport.Stats().Loops}
	r.user, r.system, _ = usage()
	debug.ReadGCStats(&r.gc)
	return r
}

// begin is called when time 0 is known.
func (w *observer) begin(timing.Instant) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.start = w.read()
	w.begun = true
	w.last, w.lastAt = w.start.loops, w.start.at
	w.full = make([]int, len(w.last))
}

// watch looks at the run once a second until it has finished.
func (w *observer) watch(finished <-chan struct{}) {
	ticks := make(<-chan time.Time)
	if w.live {
		ticker := time.NewTicker(observerInterval)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for {
		select {
		case <-ticks:
			w.tick()
		case <-finished:
			w.mu.Lock()
			w.end = w.read()
			w.mu.Unlock()
			return
		}
	}
}

func (w *observer) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		return
	}
	now, loops := w.run.transport.Now(), w.run.transport.Stats().Loops
	if length := now.Sub(w.lastAt); length > 0 {
		w.seconds++
		for i := range loops {
			if float64(loops[i].Busy-w.last[i].Busy) > results.SaturatedBusy*float64(length) {
				w.full[i]++
			}
		}
	}
	w.last, w.lastAt = loops, now
	wall := time.Now()
	drift := wall.Round(0).Sub(w.start.wall.Round(0)) - wall.Sub(w.start.wall)
	w.step = max(w.step, drift.Abs())
	if s := w.run.recorder.Snapshot(now); w.progress != nil {
		w.progress(w.run.progressOf(s, now))
	}
}

// progressOf says how far the run has come.
func (r *run) progressOf(s record.Snapshot, now timing.Instant) Progress {
	p := Progress{
		Elapsed: max(0, now.Sub(r.slots.origin)), Planned: r.plan.Duration,
		Begun: s.Begun, Accepted: s.Slots[timing.Accepted], Deferred: s.Slots[timing.Deferred],
		Rejected: s.Slots[timing.Rejected], Failed: s.Slots[timing.Failed], Unknown: s.Slots[timing.Unknown],
		Dropped: s.Slots[timing.Dropped], InFlight: s.InFlight, Faults: s.Faults,
		Rate: float64(s.Last.Accepted), P50: s.Last.Response.P50, P99: s.Last.Response.P99,
		Draining: r.loadEnd.Load() != 0, Interrupted: r.slots.stopped.Load(),
	}
	if r.plan.Messages > 0 || !r.slots.closed {
		p.Total = r.slots.total()
	}
	p.Ended = s.Begun - s.InFlight
	p.Intended = r.slots.dueBy(now)
	p.Backlog = max(0, p.Intended-p.Begun-p.Dropped)
	return p
}

// generator is what the load cost mailmill itself.
func (w *observer) generator(begun int64, spin bool) results.Generator {
	from, to := w.start, w.end
	g := results.Generator{
		Transport: w.run.transport.Name(), Spin: spin,
		GCPauses: to.gc.NumGC - from.gc.NumGC, GCPauseTotal: to.gc.PauseTotal - from.gc.PauseTotal,
		CPUUser: to.user - from.user, CPUSystem: to.system - from.system,
	}
	for i := range min(int(g.GCPauses), len(to.gc.Pause)) {
		g.GCPauseMax = max(g.GCPauseMax, to.gc.Pause[i])
	}
	if w.live {
		g.GOMAXPROCS, g.GoVersion = runtime.GOMAXPROCS(0), runtime.Version()
		_, _, g.RSS = usage()
	}
	if begun > 0 {
		g.CPUPerMessage = (g.CPUUser + g.CPUSystem) / time.Duration(begun)
	}
	length := to.at.Sub(from.at)
	for i := range to.loops {
		l := results.Loop{Waits: to.loops[i].Waits - from.loops[i].Waits, Events: to.loops[i].Events - from.loops[i].Events}
		if length > 0 {
			l.BusyRatio = min(1, max(0, float64(to.loops[i].Busy-from.loops[i].Busy)/float64(length)))
		}
		if w.seconds > 0 {
			l.SaturatedRatio = float64(w.full[i]) / float64(w.seconds)
		}
		g.Loops = append(g.Loops, l)
		g.BusyRatio += l.BusyRatio / float64(len(to.loops))
	}
	return g
}

// host is the machine, and what it did to the run.
func (w *observer) host() results.Host {
	if !w.live {
		return results.Host{}
	}
	h := results.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), ClockStep: w.step}
	describeMachine(&h)
	h.Throttled = w.end.strain.throttled - w.start.strain.throttled
	if total := w.end.strain.total - w.start.strain.total; total > 0 {
		h.StealRatio = (w.end.strain.steal - w.start.strain.steal) / total
	}
	return h
}
