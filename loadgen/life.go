package loadgen

import (
	"sync"
	"sync/atomic"
	"time"

	"mailmill/loadgen/misbehave"
	"mailmill/loadgen/record"
	"mailmill/loadgen/session"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

const (
	// grace is how long messages under way may take to end after Ctrl-C.
	grace = 5 * time.Second
	// lead lies between the hiring of the workers and time 0, so that all of them are ready by then.
	lead = 10 * time.Millisecond
	// leadPerWorker is what starting one worker may cost.
	leadPerWorker = 2 * time.Microsecond
)

// A run is one run of a plan, while it lives: its slots, its workers, and how far it has come.
type run struct {
	plan      profiles.Plan
	transport transport.Transport
	classes   []class
	servers   []session.Server // with the addresses that preflights came through at
	firsts    [][]int          // of each server, where in its addresses those from each source address begin
	crew      int64            // workers of the whole run
	slots     *slots
	door      door
	patience  patience
	length    time.Duration // of the load as planned; 0 is not known
	recorder  *record.Recorder
	pools     []*pool
	director  *director
	tapes     *tapes // nil unless sessions are written out
	crowd     *misbehave.Crowd
	idlers    *idlers // nil unless there are idle sessions
	evidence  evidence
	startAt   time.Time    // when time 0 is to be; zero: as soon as all is ready
	tooLate   bool         // for that
	aside     func(func()) // does work beside the loops; nil: at once

	cut    atomic.Bool // the drain is over: whatever is under way is unfinished
	faults atomic.Int64
	gone   atomic.Int64 // workers that have left
	staff  int64

	loadEnd atomic.Int64   // the instant at which the load ended; 0 before that
	drained timing.Instant // when the last worker had left, or was cut off

	mu      sync.Mutex
	workers []*worker
	end     string // why the load ended, as the verdict has it
}

// workersNeeded is how many workers the whole run has.
func (r *run) workersNeeded() int64 {
	workers := int64(r.plan.Concurrency)
	if r.plan.Messages > 0 {
		workers = min(workers, r.plan.Messages) // more would only stand about
	}
	return workers
}

// lead is how long before time 0 the workers are to be hired: in every process of the run as long.
func (r *run) lead() time.Duration { return lead + time.Duration(r.workersNeeded())*leadPerWorker }

// hire starts the workers, spread over the loops. Time 0 lies a little ahead of that.
func (r *run) hire(origin timing.Instant, wall time.Time) {
	share := r.slots.share
	r.crew = r.workersNeeded()
	n := int(share.Count(r.crew))
	servers := make([]session.Server, len(r.servers))
	r.firsts = make([][]int, len(servers))
	for i, s := range r.servers {
		s.Endpoints = withSources(s.Endpoints, r.plan.LocalAddrs)
		servers[i], r.firsts[i] = s, beginnings(s.Endpoints)
	}
	r.length = r.slots.length(r.plan.Length())
	r.slots.begin(origin, r.length, wall)
	r.door.setRate(r.plan.OpenRate / float64(max(1, share.N)))
	r.patience = patience(r.plan.MaxLateness)
	loops := r.transport.Loops()
	r.evidence.begin(origin, r.slots.wall)
	r.recorder = record.New(record.Config{Origin: origin, Window: [2]time.Duration{r.plan.WarmUp, r.length}, Classes: len(r.classes), Shards: loops,
		OnSecond: r.evidence.onSecond()})
	for i := range loops {
		p := &pool{run: r, loop: i, shard: r.recorder.Shard(i), rows: r.evidence.batch()}
		p.session = session.Loop{Shard: p.shard, Servers: servers, Aside: r.aside}
		r.pools = append(r.pools, p)
	}
	r.staff = int64(n)
	for i := range n {
		p := r.pools[i%loops]
		w := &worker{pool: p, number: int(share.Slot(int64(i)))}
		w.session.Loop = &p.session
		r.transport.Start(i%loops, r.tapes.record(w))
	}
	r.gather(servers)
	r.hold(servers, origin.Add(-r.lead()))
}

// hired notes a worker that can be woken.
func (r *run) hired(w *worker) {
	r.mu.Lock()
	r.workers = append(r.workers, w)
	r.mu.Unlock()
}

// left notes that a worker is done. The last one ends the run.
func (r *run) left() {
	if r.gone.Add(1) == r.staff {
		r.director.wake()
	}
}

// faulted counts a slot that a fault ended, and stops a run that only fails.
func (r *run) faulted() {
	if limit := r.plan.MaxFaults; limit > 0 && r.faults.Add(1) >= limit {
		r.stop(results.EndFaults)
	}
}

// stop ends the load: no slot is begun any more, and messages under way get a while to end.
//
// The end is read after the flag is set. So a slot that a worker began without seeing the flag was
// due before the end, and what the run intended follows from the schedule and that instant alone.
func (r *run) stop(end string) {
	r.mu.Lock()
	if r.end == "" {
		r.end = end
	}
	r.mu.Unlock()
	r.slots.stopped.Store(true)
	r.endLoad(r.transport.Now())
	r.director.wake()
}

// endLoad fixes the end of the load, unless it is over already.
func (r *run) endLoad(at timing.Instant) { r.loadEnd.CompareAndSwap(0, int64(at)) }

// lastEnded is the instant at which the last slot ended, once every worker has left; 0 if none did.
func (r *run) lastEnded() (last timing.Instant) {
	for _, p := range r.pools {
		p.mu.Lock()
		last = max(last, p.last)
		p.mu.Unlock()
	}
	return last
}

// wakeAll lets every worker look at what has changed.
func (r *run) wakeAll() {
	r.mu.Lock()
	workers := r.workers
	r.mu.Unlock()
	for _, w := range workers {
		w.waker.Wake()
	}
}
