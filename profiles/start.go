package profiles

import (
	"errors"
	"strings"
	"time"
)

// A Start is when a run is to begin, for several processes that are to begin
// together: at an instant, or at the first whole second after some time. The zero
// Start is at once.
type Start struct {
	At time.Time
	In time.Duration
}

// ParseStart reads "2026-11-21T20:48:42Z" (RFC 3339) or "+5s".
func ParseStart(s string) (Start, error) {
	if in, ok := strings.CutPrefix(s, "+"); ok {
		d, err := ParseDuration(in)
		if err == nil && d <= 0 {
			err = errors.New("no time from now; give more than 0")
		}
		return Start{In: d}, err
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return Start{}, errors.New("not an instant; write 2026-11-21T20:48:42Z, or +5s for five seconds from now")
	}
	return Start{At: at.UTC()}, nil
}

// String writes the start as ParseStart reads it; "" for the zero Start.
func (s Start) String() string {
	switch {
	case !s.At.IsZero():
		return s.At.Format(time.RFC3339Nano)
	case s.In > 0:
		return "+" + FormatDuration(s.In)
	}
	return ""
}

// Instant returns when the run begins if it is now so late: no earlier than asked
// for. Processes that are started within one second of the clock agree on it. The
// zero Start returns the zero Time.
func (s Start) Instant(now time.Time) time.Time {
	if s.In <= 0 {
		return s.At
	}
	at := now.Add(s.In).Round(0)
	if whole := at.Truncate(time.Second); whole.Before(at) {
		return whole.Add(time.Second)
	}
	return at
}
