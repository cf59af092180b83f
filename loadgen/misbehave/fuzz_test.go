package misbehave

import (
	"testing"
	"time"

	"mailmill/loadgen/manners"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// FuzzClient gives a client of any kind a server that says anything, in any pieces, and breaks off as it likes.
// Whatever comes: it does not panic, keeps the seam's contract, its sessions have one end each, and it goes when told.
func FuzzClient(f *testing.F) {
	for i := range everyKind {
		f.Add(uint8(i), []byte("220 a\r\n250 a\r\n250 a\r\n250 a\r\n354 a\r\n250 a\r\n221 a\r\n"), []byte{20, 0, 21, 0, 22, 0, 40, 1, 0, 2, 0, 3})
	}
	f.Add(uint8(5), []byte("421 4.7.0 go away\r\n"), []byte{255, 0, 2, 0})
	f.Fuzz(func(t *testing.T, kind uint8, says, fates []byte) {
		c := config(t, everyKind[int(kind)%len(everyKind)])
		c.Timeouts = [timing.NumSteps]time.Duration{timing.Connect: time.Second, timing.Accept: time.Minute}
		s := newScene(t, c)
		for _, fate := range fates {
			switch {
			case s.done:
				t.Fatal("the client is done before the end")
			case s.client.stage == dialing && fate%4 != 3:
				s.connect()
			case s.client.stage == dialing:
				s.lose(transport.Broken, timing.FaultKind(fate/4)%timing.NumFaultKinds)
			case fate == 0 && s.action.Until > 0:
				s.expire()
			case fate == 1 && s.open:
				s.lose(transport.Ended, 0)
			case fate == 2 && s.open:
				s.lose(transport.Broken, timing.Reset)
			case s.open:
				n := min(int(fate), len(says))
				s.say(string(says[:n]), n)
				says = says[n:]
			}
		}
		s.crowd.Dismiss()
		tally := s.crowd.Tallies()[0]
		var ends int64
		for _, n := range tally.Endings {
			ends += n
		}
		if !s.done || ends != tally.Sessions || tally.Endings[Open] < 0 || tally.Endings[Open] > 1 {
			t.Errorf("done %v, %s", s.done, told(tally))
		}
		if tally.Manner.Kind == manners.Silent && tally.Sent > 0 {
			t.Errorf("a silent client sent %d octets", tally.Sent)
		}
	})
}
