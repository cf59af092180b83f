package transport

import (
	"testing"

	"pgregory.net/rapid"

	"mailmill/loadgen/timing"
)

// A page is a happening with a number.
type page int

func (page) happen(*Simulated) {}

// TestAgendaOrder: entries come by instant, and those of one instant in the
// order in which they were put down.
func TestAgendaOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a agenda
		pages := 0
		last := entry{}
		pop := func() {
			e := a.pop()
			if e.before(&last) {
				t.Fatalf("entry %d at %d comes after %d at %d", e.number, e.at, last.number, last.at)
			}
			if want := int(e.number) - 1; int(e.what.(page)) != want {
				t.Fatalf("entry %d is page %d, want %d", e.number, e.what, want)
			}
			last = e
			pages--
		}
		for _, after := range rapid.SliceOf(rapid.IntRange(-2, 3)).Draw(t, "steps") {
			if after >= 0 { // nothing is put down for an instant that has passed
				a.push(last.at+timing.Instant(after), page(a.number))
				pages++
			} else if pages > 0 {
				pop()
			}
		}
		for pages > 0 {
			pop()
		}
	})
}
