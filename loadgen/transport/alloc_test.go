//go:build !race

package transport

import (
	"runtime"
	"testing"
)

// TestSteadyStateDoesNotAllocate counts what a thousand lines and their echoes
// make on the heap, both sides together.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	const warmUp, lines = 500, 1000
	for _, tr := range []Transport{NewGoroutines(Options{}), NewSimulated(SimulatedOptions{})} {
		var before, after runtime.MemStats
		x := &exchange{left: warmUp + lines + 1, during: func(left int) {
			switch left {
			case lines + 1:
				runtime.ReadMemStats(&before)
			case 1:
				runtime.ReadMemStats(&after)
			}
		}}
		x.play(t, tr)
		if x.left != 0 {
			t.Fatalf("%s: %d lines are left", tr.Name(), x.left)
		}
		if made := after.Mallocs - before.Mallocs; made > lines/10 {
			t.Errorf("%s: %d objects were made in %d exchanges, want none for each", tr.Name(), made, lines)
		}
	}
}
