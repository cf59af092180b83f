package report

import (
	"strings"
	"testing"
	"time"

	"mailmill/results"
)

func TestIdleSessionsHaveALine(t *testing.T) {
	d := goodRun(t)
	if s := idle(d); s != nil {
		t.Errorf("a run without idle sessions tells of them: %+v", s)
	}
	d.Idle = &results.Idle{Wanted: 2000, Opened: 2003, Refused: 1, Lost: 3, NOOP: spread(t, 4000, ms, 9*time.Millisecond, 0)}
	got := strings.Join(strings.Fields(text(t, d, Options{Width: 80})), " ")
	want := "IDLE 2,000 sessions beside what was measured (--idle-sessions): opened 2,003 times, refused 1, lost 3; 4,000 NOOPs, p50 "
	if !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}
