package results

import (
	"testing"
	"time"
)

func TestTheRateOfAShare(t *testing.T) {
	whole := Offered{Stages: []Stage{{100, 400, 10 * time.Second}, {400, 400, 10 * time.Second}}}
	share := whole
	share.Share = &Share{1, 4}
	window := Window{SteadyEnd: 20 * time.Second}
	for _, at := range []time.Duration{0, 3 * time.Second, 10 * time.Second, 20 * time.Second, 21 * time.Second} {
		if a, b := whole.RateAt(at), share.RateAt(at); a != 4*b {
			t.Errorf("after %v the run offers %v a second, and a fourth of it %v", at, a, b)
		}
	}
	if a, b := whole.Peak(window), share.Peak(window); a != 400 || b != 100 {
		t.Errorf("the peak of the run is %v, and of a fourth of it %v", a, b)
	}
}
