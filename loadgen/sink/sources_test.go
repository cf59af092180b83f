package sink

import "testing"

func TestSessionsOfOneSource(t *testing.T) {
	k := newSink(t, Config{MaxSessionsPerSource: 2})
	from := func(address string) *client {
		c := newClient(t, k)
		c.from(address)
		c.open()
		return c
	}
	first, second := from("192.0.2.1:1"), from("192.0.2.1:2")
	first.expect("220")
	second.expect("220")
	third := from("192.0.2.1:3")
	if third.expect("421 4.7.0"); !third.closed {
		t.Error("one session too many stays open")
	}
	from("192.0.2.2:1").expect("220")
	first.send("QUIT\r\n")
	from("192.0.2.1:4").expect("220")
	if n := k.Counters(); n.Sessions != 5 || n.SessionsRefused != 1 || n.Active != 3 {
		t.Errorf("counters %+v", n)
	}
	second.hangUp()
	if n := len(k.sources.open); n != 2 {
		t.Errorf("%d sources are remembered, want 2", n)
	}
}

func TestSinkEndsAfterItsSessions(t *testing.T) {
	k := newSink(t, Config{ExitAfterSessions: 2})
	dial(t, k).send("QUIT\r\n")
	select {
	case <-k.Done():
		t.Error("done after one session of two")
	default:
	}
	dial(t, k).hangUp()
	within10s(t, k.Done())
}
