package results

import (
	"testing"
	"time"
)

// ramp goes from nothing to 100 in 10 s, stays there for 10 s, and falls to 20 in 10 s.
var ramp = Offered{Model: Open, Stages: []Stage{{0, 100, 10 * time.Second}, {100, 100, 10 * time.Second}, {50, 20, 10 * time.Second}}}

func TestRateAt(t *testing.T) {
	for at, want := range map[time.Duration]float64{
		0: 0, time.Second: 10, 10 * time.Second: 100, 15 * time.Second: 100, 20 * time.Second: 50, 25 * time.Second: 35, 30 * time.Second: 20, 31 * time.Second: 0,
	} {
		if got := ramp.RateAt(at); got != want {
			t.Errorf("at %v the rate is %v, want %v", at, got, want)
		}
	}
}

func TestPeak(t *testing.T) {
	for _, row := range []struct {
		when     string
		from, to time.Duration
		peak     float64
	}{
		{"the whole run", 0, 30 * time.Second, 100},
		{"the run ended on its way up", 0, 4 * time.Second, 40},
		{"the warm-up took the peak", 20 * time.Second, 30 * time.Second, 50},
		{"the window lies within a stage", 22 * time.Second, 24 * time.Second, 44},
	} {
		if got := ramp.Peak(Window{SteadyStart: row.from, SteadyEnd: row.to}); got != row.peak {
			t.Errorf("%s: the peak is %v, want %v", row.when, got, row.peak)
		}
	}
	if got := (Offered{Model: Closed}).Peak(Window{SteadyEnd: time.Second}); got != 0 {
		t.Errorf("a closed loop offers %v", got)
	}
}
