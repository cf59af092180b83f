package timing

import (
	"testing"
	"time"
)

func TestEveryValueHasANameThatParsesBack(t *testing.T) {
	for s := Step(0); s < NumSteps; s++ {
		if got, ok := ParseStep(s.String()); !ok || got != s {
			t.Errorf("ParseStep(%q) = %v, %v; want %v", s.String(), got, ok, s)
		}
	}
	for k := FaultKind(0); k < NumFaultKinds; k++ {
		if got, ok := ParseFaultKind(k.String()); !ok || got != k {
			t.Errorf("ParseFaultKind(%q) = %v, %v; want %v", k.String(), got, ok, k)
		}
	}
	for o := Outcome(0); o < NumOutcomes; o++ {
		if outcomeNames[o] == "" {
			t.Errorf("outcome %d has no name", o)
		}
	}
	if _, ok := ParseStep(""); ok {
		t.Error("the empty string is no step")
	}
	if got := NumSteps.String(); got != "step(25)" {
		t.Errorf("a step outside the table reads %q", got)
	}
}

func TestResponseIsLatenessPlusService(t *testing.T) {
	const ms = Instant(time.Millisecond)
	for _, row := range []struct {
		name                                      string
		slot                                      Slot
		lateness, service, response, queue, pacer time.Duration
	}{
		{"on time", Slot{Due: 10 * ms, Claimed: 5 * ms, Begun: 10 * ms, Ended: 13 * ms}, 0, 3e6, 3e6, 0, 0},
		{"no worker was free", Slot{Due: 10 * ms, Claimed: 14 * ms, Begun: 14 * ms, Ended: 15 * ms}, 4e6, 1e6, 5e6, 4e6, 0},
		{"mailmill woke late", Slot{Due: 10 * ms, Claimed: 5 * ms, Begun: 12 * ms, Ended: 15 * ms}, 2e6, 3e6, 5e6, 0, 2e6},
		{"claimed late, then woken late", Slot{Due: 10 * ms, Claimed: 12 * ms, Begun: 13 * ms, Ended: 15 * ms}, 3e6, 2e6, 5e6, 2e6, 1e6},
	} {
		s := row.slot
		if s.Lateness() != row.lateness || s.Service() != row.service || s.Response() != row.response ||
			s.Queue() != row.queue || s.Pacer() != row.pacer {
			t.Errorf("%s: lateness %v service %v response %v queue %v pacer %v", row.name,
				s.Lateness(), s.Service(), s.Response(), s.Queue(), s.Pacer())
		}
		if s.Response() != s.Lateness()+s.Service() || s.Lateness() != s.Queue()+s.Pacer() {
			t.Errorf("%s: the equations do not hold", row.name)
		}
	}
}

func TestInstants(t *testing.T) {
	if got := Never.Add(time.Hour); got != Never {
		t.Errorf("Never.Add = %d", got)
	}
	for _, row := range [][3]Instant{{0, 5, 5}, {5, 0, 5}, {3, 5, 3}, {5, 3, 3}, {0, 0, 0}} {
		if got := Earliest(row[0], row[1]); got != row[2] {
			t.Errorf("Earliest(%d, %d) = %d, want %d", row[0], row[1], got, row[2])
		}
	}
}

func TestOnlyLocalFaultsAreTheGenerators(t *testing.T) {
	for k := FaultKind(0); k < NumFaultKinds; k++ {
		if got := k.Side() == "generator"; got != (k == Local) {
			t.Errorf("%v is on the side of the %s", k, k.Side())
		}
	}
	if got := (Fault{Kind: Reset, Text: "read: connection reset by peer"}).Error(); got != "reset: read: connection reset by peer" {
		t.Errorf("Error() = %q", got)
	}
}
