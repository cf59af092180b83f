package schedule

import (
	"strings"
	"testing"
)

func TestParseShare(t *testing.T) {
	for _, text := range []string{"0/1", "0/4", "3/4", "999999/1000000"} {
		if s, err := ParseShare(text); err != nil || s.String() != text || s.Whole() != (s.N == 1) {
			t.Errorf("%q is read as %+v (whole: %v), %v", text, s, s.Whole(), err)
		}
	}
	for text, says := range map[string]string{
		"": "not a share", "1": "not a share", "1/": "not a share", "a/4": "not a share", "1/4/4": "not a share",
		"4/4": "from 0: 0/4 to 3/4", "-1/4": "from 0", "0/0": "1 to 1000000 shares", "0/-3": "1 to", "1/1000001": "1 to",
	} {
		if s, err := ParseShare(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is read as %+v, %v; want an error with %q", text, s, err, says)
		}
	}
}
