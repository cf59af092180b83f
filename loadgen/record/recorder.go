package record

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"mailmill/loadgen/timing"
)

// Config says what a Recorder is to expect.
type Config struct {
	// Origin is time 0 of the run, on the clock whose instants the shards are given.
	Origin timing.Instant
	// Window is when the steady part begins and ends, from Origin. A slot belongs to
	// it by its due time. An end of 0 is no end.
	Window [2]time.Duration
	// Classes of traffic, and shards, are at least 1.
	Classes, Shards int
	// KeyCap bounds the distinct reply keys of a shard; 0 is 4096. A server can
	// make up codes without end: the replies beyond the cap are counted with code 0,
	// one key for each class and step.
	KeyCap int
	// OnSecond, if not nil, is given each second in which a slot was accepted, in
	// order, once all of its values are in: their response and service, with two
	// digits. It is called within Flush, Snapshot and Finish, one call at a time, and
	// may keep the histograms.
	OnSecond func(second int, response, service *hdrhistogram.Histogram)
}

// A Recorder gathers what its shards record.
type Recorder struct {
	config Config
	shards []*Shard
	faults atomic.Int64
	begin  timing.Instant // of the window
	end    atomic.Int64   // of the window: an instant

	seen     *Totals    // what SoFar returned last
	flushing sync.Mutex // held by Flush, so that seconds are closed in order; taken first
	mu       sync.Mutex // guards intervals; taken last
	intervals
}

// New returns a Recorder for a run.
func New(c Config) *Recorder {
	c.Classes, c.Shards = max(c.Classes, 1), max(c.Shards, 1)
	if c.KeyCap == 0 {
		c.KeyCap = 4096
	}
	r := &Recorder{config: c, begin: c.Origin.Add(c.Window[0])}
	r.end.Store(int64(timing.Never))
	if c.Window[1] > 0 {
		r.end.Store(int64(c.Origin.Add(c.Window[1])))
	}
	for range c.Shards {
		r.shards = append(r.shards, newShard(r))
	}
	return r
}

// Shard returns shard i, 0 <= i < Config.Shards.
func (r *Recorder) Shard(i int) *Shard { return r.shards[i] }

// InWindow tells whether a slot due then belongs to the steady window.
func (r *Recorder) InWindow(due timing.Instant) bool {
	return due >= r.begin && due < timing.Instant(r.end.Load())
}

// EndWindow ends the window at an instant, if it would have gone on: the load was ended early, and what
// comes after that was in no second of it.
func (r *Recorder) EndWindow(at timing.Instant) {
	for {
		end := r.end.Load()
		if end <= int64(at) || r.end.CompareAndSwap(end, int64(at)) {
			return
		}
	}
}

// Faults returns how many faults there were so far, in all shards.
func (r *Recorder) Faults() int64 { return r.faults.Load() }

// A Snapshot is the state of a run, for a live view.
type Snapshot struct {
	Counts       // of all classes; Begun of all slots begun, ended or not
	InFlight     int64
	SessionsOpen int64
	Faults       int64
	Last         Second // the last whole second; Due of slots ended so far, InFlight and Backlog not filled
}

// Snapshot flushes, and returns the state of the run at now.
func (r *Recorder) Snapshot(now timing.Instant) Snapshot {
	r.Flush(now)
	snapshot := Snapshot{Faults: r.Faults(), Last: Second{Index: r.second(now) - 1}}
	var begun int64
	for _, s := range r.shards {
		s.mu.Lock()
		for i := range s.classes {
			snapshot.Counts.merge(&s.classes[i].Counts)
		}
		begun += s.begun
		snapshot.InFlight += s.begun - s.ended
		if last := snapshot.Last.Index; 0 <= last && last < len(s.seconds) {
			snapshot.Last.add(&s.seconds[last])
		}
		s.mu.Unlock()
	}
	snapshot.Begun = begun
	snapshot.SessionsOpen = snapshot.Sessions - snapshot.SessionsClosed
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.at(snapshot.Last.Index)
	snapshot.Last.Response, snapshot.Last.Service = l.response, l.service
	return snapshot
}
