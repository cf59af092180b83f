package loadgen

import (
	"runtime"
	"runtime/debug"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/results"
)

// A reading is what the process has used up by an instant.
type reading struct {
	at           timing.Instant
	wall         time.Time
	user, system time.Duration
	gc           debug.GCStats
	strain       strain
	loops        []transport.LoopStats
}

// read takes a reading. In virtual time the machine says nothing of the run, and the same run has the
// same document on each: its figures stay out.
func (w *observer) read() reading {
	t := w.run.transport
	if !w.live {
		return reading{at: t.Now(), loops: t.Stats().Loops}
	}
	r := reading{at: t.Now(), wall: time.Now(), strain: measureStrain(), loops: t.Stats().Loops}
	r.user, r.system, _ = usage()
	debug.ReadGCStats(&r.gc)
	return r
}

// generator is what the load cost mailmill itself: CPU time over the whole run, all else in the window.
func (w *observer) generator(begun int64, spin bool) results.Generator {
	from, to := &w.from, &w.to
	g := results.Generator{
		Transport: w.run.transport.Name(), Spin: spin,
		GCPauses: to.gc.NumGC - from.gc.NumGC, GCPauseTotal: to.gc.PauseTotal - from.gc.PauseTotal,
		CPUUser: w.last.user - w.first.user, CPUSystem: w.last.system - w.first.system,
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
	for i := range to.loops {
		l := w.loop(i)
		g.Loops = append(g.Loops, l)
		g.BusyRatio += l.BusyRatio / float64(len(to.loops))
	}
	return g
}

// loop is what one event loop did in the window.
func (w *observer) loop(i int) results.Loop {
	from, to := w.from.loops[i], w.to.loops[i]
	l := results.Loop{Waits: to.Waits - from.Waits, Events: to.Events - from.Events}
	if length := w.to.at.Sub(w.from.at); length > 0 {
		l.BusyRatio = min(1, max(0, float64(to.Busy-from.Busy)/float64(length)))
	}
	if w.seconds > 0 {
		l.SaturatedRatio = float64(w.full[i]) / float64(w.seconds)
	}
	return l
}

// host is the machine, and what it did to the run.
func (w *observer) host() results.Host {
	if !w.live {
		return results.Host{}
	}
	h := results.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), ClockStep: w.step}
	describeMachine(&h)
	from, to := &w.from.strain, &w.to.strain
	h.Throttled = to.throttled - from.throttled
	if total := to.total - from.total; total > 0 {
		h.StealRatio = (to.steal - from.steal) / total
	}
	return h
}
