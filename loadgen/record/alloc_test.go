package record

import (
	"runtime"
	"testing"
	"time"

	"mailmill/loadgen/timing"
)

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	_, s := new1(Config{Classes: 3})
	key := ReplyKey{Class: 2, Step: timing.Accept, Code: 250, Enhanced: 2 << 20}
	span := timing.Span{Step: timing.Accept, Begin: at(ms), End: at(2 * ms)}
	fault := FaultKey{Step: timing.Rcpt, Kind: timing.Reset}
	text := []byte("2.0.0 Ok: queued as 4F1C2D")
	calls := []struct {
		name string
		call func()
	}{
		{"Reply", func() { s.Reply(key, span, ms, true, text) }},
		{"Step", func() { s.Step(1, span, true) }},
		{"Fault", func() { s.Fault(fault, at(ms), "reset") }},
		{"Opening", func() { s.Opening(0, ms, true) }},
		{"Sent", func() { s.Sent(0, timing.Mail, timing.Rcpt, timing.Data) }},
		{"Begin", func() { s.Begin(at(ms)) }},
		{"End", func() { s.End(SlotEnd{Timing: example, Outcome: timing.Accepted, Begun: true}) }},
		{"session", func() { s.SessionOpened(0); s.Handshake(0, Handshake{}); s.SessionClosed(0, false, 1, 2) }},
	}
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			c.call() // makes the key and the histogram
			if n := testing.AllocsPerRun(100, c.call); n != 0 {
				t.Errorf("%v allocations a call", n)
			}
		})
	}
}

// Seconds are kept in slices that double; the 35 KiB of an interval's histograms
// must not be made anew.
func TestSecondsReuseTheirHistograms(t *testing.T) {
	for _, c := range []struct {
		name  string
		flush func(*Recorder, timing.Instant)
	}{
		{"with Flush", (*Recorder).Flush},
		{"without", func(*Recorder, timing.Instant) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, s := new1(Config{})
			const warm, run = 50, 500
			var before, after runtime.MemStats
			for i := range warm + run {
				if i == warm {
					runtime.ReadMemStats(&before)
				}
				now := time.Duration(i) * time.Second
				accept(s, now, now+ms)
				c.flush(r, at(now))
			}
			runtime.ReadMemStats(&after)
			if octets := (after.TotalAlloc - before.TotalAlloc) / run; octets > 2000 {
				t.Errorf("%d octets a second", octets)
			}
		})
	}
}
