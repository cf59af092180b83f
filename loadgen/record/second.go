package record

import (
	"time"

	"mailmill/loadgen/timing"
)

// A Summary is what is kept of a second's latencies.
type Summary struct {
	Count              int64
	P50, P90, P99, Max time.Duration
}

// A Second is one second of the run, the first from Config.Origin on.
type Second struct {
	Index int
	// Due counts the slots that were due in this second by how they ended, whenever
	// that was.
	Due Books
	// Begun, Ended, Accepted and Dropped count what happened in this second: slots
	// begun, begun slots ended, those of them accepted, slots given up unbegun.
	Begun, Ended, Accepted, Dropped int64
	// InFlight counts slots begun and not ended when the second was over; Backlog
	// slots due and neither begun nor dropped.
	InFlight, Backlog int64
	// Response and Service are of the slots accepted in this second.
	Response, Service Summary
}

// tally is the countable part of a second in a shard.
type tally struct {
	due                             [timing.NumOutcomes]uint32
	begun, ended, accepted, dropped uint32
}

// add adds a shard's tally.
func (s *Second) add(t *tally) {
	for o, n := range t.due {
		s.Due[o] += int64(n)
	}
	s.Begun += int64(t.begun)
	s.Ended += int64(t.ended)
	s.Accepted += int64(t.accepted)
	s.Dropped += int64(t.dropped)
}

// maxSeconds bounds the memory that a wrong instant can ask for: what lies after
// the first twelve days is counted in their last second.
const maxSeconds = 1 << 20

// second returns the index of the second in which an instant lies. What lies
// before Origin is counted in the first.
func (r *Recorder) second(at timing.Instant) int {
	d := at.Sub(r.config.Origin)
	return min(int(max(d, 0)/time.Second), maxSeconds-1)
}

// tally returns the tally of second i.
func (s *Shard) tally(i int) *tally {
	if i >= len(s.seconds) {
		s.seconds = append(s.seconds, make([]tally, i+1-len(s.seconds))...)
	}
	return &s.seconds[i]
}
