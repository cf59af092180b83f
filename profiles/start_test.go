package profiles

import (
	"testing"
	"time"
)

func TestParseStart(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-21T20:48:42Z": "2026-11-21T20:48:42Z", "2026-11-21T21:48:42.5+01:00": "2026-11-21T20:48:42.5Z",
		"+5s": "+5s", "+90s": "+1m30s",
	} {
		if s, err := ParseStart(text); err != nil || s.String() != want {
			t.Errorf("%q is read as %q, %v; want %q", text, s, err, want)
		}
	}
	for _, text := range []string{"", "+", "+5", "+0s", "+-1s", "5s", "20:48", "2026-11-21", "now"} {
		if s, err := ParseStart(text); err == nil {
			t.Errorf("%q is read as %v, want an error", text, s)
		}
	}
}

// Processes of one run are started one after the other, and begin together.
func TestStartsAreAtWholeSeconds(t *testing.T) {
	second := time.Date(2026, 11, 21, 20, 48, 42, 0, time.UTC)
	in := Start{In: 5 * time.Second}
	for now, want := range map[time.Duration]time.Duration{
		0: 5 * time.Second, 1: 6 * time.Second, 300 * time.Millisecond: 6 * time.Second,
		999 * time.Millisecond: 6 * time.Second, time.Second: 6 * time.Second, time.Second + 1: 7 * time.Second,
	} {
		if got := in.Instant(second.Add(now)).Sub(second); got != want {
			t.Errorf("+5s said %v after a second is at %v, want %v", now, got, want)
		}
	}
	if at := (Start{At: second}).Instant(second.Add(time.Hour)); !at.Equal(second) {
		t.Errorf("an instant became %v", at)
	}
	if at := (Start{}).Instant(second); !at.IsZero() {
		t.Errorf("no start became %v", at)
	}
}
