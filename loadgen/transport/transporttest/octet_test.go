package transporttest

import (
	"slices"
	"testing"

	"mailmill/loadgen/transport"
)

type countingWaker struct{ calls int }

func (w *countingWaker) Wake() { w.calls++ }

// TestOneOctet plays the transport against a conversation that is fed one octet
// at a time.
func TestOneOctet(t *testing.T) {
	take := func(n int) transport.Action { return transport.Action{Taken: n} }
	write := transport.Action{Do: transport.Write}
	type event struct {
		kind transport.EventKind
		in   string
	}
	tests := []struct {
		says    string
		answers []transport.Action // to what is shown, Started aside
		events  []event            // of the transport
		shown   []string
		taken   []int // of the actions that the transport is given
		wakes   int   // asked for
	}{
		{"what arrives grows by one octet", nil,
			[]event{{transport.Received, "abc"}}, []string{"a", "ab", "abc"}, []int{0}, 0},
		{"what is taken is not shown again", []transport.Action{{}, take(2), take(1)},
			[]event{{transport.Received, "abc"}}, []string{"a", "ab", "c"}, []int{3}, 0},
		{"a Write ends the turn, and the offer at once goes on", []transport.Action{{}, {Do: transport.Write, Taken: 2}},
			[]event{{transport.Received, "abcd"}, {transport.Received, "cd"}}, []string{"a", "ab", "c", "cd"}, []int{2, 0}, 0},
		{"a Write that takes nothing is followed by a wake", []transport.Action{write},
			[]event{{transport.Received, "ab"}, {transport.Woken, "ab"}}, []string{"a", "ab"}, []int{0, 0}, 1},
		{"another event shows what was shown, and then more", []transport.Action{{Deaf: true}},
			[]event{{transport.Received, "ab"}, {transport.Expired, "ab"}}, []string{"a", "a", "ab"}, []int{0, 0}, 0},
		{"the deaf are shown nothing more", []transport.Action{{Deaf: true}},
			[]event{{transport.Received, "ab"}}, []string{"a"}, []int{0}, 0},
	}
	for _, test := range tests {
		var shown []string
		answers := test.answers
		c := OneOctet(Func(func(e transport.Event) transport.Action {
			if e.Kind == transport.Started {
				return transport.Action{}
			}
			shown = append(shown, string(e.In))
			if len(answers) == 0 {
				return transport.Action{}
			}
			a := answers[0]
			answers = answers[1:]
			return a
		}))
		var waker countingWaker
		c.Handle(&transport.Event{Kind: transport.Started, Waker: &waker})
		var taken []int
		for _, e := range test.events {
			taken = append(taken, c.Handle(&transport.Event{Kind: e.kind, In: []byte(e.in)}).Taken)
		}
		if !slices.Equal(shown, test.shown) || !slices.Equal(taken, test.taken) || waker.calls != test.wakes {
			t.Errorf("%s: shown %q, taken %v, %d wakes, want %q, %v and %d",
				test.says, shown, taken, waker.calls, test.shown, test.taken, test.wakes)
		}
	}
}

// TestOneOctetTellsWakesApart: the conversation's own wake reaches it, and the
// wrapper's does not.
func TestOneOctetTellsWakesApart(t *testing.T) {
	var told []transport.EventKind
	var own transport.Waker
	c := OneOctet(Func(func(e transport.Event) transport.Action {
		if e.Kind == transport.Started {
			own = e.Waker
		}
		told = append(told, e.Kind)
		return transport.Action{Until: 7}
	}))
	var waker countingWaker
	c.Handle(&transport.Event{Kind: transport.Started, Waker: &waker})
	if a := c.Handle(&transport.Event{Kind: transport.Woken}); a.Until != 7 {
		t.Errorf("a wake that is not the conversation's leaves the timer at %d, want 7", a.Until)
	}
	own.Wake()
	c.Handle(&transport.Event{Kind: transport.Woken})
	if want := []transport.EventKind{transport.Started, transport.Woken}; !slices.Equal(told, want) || waker.calls != 1 {
		t.Errorf("told %v, %d wakes, want %v and 1", told, waker.calls, want)
	}
}
