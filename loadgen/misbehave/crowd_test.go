package misbehave

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A client that is turned away at once does not come back at once.
func TestSessionsOfAClientAreFiveASecondAtMost(t *testing.T) {
	for _, row := range []struct {
		name   string
		manner string
		meets  func(s *scene)
		most   int // sessions in ten seconds
	}{
		{"closed by itself", "drop=connect", func(s *scene) { s.connect() }, 50},
		{"closed by the server", "silent", func(s *scene) { s.connect(); s.lose(transport.Ended, 0) }, 50},
		{"turned away", "silent", func(s *scene) { s.connect(); s.say("554 no\r\n", 99) }, 10},
		{"refused by the server's host", "silent", func(s *scene) { s.lose(transport.Broken, timing.Refused) }, 10},
		{"without a descriptor", "silent", func(s *scene) { s.lose(transport.Broken, timing.Local) }, 10},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newScene(t, config(t, row.manner))
			end := s.now.Add(10 * time.Second)
			for s.now < end && !s.done {
				if s.client.stage == dialing {
					row.meets(s)
				} else {
					s.expire()
				}
			}
			if least := row.most / 4; s.dials > row.most || s.dials < least {
				t.Errorf("%d sessions in 10 s, want %d to %d", s.dials, least, row.most)
			}
			if got := s.crowd.Tallies()[0]; got.Sessions != int64(s.dials) {
				t.Errorf("the tally is %s, of %d sessions", told(got), s.dials)
			}
		})
	}
}

func TestEndLoadLetsSessionsGoOn(t *testing.T) {
	s := newScene(t, config(t, "silent"))
	s.connect()
	s.crowd.EndLoad()
	s.say("220 hello\r\n", 99)
	if s.done || !s.open {
		t.Fatal("a session was ended with the load")
	}
	s.lose(transport.Ended, 0)
	s.expire() // the pause
	if !s.done || s.dials != 1 {
		t.Errorf("done %v after %d sessions, want no second one", s.done, s.dials)
	}
}

func TestDismissEndsAtOnce(t *testing.T) {
	for _, text := range everyKind {
		t.Run(text, func(t *testing.T) {
			s := newScene(t, config(t, text))
			if s.client.stage != dialing {
				t.Fatal("the client does not dial")
			}
			open := s.client.tally.Manner.String() != "drop=connect"
			if open {
				s.stuck = true // its writes do not end
				s.connect()
				s.say("220 hello\r\n", 99)
			}
			s.crowd.Dismiss()
			s.crowd.Dismiss()
			if got := s.crowd.Tallies()[0]; !s.done || got.Sessions != 1 || got.Endings[Open] != 1 {
				t.Errorf("done %v, the tally is %s", s.done, told(got))
			}
		})
	}
	late := newScene(t, config(t, "silent")).crowd
	late.Dismiss()
	if a := late.Clients()[0].Handle(&transport.Event{Kind: transport.Started}); a.Do != transport.Done {
		t.Error("a client that was started after the end is not done")
	}
	var none *Crowd
	none.EndLoad()
	none.Dismiss()
	if none.Clients() != nil || none.Tallies() != nil || New(Config{}) != nil {
		t.Error("no crowd has somebody in it")
	}
}

// In LMTP a client says LHLO (RFC 2033 section 4.1), and an address literal has no kind before it.
func TestWhatClientsCallThemselves(t *testing.T) {
	c := config(t, "no-quit")
	c.Servers[0].LMTP, c.Name = true, "[127.0.0.1]"
	s := newScene(t, c)
	s.connect()
	s.play("S: 220 hello\nC: LHLO [127.0.0.1]", 99)
}

func TestServersAndAddressesAreTakenInTurn(t *testing.T) {
	c := config(t, "drop=connect")
	c.Servers = []Server{{Endpoints: []transport.Endpoint{{Path: "/a1"}, {Path: "/a2"}}}, {Endpoints: []transport.Endpoint{{Path: "/b"}}}}
	s := newScene(t, c)
	var went []string
	for range 5 {
		for s.client.stage != dialing {
			s.expire()
		}
		went = append(went, s.action.Dial.Path)
		s.connect()
	}
	if got := strings.Join(went, " "); got != "/a1 /b /a2 /b /a1" {
		t.Errorf("sessions went to %s", got)
	}
}

func TestGroupsOfOneMannerHaveOneTally(t *testing.T) {
	c := config(t, "silent@2", "no-quit", "silent@10%", "silent@3")
	c.Workers = 21
	c.Share.M, c.Share.N = 0, 2
	crowd := New(c)
	tallies := crowd.Tallies()
	if len(tallies) != 2 || tallies[0].Clients != 4 || tallies[1].Clients != 1 || len(crowd.Clients()) != 5 {
		t.Errorf("of nine clients the first share has %d: %+v", len(crowd.Clients()), tallies)
	}
}

// What a server says that is no reply, or the wrong one, ends the session.
func TestGarbledReplies(t *testing.T) {
	for _, says := range []string{"hello\r\n", "999 hello\r\n", "220 a\x00b\r\n", "354 go on\r\n", strings.Repeat("220-x\r\n", smtp.MaxReplyLines+1)} {
		s := newScene(t, config(t, "no-quit"))
		s.connect()
		s.say(says, len(says))
		if got := s.crowd.Tallies()[0]; s.open || got.Endings[Garbled] != 1 {
			t.Errorf("after %.20q: %s", says, told(got))
		}
	}
}

// A server with ever new replies takes no more memory than this.
func TestTheKindsOfReplyAreBounded(t *testing.T) {
	s := newScene(t, config(t, "silent"))
	s.connect()
	for code := range 400 {
		s.say(fmt.Sprintf("%d %s\r\n", 200+code%200, strings.Repeat("x", 10_000)), 1<<20)
	}
	got := s.crowd.Tallies()[0]
	if len(got.Replies) > mostReplies || len(got.Replies[0].Example) != mostExample || got.Received != 400*10_006 {
		t.Errorf("%d kinds of reply, with an example of %d octets; %d octets received", len(got.Replies), len(got.Replies[0].Example), got.Received)
	}
}

// How fast octets leave is what was asked for.
func TestPaces(t *testing.T) {
	for _, row := range []struct {
		manner string
		want   int // octets in ten seconds
	}{{"endless-content=1", 10}, {"endless-content=10", 100}, {"endless-content=99", 990}, {"endless-content=1000", 10_000}, {"endless-content=10000000", 100_000_000}} {
		s := newScene(t, config(t, row.manner))
		s.connect()
		for _, says := range []string{"220 a", "250 a", "250 a", "250 a", "354 a"} {
			s.say(says+"\r\n", 99)
		}
		begin, before := s.now, len(s.said)
		octets := len(s.said) - before
		for s.now.Sub(begin) < 10*time.Second {
			s.said = s.said[:0]
			s.expire()
			octets += len(s.said)
		}
		if octets < row.want*95/100 || octets > row.want*105/100 {
			t.Errorf("%s sent %d octets in 10 s, want about %d", row.manner, octets, row.want)
		}
	}
}
