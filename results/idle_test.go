package results

import "testing"

func TestIdleSessionsAreMerged(t *testing.T) {
	m := merging{sum: New(), docs: []*Document{{Idle: &Idle{Wanted: 3, Opened: 4, Refused: 1, Lost: 1}}, {}, {Idle: &Idle{Wanted: 2, Opened: 2}}}}
	if err := m.idle(); err != nil {
		t.Fatal(err)
	}
	if i := m.sum.Idle; *i != (Idle{Wanted: 5, Opened: 6, Refused: 1, Lost: 1}) {
		t.Errorf("%+v", i)
	}
	none := merging{sum: New(), docs: []*Document{{}, {}}}
	if err := none.idle(); err != nil || none.sum.Idle != nil {
		t.Errorf("%+v, %v", none.sum.Idle, err)
	}
}
