package record

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"mailmill/loadgen/timing"
)

// accept records an accepted slot that was due and begun together.
func accept(s *Shard, due, ended time.Duration) {
	s.Begin(at(due))
	s.End(SlotEnd{
		Timing:  timing.Slot{Due: at(due), Claimed: at(due), Begun: at(due), Ended: at(ended)},
		Outcome: timing.Accepted, Begun: true,
	})
}

func TestSeconds(t *testing.T) {
	r, s := new1(Config{})
	accept(s, 100*ms, 200*ms)
	accept(s, 900*ms, 2100*ms) // over second 1
	s.Begin(at(1500 * ms))
	s.End(SlotEnd{
		Timing:  timing.Slot{Due: at(1400 * ms), Claimed: at(1500 * ms), Begun: at(1500 * ms), Ended: at(1600 * ms)},
		Outcome: timing.Rejected, Begun: true,
	})
	s.End(SlotEnd{Timing: timing.Slot{Due: at(1700 * ms), Ended: at(2700 * ms)}, Outcome: timing.Dropped})
	s.Begin(at(2200 * ms))
	s.End(SlotEnd{
		Timing:  timing.Slot{Due: at(2200 * ms), Claimed: at(2200 * ms), Begun: at(2200 * ms), Ended: at(9 * time.Second)},
		Outcome: timing.Unfinished, Begun: true,
	})
	s.End(SlotEnd{Timing: timing.Slot{Due: at(2300 * ms), Ended: at(9 * time.Second)}, Outcome: timing.Unfinished})
	one := func(d time.Duration) Summary { return Summary{1, d, d, d, d} }
	due := func(outcomes ...timing.Outcome) (b Books) {
		for _, o := range outcomes {
			b[o]++
		}
		return b
	}
	want := []Second{
		{Index: 0, Due: due(timing.Accepted, timing.Accepted), Begun: 2, Ended: 1, Accepted: 1, InFlight: 1,
			Response: one(100 * ms), Service: one(100 * ms)},
		{Index: 1, Due: due(timing.Rejected, timing.Dropped), Begun: 1, Ended: 1, InFlight: 1, Backlog: 1},
		{Index: 2, Due: due(timing.Unfinished, timing.Unfinished), Begun: 1, Ended: 1, Accepted: 1, Dropped: 1, InFlight: 1, Backlog: 1,
			Response: one(1200 * ms), Service: one(1200 * ms)},
	}
	got := r.Finish().Seconds
	for i := range min(len(got), len(want)) {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("second %d is\n%+v, want\n%+v", i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d seconds, want %d", len(got), len(want))
	}
}

// heard is what OnSecond was told.
type heard struct {
	second          int
	response, count int64 // the longest response in tens of milliseconds, and how many
}

func listen(to *[]heard) func(int, *hdrhistogram.Histogram, *hdrhistogram.Histogram) {
	return func(second int, response, _ *hdrhistogram.Histogram) {
		*to = append(*to, heard{second, response.Max() / int64(10*ms), response.TotalCount()})
	}
}

func TestOnSecond(t *testing.T) {
	var got []heard
	r := New(Config{Origin: origin, Shards: 2, OnSecond: listen(&got)})
	accept(r.Shard(0), 0, 100*ms)
	accept(r.Shard(1), 0, 300*ms)
	r.Flush(at(1100 * ms))
	if len(got) != 0 {
		t.Errorf("a second that is just over was closed: %v", got)
	}
	accept(r.Shard(1), 900*ms, 990*ms) // reported late, and in time
	accept(r.Shard(0), 2*time.Second, 2500*ms)
	r.Flush(at(3 * time.Second))
	want := []heard{{0, 30, 3}} // and nothing of second 1, in which nothing ended
	if !slices.Equal(got, want) {
		t.Errorf("in second 3, heard %v, want %v", got, want)
	}
	r.Finish()
	if want = append(want, heard{2, 50, 1}); !slices.Equal(got, want) {
		t.Errorf("in the end, heard %v, want %v", got, want)
	}
}

func TestSecondsCloseWithoutFlush(t *testing.T) {
	var got []heard
	r, s := new1(Config{OnSecond: listen(&got)})
	const run = 100
	for i := range run {
		d := time.Duration(i) * time.Second
		accept(s, d, d+ms)
		if open := len(r.open); open > maxOpen+1 {
			t.Fatalf("%d seconds are open after %d", open, i)
		}
	}
	f := r.Finish()
	if len(got) != run || !slices.IsSortedFunc(got, func(a, b heard) int { return a.second - b.second }) {
		t.Errorf("heard %v, want %d seconds in order", got, run)
	}
	if len(f.Seconds) != run || f.Late != 0 {
		t.Errorf("%d seconds and %d late, want %d and none", len(f.Seconds), f.Late, run)
	}
}

func TestAnEndReportedAfterItsSecondIsNotLost(t *testing.T) {
	r, s := new1(Config{})
	accept(s, 5*time.Second, 5100*ms)
	r.Flush(at(7 * time.Second))
	accept(s, time.Second, 1200*ms)
	f := r.Finish()
	if len(f.Seconds) != 7 {
		t.Fatalf("%d seconds, want 7", len(f.Seconds))
	}
	if f.Late != 1 || f.Seconds[1].Accepted != 1 || f.Seconds[1].Response.Count != 0 || f.Seconds[6].Response.Max != 200*ms {
		t.Errorf("%d late; second 1 has %+v, second 6 %+v", f.Late, f.Seconds[1], f.Seconds[6])
	}
}

func TestInstantsThatCannotBe(t *testing.T) {
	r, _ := new1(Config{})
	for _, c := range []struct {
		name string
		at   timing.Instant
		want int
	}{
		{"before the run: its first second", 1, 0},
		{"none: its first second", 0, 0},
		{"never: the last second that is kept", timing.Never, maxSeconds - 1},
	} {
		if got := r.second(c.at); got != c.want {
			t.Errorf("%s: second %d, want %d", c.name, got, c.want)
		}
	}
}

func TestSnapshot(t *testing.T) {
	r := New(Config{Origin: origin, Shards: 2})
	for shard := range 2 {
		s := r.Shard(shard)
		accept(s, 100*ms, 200*ms)
		accept(s, 1200*ms, 1300*ms)
		s.Begin(at(1700 * ms))
		s.Fault(FaultKey{Step: timing.Rcpt, Kind: timing.Timeout}, at(1800*ms), "")
	}
	got := r.Snapshot(at(2100 * ms))
	if got.Begun != 6 || got.InFlight != 2 || got.Slots[timing.Accepted] != 4 || got.Faults != 2 {
		t.Errorf("%d begun, %d in flight, %d accepted, %d faults; want 6, 2, 4, 2",
			got.Begun, got.InFlight, got.Slots[timing.Accepted], got.Faults)
	}
	want := Second{Index: 1, Begun: 4, Ended: 2, Accepted: 2}
	want.Due[timing.Accepted] = 2
	want.Response = Summary{2, 100 * ms, 100 * ms, 100 * ms, 100 * ms}
	want.Service = want.Response
	if got.Last != want {
		t.Errorf("the last second was %+v, want %+v", got.Last, want)
	}
	if first := r.Snapshot(at(0)); first.Last.Index != -1 || first.Last.Begun != 0 {
		t.Errorf("before time 1 s there is no last second, got %+v", first.Last)
	}
}
