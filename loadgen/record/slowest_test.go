package record

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"mailmill/loadgen/timing"
)

// TestSlowestAreNamed: of a thousand slots on two shards, the five of the longest service, of equals the earlier,
// whatever the order; refused ones and those outside the window are not among them.
func TestSlowestAreNamed(t *testing.T) {
	r := New(Config{Origin: 1, Window: [2]time.Duration{0, time.Hour}, Classes: 1, Shards: 2})
	slots := rand.New(rand.NewPCG(1, 2)).Perm(1000)
	for i, n := range slots {
		due := timing.Instant(1).Add(time.Duration(n) * time.Millisecond)
		e := SlotEnd{Slot: int64(n), Begun: true, Outcome: timing.Accepted,
			Timing: timing.Slot{Due: due, Claimed: due, Begun: due.Add(time.Millisecond), Ended: due.Add(time.Millisecond + time.Duration(n/2)*time.Microsecond)}}
		switch n {
		case 999: // one of the slowest two
			e.Outcome = timing.Rejected
		case 997:
			e.Timing.Due = timing.Instant(1).Add(2 * time.Hour)
			e.Timing.Begun, e.Timing.Ended = e.Timing.Due, e.Timing.Due.Add(time.Minute)
		}
		r.Shard(i % 2).End(e)
	}
	var got []int64
	for _, s := range r.Finish().Slowest {
		got = append(got, s.Slot)
		if want := time.Duration(s.Slot/2) * time.Microsecond; s.Service != want || s.Response != want+time.Millisecond {
			t.Errorf("slot %d has service %v and response %v, want %v and a millisecond more", s.Slot, s.Service, s.Response, want)
		}
	}
	if want := []int64{998, 996, 994, 995, 992}; !slices.Equal(got, want) {
		t.Errorf("the slowest are %v, want %v", got, want)
	}
}
