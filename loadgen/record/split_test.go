package record

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"

	"mailmill/loadgen/timing"
)

// A deed is one call on a shard, at its instant.
type deed struct {
	at timing.Instant
	do func(*Shard)
}

// slotDeeds draws what a shard is told in the course of one slot.
func slotDeeds(t *rapid.T) []deed {
	span := func(name string, most time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, name))
	}
	var e SlotEnd
	e.Class = rapid.Uint8Range(0, 1).Draw(t, "class")
	e.Outcome = timing.Outcome(rapid.IntRange(int(timing.Accepted), int(timing.NumOutcomes)-1).Draw(t, "outcome"))
	e.Begun = e.Outcome != timing.Dropped
	e.RecipientsAccepted, e.Octets = 1, 10
	e.Timing.Due = at(span("due", 20*time.Second))
	e.Timing.Claimed = e.Timing.Due.Add(span("queue", time.Second))
	e.Timing.Begun = e.Timing.Claimed.Add(span("pacer", ms))
	e.Timing.Ended = e.Timing.Begun.Add(span("service", 5*time.Second))
	if !e.Begun {
		e.Timing.Begun = 0
	}
	ended := func(s *Shard) { s.End(e) }
	if !e.Begun {
		return []deed{{e.Timing.Ended, ended}}
	}
	code := rapid.SampledFrom([]uint16{250, 450, 550}).Draw(t, "code")
	step := timing.Span{Step: timing.Rcpt, Begin: e.Timing.Begun, End: e.Timing.Begun + 5}
	return []deed{
		{e.Timing.Begun, func(s *Shard) { s.Begin(e.Timing.Begun); s.SessionOpened(e.Class); s.Sent(e.Class, timing.Rcpt) }},
		{step.End, func(s *Shard) {
			s.Reply(ReplyKey{Class: e.Class, Step: timing.Rcpt, Code: code}, step, time.Duration(code), s.r.InWindow(e.Timing.Due), fmt.Append(nil, code, step.End))
		}},
		{step.End + 1, func(s *Shard) {
			s.Step(e.Class, timing.Span{Step: timing.Connect, Begin: 1, End: 9}, true)
			s.Opening(e.Class, 7, true)
			s.Fault(FaultKey{e.Class, timing.Data, timing.Timeout}, step.End+1, fmt.Sprint(step.End))
			s.SessionClosed(e.Class, code == 450, 5, 6)
		}},
		{e.Timing.Ended, ended},
	}
}

// told is one call of OnSecond.
type told struct {
	second            int
	response, service *hdrhistogram.Histogram
}

func (a told) equal(b told) bool {
	return a.second == b.second && a.response.Equals(b.response) && a.service.Equals(b.service)
}

// play gives the deeds to shards. Now and then it flushes.
func play(t *rapid.T, deeds []deed, shards int, flush bool) (*Totals, []told) {
	var seconds []told
	r := New(Config{
		Origin: origin, Shards: shards, Classes: 2, Window: [2]time.Duration{2 * time.Second, 15 * time.Second},
		OnSecond: func(second int, response, service *hdrhistogram.Histogram) {
			seconds = append(seconds, told{second, response, service})
		},
	})
	for _, d := range deeds {
		d.do(r.Shard(rapid.IntRange(0, shards-1).Draw(t, "shard")))
		if flush && rapid.IntRange(0, 3).Draw(t, "flush") == 0 {
			r.Snapshot(d.at)
		}
	}
	return r.Finish(), seconds
}

// However the same calls are spread over shards, and whenever somebody looks, the
// totals and the seconds are the same.
func TestAnySplitOverShardsGivesTheSameTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var deeds []deed
		for range rapid.IntRange(0, 20).Draw(t, "slots") {
			deeds = append(deeds, slotDeeds(t)...)
		}
		slices.SortStableFunc(deeds, func(a, b deed) int { return cmp.Compare(a.at, b.at) })
		whole, wholeSeconds := play(t, deeds, 1, false)
		split, splitSeconds := play(t, deeds, rapid.IntRange(1, 4).Draw(t, "shards"), true)
		if !reflect.DeepEqual(whole, split) {
			t.Fatalf("in one shard\n%+v\nsplit\n%+v", whole, split)
		}
		if !slices.EqualFunc(wholeSeconds, splitSeconds, told.equal) {
			t.Fatal("OnSecond heard different histograms")
		}
		holdBooks(t, whole)
	})
}

// holdBooks holds totals against themselves.
func holdBooks(t *rapid.T, totals *Totals) {
	var due Books
	var begun, ended, accepted, inIntervals int64
	for _, s := range totals.Seconds {
		due.merge(&s.Due)
		begun, ended, accepted, inIntervals = begun+s.Begun, ended+s.Ended, accepted+s.Accepted, inIntervals+s.Response.Count
		if s.Backlog < 0 || s.InFlight < 0 {
			t.Fatalf("second %d: backlog %d, in flight %d", s.Index, s.Backlog, s.InFlight)
		}
	}
	if due != totals.Slots || begun != totals.Begun || accepted != totals.Slots[timing.Accepted] || inIntervals != accepted || totals.Late != 0 {
		t.Fatalf("the seconds have %v due, %d begun, %d accepted, %d timed; the books %v, %d begun", due, begun, accepted, inIntervals, totals.Slots, totals.Begun)
	}
	if n := len(totals.Seconds); n > 0 {
		if last := totals.Seconds[n-1]; last.InFlight != totals.Slots[timing.Unfinished] || last.Backlog != 0 {
			t.Fatalf("in the end %d in flight and %d waiting, with %v", last.InFlight, last.Backlog, totals.Slots)
		}
	}
	w := totals.SlotsInWindow
	if n := totals.Response.Count() + totals.Refused.Count(); n != w.Intended() {
		t.Fatalf("%d of %d slots of the window were timed", n, w.Intended())
	}
	if l, s, r := totals.Lateness.Mean(), totals.Service.Known.Mean(), totals.Response.Known.Mean(); l+s-r < -1 || l+s-r > 1 {
		t.Fatalf("lateness %v + service %v is not response %v", l, s, r)
	}
}
