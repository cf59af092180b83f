package loadgen

import (
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/results"
)

const (
	// lookInterval is how often a run under way is looked at, if nobody wants to know its progress more often.
	lookInterval = time.Second
	// settling is how long after a second a run is looked at: what ended in it is in the books by then.
	settling = 20 * time.Millisecond
)

// An observer watches the generator itself during a run: its loops, its collector, its CPU time, the
// host's clock. It also tells of the run's progress, and has the sentry look at it.
//
// By the wall clock it has a goroutine of its own, away from the loops. In virtual time the director
// calls it: there is nothing to watch of the machine.
type observer struct {
	run      *run
	sentry   *sentry
	progress func(Progress)
	every    time.Duration
	settling time.Duration
	live     bool // false in virtual time

	known    chan struct{} // closed when time 0 is
	first    reading       // at time 0
	from, to reading       // at the ends of the window
	last     reading       // when the run was over

	second  int            // looked at last
	shown   int64          // how often every has passed at the last progress
	steady  bool           // from was taken
	over    bool           // to was taken
	step    time.Duration  // largest jump of the wall clock
	since   timing.Instant // of the loops' figures, busy, and of the CPU time that the process had used
	busy    []transport.LoopStats
	used    time.Duration
	seconds int
	full    []int // seconds in which each loop was saturated
}

func newObserver(r *run, o Options) *observer {
	w := &observer{run: r, sentry: newSentry(r), progress: o.Progress, every: lookInterval, live: o.Transport == nil, known: make(chan struct{})}
	if o.Progress != nil && o.ProgressEvery > 0 {
		w.every = o.ProgressEvery
	}
	if w.live {
		w.settling = settling
	}
	return w
}

// begin is called when time 0 is known.
func (w *observer) begin(timing.Instant) {
	w.first = w.read()
	w.second = -1
	w.full = make([]int, len(w.first.loops))
	close(w.known)
}

// idle tells that nobody wants a run in virtual time to be looked at.
func (w *observer) idle() bool { return w.progress == nil && w.sentry == nil }

// watch looks at the run until it has finished.
func (w *observer) watch(finished <-chan struct{}) {
	defer w.finish()
	looks := make(<-chan time.Time)
	timer := time.NewTimer(0)
	defer timer.Stop()
	select {
	case <-w.known:
	case <-finished:
		return
	}
	if w.live {
		looks = timer.C
	}
	for {
		select {
		case <-looks:
			now := w.run.transport.Now()
			w.look(now)
			timer.Reset(w.next(now).Sub(now))
		case <-finished:
			return
		}
	}
}

// next is when to look again: some time after time 0 has come round, at the ends of the window to the point.
func (w *observer) next(now timing.Instant) timing.Instant {
	r := w.run
	next := r.slots.origin.Add(w.settling + time.Duration(w.passed(now)+1)*w.every)
	for _, edge := range []timing.Instant{r.slots.origin.Add(r.plan.WarmUp), r.slots.end} {
		if edge > now {
			next = min(next, edge)
		}
	}
	return next
}

// passed is how often every has passed.
func (w *observer) passed(now timing.Instant) int64 {
	return int64(max(0, w.run.since(now)-w.settling) / w.every)
}

// look looks at the run at an instant.
func (w *observer) look(now timing.Instant) {
	w.bound(now)
	at := w.run.since(now)
	if second := int(at / time.Second); at >= 0 && second > w.second {
		w.second = second
		if w.live {
			w.saturation(now)
			w.clock()
		}
		if w.sentry != nil && second > 0 {
			w.sentry.look(now)
		}
	}
	if passed := w.passed(now); w.progress != nil && passed > w.shown {
		w.shown = passed
		w.progress(w.run.progressOf(w.run.recorder.Snapshot(now), now))
	}
}

// bound takes the readings at the ends of the window.
func (w *observer) bound(now timing.Instant) {
	r := w.run
	if !w.steady && r.since(now) >= r.plan.WarmUp {
		w.steady, w.from = true, w.read()
		w.since, w.busy, w.used = now, w.from.loops, w.from.user+w.from.system
	}
	if w.steady && !w.over && (now >= r.slots.end || r.loadEnd.Load() != 0) {
		w.over, w.to = true, w.read()
	}
}

// saturation counts the seconds of the window in which a loop had no time left. A loop that others keep off the
// processor is not waiting, and so looks busy; but then the process has used less CPU time than its loops
// were busy.
func (w *observer) saturation(now timing.Instant) {
	length := now.Sub(w.since)
	if !w.steady || w.over || length < lookInterval/2 {
		return
	}
	loops := w.run.transport.Stats().Loops
	user, system, _ := usage()
	var all time.Duration
	for i := range loops {
		all += loops[i].Busy - w.busy[i].Busy
	}
	work := 1.0
	if user+system > 0 { // the system tells
		work = min(1, float64(user+system-w.used)/float64(max(1, all)))
	}
	w.seconds++
	for i := range loops {
		if work*float64(loops[i].Busy-w.busy[i].Busy) > results.SaturatedBusy*float64(length) {
			w.full[i]++
		}
	}
	w.since, w.busy, w.used = now, loops, user+system
}

// clock notes how far the wall clock has moved against the monotonic one.
func (w *observer) clock() {
	now := time.Now()
	drift := now.Round(0).Sub(w.first.wall.Round(0)) - now.Sub(w.first.wall)
	w.step = max(w.step, drift.Abs())
}

// finish takes what readings are missing: an end of the window may never have come.
func (w *observer) finish() {
	w.last = w.read()
	if !w.steady {
		w.from = w.last
	}
	if !w.over {
		w.to = w.last
	}
}
