package record

import (
	"testing"
	"time"

	"mailmill/loadgen/timing"
)

// A slot due at 10 ms, claimed at 12 ms, begun at 15 ms and ended at 40 ms.
var example = timing.Slot{Due: at(10 * ms), Claimed: at(12 * ms), Begun: at(15 * ms), Ended: at(40 * ms)}

func TestWhereASlotIsTimed(t *testing.T) {
	type where struct {
		response, service, lateness, queue, pacer, refused time.Duration // 0: not recorded
		responseFloor, serviceFloor                        time.Duration // 0: not censored
	}
	all := where{queue: 2 * ms, pacer: 3 * ms} // of every slot that was begun
	dropped := where{responseFloor: 30 * ms, queue: 2 * ms, pacer: 28 * ms}
	accepted, refused, lost := all, all, all
	accepted.response, accepted.service, accepted.lateness = 30*ms, 25*ms, 5*ms
	refused.refused = 30 * ms
	lost.responseFloor, lost.serviceFloor = 30*ms, 25*ms
	for _, c := range []struct {
		name    string
		outcome timing.Outcome
		begun   bool
		want    where
	}{
		{"accepted in all but refused", timing.Accepted, true, accepted},
		{"deferred only as refused", timing.Deferred, true, refused},
		{"rejected only as refused", timing.Rejected, true, refused},
		{"failed as slower than all", timing.Failed, true, lost},
		{"unknown as slower than all", timing.Unknown, true, lost},
		{"unfinished as slower than all", timing.Unfinished, true, lost},
		{"unfinished and never begun: nothing is known of its service", timing.Unfinished, false, where{responseFloor: 30 * ms}},
		{"dropped: what it waited is known, and nothing of its service", timing.Dropped, false, dropped},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, s := new1(Config{})
			s.End(SlotEnd{Timing: example, Outcome: c.outcome, Begun: c.begun})
			f := r.Finish()
			got := where{
				f.Response.Known.Max(), f.Service.Known.Max(), f.Lateness.Max(), f.Queue.Max(), f.Pacer.Max(), f.Refused.Max(),
				f.Response.Censored.Min(), f.Service.Censored.Min(),
			}
			if got != c.want {
				t.Errorf("times are %+v, want %+v", got, c.want)
			}
			if f.Response.Censored.Count()+f.Response.Known.Count()+f.Refused.Count() != 1 {
				t.Errorf("the slot is in response %d times, censored %d times, in refused %d times, want one of them once",
					f.Response.Known.Count(), f.Response.Censored.Count(), f.Refused.Count())
			}
			if f.Slots[c.outcome] != 1 || f.Slots.Intended() != 1 {
				t.Errorf("books are %v", f.Slots)
			}
		})
	}
}

// A server that does 640 of 1000 slots a second would read 1000/s, had the ends
// of the drain been counted by due time.
func TestEndsInTheWindowAreCountedByTheirEnd(t *testing.T) {
	r, s := new1(Config{Window: [2]time.Duration{100 * ms, 200 * ms}})
	slot := func(due, begun, ended time.Duration) {
		s.End(SlotEnd{
			Timing:  timing.Slot{Due: at(due), Claimed: at(due), Begun: at(begun), Ended: at(ended)},
			Outcome: timing.Accepted, Begun: true,
		})
	}
	slot(90*ms, 99*ms, 101*ms)   // due and begun in warm-up, ended in the window
	slot(110*ms, 110*ms, 120*ms) // all in the window
	slot(190*ms, 195*ms, 205*ms) // ended in the drain
	slot(195*ms, 200*ms, 210*ms) // begun and ended in the drain
	f := r.Finish()
	if f.Slots[timing.Accepted] != 4 || f.SlotsInWindow[timing.Accepted] != 3 || f.EndsInWindow[timing.Accepted] != 2 {
		t.Errorf("%d accepted, %d due in the window, %d ended in it; want 4, 3, 2",
			f.Slots[timing.Accepted], f.SlotsInWindow[timing.Accepted], f.EndsInWindow[timing.Accepted])
	}
	if f.Begun != 4 || f.BegunInWindow != 2 {
		t.Errorf("%d begun, %d in the window; want 4, 2", f.Begun, f.BegunInWindow)
	}
	if n := f.Response.Known.Count(); n != 3 {
		t.Errorf("%d responses, want those of the 3 slots due in the window", n)
	}
}

func TestASlotThatNoWorkerClaimedWaitedForNobodyKnows(t *testing.T) {
	r, s := new1(Config{})
	s.End(SlotEnd{Timing: timing.Slot{Due: at(ms), Ended: at(9 * ms)}, Outcome: timing.Dropped})
	if f := r.Finish(); f.Queue.Count() != 0 || f.Pacer.Count() != 0 || f.Slots[timing.Dropped] != 1 {
		t.Errorf("%d in queue, %d in pacer, books %v", f.Queue.Count(), f.Pacer.Count(), f.Slots)
	}
}

// A load that was ended early has its window ended with it: else what ends in the drain would be
// counted into fewer seconds.
func TestAWindowCanEndEarly(t *testing.T) {
	r, s := new1(Config{Window: [2]time.Duration{0, time.Second}})
	end := func(due, ended time.Duration) {
		s.End(SlotEnd{Timing: timing.Slot{Due: at(due), Claimed: at(due), Begun: at(due), Ended: at(ended)}, Outcome: timing.Accepted, Begun: true})
	}
	end(10*ms, 20*ms)
	r.EndWindow(at(50 * ms))
	r.EndWindow(at(70 * ms)) // it has ended already
	end(30*ms, 60*ms)
	if f := r.Finish(); f.EndsInWindow[timing.Accepted] != 1 || f.SlotsInWindow[timing.Accepted] != 2 || f.Slots[timing.Accepted] != 2 {
		t.Errorf("%d ended in the window, %d were due in it, of %d", f.EndsInWindow[timing.Accepted], f.SlotsInWindow[timing.Accepted], f.Slots[timing.Accepted])
	}
}

// A look at a run under way changes nothing in it.
func TestTotalsSoFar(t *testing.T) {
	r, s := new1(Config{})
	s.Begin(at(15 * ms))
	s.End(SlotEnd{Timing: example, Outcome: timing.Accepted, Begun: true})
	s.Begin(at(20 * ms))
	for range 2 {
		so := r.SoFar(at(50 * ms))
		if so.Slots[timing.Accepted] != 1 || so.Response.Known.Count() != 1 || len(so.Seconds) != 1 {
			t.Errorf("so far %v, %d responses, %d seconds", so.Slots, so.Response.Known.Count(), len(so.Seconds))
		}
	}
	s.End(SlotEnd{Timing: example, Outcome: timing.Deferred, Begun: true})
	if f := r.Finish(); f.Slots.Intended() != 2 || f.Seconds[0].Response.Count != 1 {
		t.Errorf("in the end %v, %d responses in the first second", f.Slots, f.Seconds[0].Response.Count)
	}
}

func TestUnfinishedSlotsEndInNoWindow(t *testing.T) {
	r, s := new1(Config{})
	s.End(SlotEnd{Timing: example, Outcome: timing.Unfinished, Begun: true})
	if f := r.Finish(); f.EndsInWindow != (Books{}) || f.SlotsInWindow[timing.Unfinished] != 1 {
		t.Errorf("ends are %v, due in the window %v", f.EndsInWindow, f.SlotsInWindow)
	}
}

func TestRecipientsAndOctets(t *testing.T) {
	r, s := new1(Config{Classes: 2})
	for class := range uint8(2) {
		s.End(SlotEnd{
			Class: class, Timing: example, Outcome: timing.Accepted, Begun: true, Octets: 1000,
			RecipientsAccepted: 4, RecipientsDeferred: 3, RecipientsRejected: 2, RecipientsFailed: 1,
		})
	}
	f := r.Finish()
	for name, row := range map[string]struct{ got, want int64 }{
		"accepted": {f.RecipientsAccepted, 8}, "deferred": {f.RecipientsDeferred, 6},
		"rejected": {f.RecipientsRejected, 4}, "failed": {f.RecipientsFailed, 2},
		"octets": {f.ContentOctets, 2000}, "octets of class 1": {f.Classes[1].ContentOctets, 1000},
	} {
		if row.got != row.want {
			t.Errorf("%s: %d, want %d", name, row.got, row.want)
		}
	}
}
