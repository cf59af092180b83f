package loadgen

import (
	"slices"
	"testing"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
	"mailmill/profiles"
	"mailmill/results"
)

// What a step's replies are a share of is how often it was begun, whatever it came to.
func TestAStepIsCountedOnceEachTimeItIsBegun(t *testing.T) {
	for _, row := range []struct {
		when string
		step timing.Step
		do   answer
		sent map[string]int64 // by step, of 10 slots of which 2 and 5 meet the answer
	}{
		{"all is well", timing.Accept, answer{}, map[string]int64{"connect": 10, "greeting": 10, "rcpt": 10, "data": 10, "content": 10, "accept": 10, "quit": 10}},
		{"a reply is refused", timing.Rcpt, answer{reply: "550 5.1.1 no\r\n"}, map[string]int64{"rcpt": 10, "data": 8, "content": 8, "accept": 8, "rset": 2, "quit": 10}},
		{"a reply leaves no next step", timing.Data, answer{reply: "250 2.0.0 what?\r\n"}, map[string]int64{"rcpt": 10, "data": 10, "content": 8, "accept": 8, "quit": 8}},
		{"a reply to the content leaves none", timing.Accept, answer{reply: "354 more\r\n"}, map[string]int64{"data": 10, "content": 10, "accept": 10, "quit": 8}},
		{"the server closes", timing.Mail, answer{deed: drop}, map[string]int64{"ehlo": 10, "mail": 10, "rcpt": 8, "accept": 8, "quit": 8}},
		{"no reply comes", timing.Accept, answer{deed: mute}, map[string]int64{"content": 10, "accept": 10, "quit": 8}},
	} {
		s := scenario{plan: func(p *profiles.Plan) { p.Rate, p.Messages, p.Drain = 10, 10, 2*time.Minute }}
		s.answer = func(m moment) answer {
			if m.step == row.step && (m.slot == 2 || m.slot == 5) {
				return row.do
			}
			return answer{after: time.Millisecond}
		}
		d := s.play(t).document
		for name, want := range row.sent {
			if got := sent(d, name); got != want {
				t.Errorf("when %s, %s was begun %d times, want %d", row.when, name, got, want)
			}
		}
	}
}

func sent(d *results.Document, name string) int64 {
	if i := slices.IndexFunc(d.Steps, func(s results.Step) bool { return s.Name == name }); i >= 0 {
		return d.Steps[i].Sent
	}
	return 0
}

func TestWhatIsTimedOfAStepHasItsName(t *testing.T) {
	d := scenario{plan: func(p *profiles.Plan) { p.Messages = 3 }}.play(t).document
	for name, want := range map[string]string{"connect": "connections", "greeting": "replies", "content": "contents", "accept": "replies"} {
		i := slices.IndexFunc(d.Steps, func(s results.Step) bool { return s.Name == name })
		if i < 0 || d.Steps[i].Latency.Population != want {
			t.Errorf("step %s times %+v, want %s", name, d.Steps, want)
		}
	}
}

func TestRecipientsAndContentAreInTheBooks(t *testing.T) {
	s := scenario{plan: func(p *profiles.Plan) { p.Messages, p.Recipients = 4, message.Fixed(3) }}
	s.answer = func(m moment) answer {
		if m.slot == 1 && m.step == timing.Accept {
			return answer{deed: drop}
		}
		return answer{}
	}
	st := s.play(t)
	c := st.document.Counts
	if c.RecipientsAccepted != 9 || c.RecipientsFailed != 3 {
		t.Errorf("%d recipients accepted and %d failed, want 9 and 3", c.RecipientsAccepted, c.RecipientsFailed)
	}
	if c.OctetsContent <= 4*100 || c.OctetsContent >= c.OctetsSent {
		t.Errorf("%d octets of content in %d sent, of 4 bodies of 100", c.OctetsContent, c.OctetsSent)
	}
}
