package schedule

import (
	"math"
	"testing"
	"time"
)

const (
	second = time.Second
	hour   = time.Hour
	day    = 24 * hour
)

// steps is a plateau, a ramp up, a pause, a ramp down to nothing.
var steps = []Stage{{10 * second, 100, 100}, {20 * second, 100, 300}, {5 * second, 0, 0}, {10 * second, 300, 0}}

func TestAt(t *testing.T) {
	tests := []struct {
		what     string
		schedule Schedule
		n        int64
		want     time.Duration
	}{
		{"the first slot is due at once", Constant(500), 0, 0},
		{"the second slot is due one interval later", Constant(500), 1, 2 * time.Millisecond},
		{"an interval that is no whole number of nanoseconds is rounded", Constant(3), 1, 333_333_333},
		{"and rounded to the nearest", Constant(3), 2, 666_666_667},
		{"but never added up", Constant(3), 3, second},
		{"nor over a million seconds", Constant(3), 3_000_000, 1_000_000 * second},
		{"a rate below one a second", Constant(0.1), 3, 30 * second},
		{"a rate a minute", Constant(30.0 / 60), 5, 10 * second},
		{"more than a thousand a second", Constant(10_000), 1, 100 * time.Microsecond},
		{"a million a second, after a week", Constant(1e6), 1e6 * 7 * 86400, 7 * day},
		{"700 000 a second, after a month", Constant(700_000), 700_000 * 30 * 86400, 30 * day},
		{"the billionth slot", Constant(12_345), 1e9, 81_004_455_245_038},
		{"a due time beyond what a duration can hold", Constant(1e-9), 1e9, Never},
		{"no rate at all", Constant(0), 0, Never},
		{"a rate below zero", Constant(-1), 5, Never},
		{"a rate that is no number", Constant(math.NaN()), 5, Never},

		{"stages begin at once", NewStages(steps...), 0, 0},
		{"within the plateau", NewStages(steps...), 500, 5 * second},
		{"the slot of the border belongs to the later stage", NewStages(steps...), 1000, 10 * second},
		{"half way up the ramp three eighths of its slots are due", NewStages(steps...), 1000 + 1500, 20 * second},
		{"the slot after the pause is due at its end", NewStages(steps...), 5000, 35 * second},
		{"the last but one before it is due just before", NewStages(steps...), 4999, 29_996_666_481},
		{"half way down three quarters are due", NewStages(steps...), 5000 + 1125, 40 * second},
		{"the last slot is due before the end", NewStages(steps...), 6499, 44_741_801_110},
		{"after the end no slot is due", NewStages(steps...), 6500, Never},
		{"a ramp from nothing begins at its start", NewStages(Stage{10 * second, 0, 100}), 0, 0},
		{"and is slow at first", NewStages(Stage{10 * second, 0, 100}), 5, second},
		{"a pause before the first slot", NewStages(Stage{3 * second, 0, 0}, Stage{second, 10, 10}), 0, 3 * second},
		{"a stage without length is none", NewStages(Stage{0, 5, 5}, Stage{second, 10, 10}), 1, second / 10},
		{"no stages, no slots", NewStages(), 0, Never},
		{"a fraction of a slot is carried into the next stage", NewStages(Stage{second, 1.5, 1.5}, Stage{second, 1.5, 1.5}), 2, 1_333_333_333},
		{"a stage that is nearly flat is as good as flat", NewStages(Stage{1000 * second, 1e5, 1e5 + 1e-9}), 50_000_000, 500 * second},
		{"the billionth slot of stages", NewStages(Stage{day, 20_000, 20_000}), 1e9, 50_000 * second},

		{"a closed loop waits for nothing", Closed{}, 12, 0},
	}
	for _, test := range tests {
		if got := test.schedule.At(test.n); got != test.want {
			t.Errorf("%s: slot %d of %s is due at %d, want %d", test.what, test.n, test.schedule, got, test.want)
		}
	}
}

func TestCount(t *testing.T) {
	tests := []struct {
		what     string
		schedule Schedule
		d        time.Duration
		want     int64
	}{
		{"no time, no slots", Constant(500), 0, 0},
		{"nor in less than none", Constant(500), -second, 0},
		{"the first nanosecond has the first slot", Constant(500), 1, 1},
		{"the slot at the end is not in", Constant(500), 10 * second, 5000},
		{"a nanosecond later it is", Constant(500), 10*second + 1, 5001},
		{"a third of a slot counts as one begun", Constant(1.0 / 3), 10 * second, 4},
		{"a week of a million a second", Constant(1e6), 7 * day, 1e6 * 7 * 86400},
		{"no rate at all", Constant(0), hour, 0},
		{"up to the first border", NewStages(steps...), 10 * second, 1000},
		{"half way up", NewStages(steps...), 20 * second, 2500},
		{"at the start of the pause", NewStages(steps...), 30 * second, 5000},
		{"at its end", NewStages(steps...), 35 * second, 5000},
		{"half way down", NewStages(steps...), 40 * second, 6125},
		{"all", NewStages(steps...), 45 * second, 6500},
		{"no more after all", NewStages(steps...), hour, 6500},
		{"no stages", NewStages(), hour, 0},
		{"a closed loop has as many as are claimed", Closed{}, second, math.MaxInt64},
		{"but none before it begins", Closed{}, 0, 0},
	}
	for _, test := range tests {
		if got := test.schedule.Count(test.d); got != test.want {
			t.Errorf("%s: %s has %d slots in %s, want %d", test.what, test.schedule, got, test.d, test.want)
		}
	}
}

func TestString(t *testing.T) {
	tests := []struct {
		schedule Schedule
		want     string
	}{
		{Constant(500), "500/s"},
		{Constant(0.5), "0.5/s"},
		{NewStages(steps...), "10s@100/s, 20s@100..300/s, 5s@0/s, 10s@300..0/s"},
		{NewPoisson(7, Constant(20)), "20/s, Poisson arrivals"},
		{Closed{}, "closed loop"},
	}
	for _, test := range tests {
		if got := test.schedule.String(); got != test.want {
			t.Errorf("%T: %q, want %q", test.schedule, got, test.want)
		}
	}
}

func TestIsClosed(t *testing.T) {
	if !IsClosed(Closed{}) || IsClosed(Constant(1)) {
		t.Error("only Closed is the schedule of a closed loop")
	}
}

func TestStagesTotals(t *testing.T) {
	s := NewStages(steps...)
	if s.Slots() != 6500 || s.Duration() != 45*second {
		t.Errorf("%s: %d slots in %s, want 6500 in 45s", s, s.Slots(), s.Duration())
	}
	if s := NewStages(); s.Slots() != 0 || s.Duration() != 0 {
		t.Errorf("no stages: %d slots in %s", s.Slots(), s.Duration())
	}
}
