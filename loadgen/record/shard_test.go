package record

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/timing"
)

const (
	ms     = time.Millisecond
	origin = timing.Instant(77) // of the transport's clock; arbitrary
)

// at returns the instant d after time 0 of the run.
func at(d time.Duration) timing.Instant { return origin.Add(d) }

// new1 returns a recorder with one shard and its shard.
func new1(c Config) (*Recorder, *Shard) {
	c.Origin = origin
	r := New(c)
	return r, r.Shard(0)
}

func TestReplyCounts(t *testing.T) {
	r, s := new1(Config{Classes: 2})
	ok := ReplyKey{Class: 1, Step: timing.Rcpt, Code: 250, Enhanced: 2<<20 | 1<<10 | 5}
	grey := ReplyKey{Class: 1, Step: timing.Rcpt, Code: 450, Enhanced: 4<<20 | 7<<10 | 1}
	text := []byte("Ok")
	for i := range 3 {
		end := at(time.Duration(i+1) * ms)
		s.Reply(ok, timing.Span{Step: timing.Rcpt, Begin: end - 500, End: end}, 0, true, text)
		copy(text, "??") // the text was lent: the example must be a copy of it
	}
	s.Reply(grey, timing.Span{Step: timing.Rcpt, Begin: at(0), End: at(4 * ms)}, 0, false, []byte("Greylisted"))
	totals := r.Finish()
	want := []ReplyCount{
		{ok, Seen{3, at(ms), at(3 * ms), "Ok"}},
		{grey, Seen{1, at(4 * ms), at(4 * ms), "Greylisted"}},
	}
	if !reflect.DeepEqual(totals.Replies, want) {
		t.Errorf("replies are %+v, want %+v", totals.Replies, want)
	}
	for name, h := range map[string]*Histogram{"class 1": &totals.Classes[1].Steps[timing.Rcpt], "all": &totals.Steps[timing.Rcpt]} {
		if h.Count() != 3 || h.Max() != 500 {
			t.Errorf("%s: %d replies in the window up to %v, want 3 up to 500ns", name, h.Count(), h.Max())
		}
	}
	if n := totals.Classes[0].Steps[timing.Rcpt].Count(); n != 0 {
		t.Errorf("class 0 has %d times of class 1", n)
	}
}

func TestReplyKeysBeyondTheCap(t *testing.T) {
	r, s := new1(Config{KeyCap: 10})
	for range 2 {
		for code := range uint16(100) {
			s.Reply(ReplyKey{Step: timing.Rcpt, Code: 500 + code}, timing.Span{End: at(ms)}, 0, false, nil)
			s.Reply(ReplyKey{Step: timing.Mail, Code: 250}, timing.Span{End: at(ms)}, 0, false, nil)
		}
	}
	counts := map[ReplyKey]int64{}
	for _, c := range r.Finish().Replies {
		counts[c.ReplyKey] = c.Count
	}
	if len(counts) != 11 {
		t.Errorf("%d keys are kept, want the cap of 10 and the one for the rest", len(counts))
	}
	if n := counts[ReplyKey{Step: timing.Rcpt}]; n != 2*91 {
		t.Errorf("the rest is %d replies, want 182", n)
	}
	if n := counts[ReplyKey{Step: timing.Mail, Code: 250}]; n != 200 {
		t.Errorf("a key from before the cap was met has %d replies, want 200", n)
	}
}

func TestFaultCounts(t *testing.T) {
	r, s := new1(Config{})
	k := FaultKey{Step: timing.Data, Kind: timing.Reset}
	s.Fault(k, at(2*ms), "read: connection reset by peer")
	s.Fault(k, at(5*ms), "write: connection reset by peer")
	s.Fault(FaultKey{Step: timing.Connect, Kind: timing.Refused}, at(ms), strings.Repeat("x", 1000))
	if r.Faults() != 3 {
		t.Errorf("%d faults so far, want 3", r.Faults())
	}
	want := []FaultCount{
		{FaultKey{Step: timing.Connect, Kind: timing.Refused}, Seen{1, at(ms), at(ms), strings.Repeat("x", 200)}},
		{k, Seen{2, at(2 * ms), at(5 * ms), "read: connection reset by peer"}},
	}
	if got := r.Finish().Faults; !reflect.DeepEqual(got, want) {
		t.Errorf("faults are %+v, want %+v", got, want)
	}
}

func TestTimesOutsideTheWindowAreNotRecorded(t *testing.T) {
	r, s := new1(Config{})
	span := timing.Span{Step: timing.Content, Begin: at(0), End: at(ms)}
	for _, inWindow := range []bool{true, false} {
		s.Step(0, span, inWindow)
		s.Opening(0, ms, inWindow)
		s.Reply(ReplyKey{Step: timing.Accept, Code: 250}, span, 3, inWindow, nil)
	}
	totals := r.Finish()
	for name, h := range map[string]*Histogram{
		"content": &totals.Steps[timing.Content], "accept": &totals.Steps[timing.Accept],
		"opening": &totals.Opening,
	} {
		if h.Count() != 1 {
			t.Errorf("%s has %d times, want 1", name, h.Count())
		}
	}
}

func TestSessionCounts(t *testing.T) {
	r, s := new1(Config{})
	s.SessionOpened(0)
	s.SessionOpened(0)
	s.SessionOpened(0)
	s.Handshake(0, Handshake{})
	s.Sent(0, timing.Mail, timing.Rcpt, timing.Rcpt, timing.Data)
	s.SessionClosed(0, false, 100, 30)
	s.SessionClosed(0, true, 7, 8)
	if open := r.Snapshot(at(0)).SessionsOpen; open != 1 {
		t.Errorf("%d sessions are open, want 1", open)
	}
	want := Counts{Sessions: 3, SessionsClosed: 2, ClosedEarly: 1, Handshakes: 1, OctetsSent: 107, OctetsReceived: 38}
	want.Commands[timing.Mail], want.Commands[timing.Rcpt], want.Commands[timing.Data] = 1, 2, 1
	if got := r.Finish().Counts; got != want {
		t.Errorf("counts are %+v, want %+v", got, want)
	}
}

func TestWindow(t *testing.T) {
	for _, c := range []struct {
		name   string
		window [2]time.Duration
		due    time.Duration
		want   bool
	}{
		{"all of a run without a window", [2]time.Duration{}, time.Hour, true},
		{"during warm-up", [2]time.Duration{5 * ms, 0}, 5*ms - 1, false},
		{"at the end of warm-up", [2]time.Duration{5 * ms, 0}, 5 * ms, true},
		{"just before the end", [2]time.Duration{5 * ms, 9 * ms}, 9*ms - 1, true},
		{"at the end", [2]time.Duration{5 * ms, 9 * ms}, 9 * ms, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := new1(Config{Window: c.window})
			if got := r.InWindow(at(c.due)); got != c.want {
				t.Errorf("in the window: %v, want %v", got, c.want)
			}
		})
	}
}

func TestShardsAreSharedSafely(t *testing.T) {
	const writers, each = 4, 2000
	r, s := new1(Config{})
	done := make(chan struct{})
	for w := range writers {
		go func() {
			defer func() { done <- struct{}{} }()
			for i := range each {
				now := at(time.Duration(i) * 5 * ms)
				s.Begin(now)
				s.Reply(ReplyKey{Step: timing.Rcpt, Code: uint16(i % 7)}, timing.Span{Begin: now, End: now + 9}, 0, true, strconv.AppendInt(nil, int64(w), 10))
				s.End(SlotEnd{Timing: timing.Slot{Due: now, Claimed: now, Begun: now, Ended: now + 9}, Outcome: timing.Accepted, Begun: true})
				if i%100 == 0 {
					r.Snapshot(now)
				}
			}
		}()
	}
	for range writers {
		<-done
	}
	totals := r.Finish()
	var inSeconds int64
	for _, second := range totals.Seconds {
		inSeconds += second.Response.Count
	}
	if n := totals.Slots[timing.Accepted]; n != writers*each || inSeconds != n || totals.Steps[timing.Rcpt].Count() != n {
		t.Errorf("%d slots, %d by second, %d replies; want %d of each", n, inSeconds, totals.Steps[timing.Rcpt].Count(), writers*each)
	}
}
