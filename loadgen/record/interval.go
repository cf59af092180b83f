package record

import "mailmill/loadgen/timing"

// An interval holds the latencies of the slots accepted in one second.
type interval struct {
	second            int
	response, service Histogram
}

func newInterval(second int) *interval {
	return &interval{second: second, response: Histogram{merged: coarse}, service: Histogram{merged: coarse}}
}

func (i *interval) reset() {
	i.response.reset()
	i.service.reset()
}

// fresh returns an empty interval for a second.
func (s *Shard) fresh(second int) *interval {
	i := s.spare
	if i == nil {
		return newInterval(second)
	}
	s.spare, i.second = nil, second
	return i
}

// interval returns where to record a value of that second. If full is not nil,
// it must be handed in once the lock is released.
func (s *Shard) interval(second int) (i, full *interval) {
	switch {
	case second == s.now.second:
		return s.now, nil
	case second < s.now.second: // a loop was slower than another, or than Flush
		i = s.fresh(second)
		return i, i
	}
	full = s.turn(second)
	return s.now, full
}

// turn makes second the current one and returns the interval that was, or nil if
// it is empty.
func (s *Shard) turn(second int) *interval {
	if s.now.response.count == 0 {
		s.now.second = second
		return nil
	}
	full := s.now
	s.now = s.fresh(second)
	return full
}

// handIn merges an interval into the recorder's, without the shard's lock, and
// keeps its memory for a later one. crowded asks for a flush.
func (s *Shard) handIn(full *interval) (crowded bool) {
	s.r.mu.Lock()
	s.r.take(full)
	crowded = len(s.r.open) > maxOpen
	s.r.mu.Unlock()
	full.reset()
	s.mu.Lock()
	s.spare = full
	s.mu.Unlock()
	return crowded
}

// A second is closed once it has been over for grace seconds: until then, loops
// may still report what ended in it. More than maxOpen open seconds mean that
// nobody calls Flush (nothing forces a simulated run to); then the shards do.
const (
	grace   = 1
	maxOpen = 8
)

// intervals are the latencies of a run by second, of all shards.
type intervals struct {
	closed []latencies // by second
	open   []*interval // the seconds from len(closed) on; nil: nothing accepted in it yet
	spare  []*interval // empty, for seconds to come
	late   int64
}

// latencies are what is kept of a closed second.
type latencies struct{ response, service Summary }

// take merges what a shard hands in into its second, or if that is closed, into
// the first that is open.
func (v *intervals) take(full *interval) {
	at := full.second - len(v.closed)
	if at < 0 {
		v.late += full.response.count
		at = 0
	}
	for len(v.open) <= at {
		v.open = append(v.open, nil)
	}
	if v.open[at] == nil {
		v.open[at] = v.fresh(len(v.closed) + at)
	}
	v.open[at].response.Merge(&full.response)
	v.open[at].service.Merge(&full.service)
}

// at returns the latencies of a second, as far as they are in.
func (v *intervals) at(second int) latencies {
	if 0 <= second && second < len(v.closed) {
		return v.closed[second]
	}
	if i := second - len(v.closed); 0 <= i && i < len(v.open) && v.open[i] != nil {
		return latencies{summarise(&v.open[i].response), summarise(&v.open[i].service)}
	}
	return latencies{}
}

// fresh returns an empty interval for a second.
func (v *intervals) fresh(second int) *interval {
	n := len(v.spare) - 1
	if n < 0 {
		return newInterval(second)
	}
	i := v.spare[n]
	v.spare, i.second = v.spare[:n], second
	return i
}

// close closes the seconds before end and returns those in which a slot was
// accepted.
func (v *intervals) close(end int) (over []*interval) {
	for second := len(v.closed); second < end; second++ {
		v.closed = append(v.closed, v.at(second))
		if len(v.open) == 0 {
			continue
		}
		if v.open[0] != nil {
			over = append(over, v.open[0])
		}
		v.open = v.open[1:]
	}
	return over
}

// reuse takes back what close returned.
func (v *intervals) reuse(over []*interval) {
	for _, i := range over {
		if len(v.spare) < maxOpen {
			i.reset()
			v.spare = append(v.spare, i)
		}
	}
}

func summarise(h *Histogram) Summary {
	return Summary{Count: h.count, P50: h.Quantile(0.5), P90: h.Quantile(0.9), P99: h.Quantile(0.99), Max: h.Max()}
}

// Flush takes in what the shards hold of the seconds before now, and closes the
// seconds that have been over for another one. Called about once a second, it
// keeps that work away from the loops and OnSecond prompt.
func (r *Recorder) Flush(now timing.Instant) {
	r.flush(r.second(now), false)
}

// flush is Flush in the given second; all closes every second there is.
func (r *Recorder) flush(second int, all bool) {
	r.flushing.Lock()
	defer r.flushing.Unlock()
	for _, s := range r.shards {
		s.mu.Lock()
		var full *interval
		if s.now.second < second || all {
			full = s.turn(second)
		}
		s.mu.Unlock()
		if full != nil {
			s.handIn(full)
		}
	}
	r.mu.Lock()
	end := second - grace
	if all {
		end = len(r.closed) + len(r.open)
	}
	over := r.close(end)
	r.mu.Unlock()
	if r.config.OnSecond != nil {
		for _, i := range over {
			r.config.OnSecond(i.second, i.response.HDR(), i.service.HDR())
		}
	}
	r.mu.Lock()
	r.reuse(over)
	r.mu.Unlock()
}
