package transporttest

import (
	"fmt"
	"strings"
	"testing"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A judge notes what a test would have failed for.
type judge struct {
	testing.TB
	said []string
}

func (j *judge) Errorf(format string, args ...any) {
	j.said = append(j.said, fmt.Sprintf(format, args...))
}

// TestChecked shows each rule an event that breaks it.
func TestChecked(t *testing.T) {
	scratch := make([]byte, 0, 4096)
	event := func(kind transport.EventKind, now timing.Instant) transport.Event {
		return transport.Event{Kind: kind, Now: now, Scratch: scratch}
	}
	started := event(transport.Started, 1)
	started.Waker = &countingWaker{}
	opened := event(transport.Opened, 2)
	opened.Peer, opened.Since = &transport.Peer{}, 1
	received := event(transport.Received, 3)
	received.In = []byte("abc")
	broken := event(transport.Broken, 3)
	broken.Fault, broken.Since = timing.Fault{Kind: timing.Reset}, 1
	with := func(e transport.Event, f func(*transport.Event)) transport.Event {
		f(&e)
		return e
	}
	wait, deaf := transport.Action{}, transport.Action{Deaf: true}
	tests := []struct {
		says    string // what Checked says; nothing if it is content
		events  []transport.Event
		answers []transport.Action
	}{
		{"", []transport.Event{started, opened, received, broken}, nil},
		{"the first event", []transport.Event{opened}, nil},
		{"the first event", []transport.Event{started, started}, nil},
		{"Started brings the Waker", []transport.Event{event(transport.Started, 1)}, nil},
		{"no event follows Done", []transport.Event{started, opened}, []transport.Action{{Do: transport.Done}}},
		{"never goes back", []transport.Event{started, opened, event(transport.Woken, 1)}, nil},
		{"greater than 0", []transport.Event{with(started, func(e *transport.Event) { e.Now = 0 })}, nil},
		{"Scratch", []transport.Event{with(started, func(e *transport.Event) { e.Scratch = nil })}, nil},
		{"Opened brings the Peer", []transport.Event{started, with(opened, func(e *transport.Event) { e.Peer = nil })}, nil},
		{"since when", []transport.Event{started, with(opened, func(e *transport.Event) { e.Since = 9 })}, nil},
		{"state of TLS", []transport.Event{started, opened, event(transport.Secured, 3)}, nil},
		{"brings a fault", []transport.Event{started, opened, with(broken, func(e *transport.Event) { e.Fault = timing.Fault{} })}, nil},
		{"only Broken does", []transport.Event{started, opened, with(received, func(e *transport.Event) { e.Fault.Kind = timing.Reset })}, nil},
		{"Received brings octets", []transport.Event{started, opened, event(transport.Received, 3)}, nil},
		{"need a connection", []transport.Event{started, received}, nil},
		{"after Deaf", []transport.Event{started, opened, received}, []transport.Action{wait, deaf}},
		{"after Ended", []transport.Event{started, opened, event(transport.Ended, 3), received}, nil},
		{"Ended comes once", []transport.Event{started, opened, event(transport.Ended, 3), event(transport.Ended, 3)}, nil},
		{"offered again", []transport.Event{started, opened, received, event(transport.Woken, 4)}, nil},
		{"follows Close", []transport.Event{started, opened, event(transport.Expired, 3)}, []transport.Action{wait, {Do: transport.Close, Until: 3}}},
		{"Until that has passed", []transport.Event{started, event(transport.Expired, 3)}, []transport.Action{{Until: 4}}},
	}
	for _, test := range tests {
		j := &judge{TB: t}
		answers := test.answers
		c := Checked(j, Func(func(transport.Event) transport.Action {
			if len(answers) == 0 {
				return transport.Action{}
			}
			a := answers[0]
			answers = answers[1:]
			return a
		}))
		for i := range test.events {
			c.Handle(&test.events[i])
		}
		said := strings.Join(j.said, "\n")
		if !strings.Contains(said, test.says) || (test.says == "") != (said == "") {
			t.Errorf("Checked says %q, want %q", said, test.says)
		}
	}
}
