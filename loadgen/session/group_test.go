package session

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// opened returns an owner of one message and the wire on which its session is open: the server has said EHLO's reply.
func opened(t *testing.T, s setting, keywords string) (*owner, *wire) {
	t.Helper()
	o := newOwner(t, &dialogue{setting: s}, make([]transport.Endpoint, 1), stepTimeouts())
	w := newWire(t, o)
	w.event(transport.Event{Kind: transport.Started})
	w.connect()
	w.hear("220 mail.example.com\r\n")
	w.out = nil
	w.hear("250-mail.example.com\r\n250 " + keywords + "\r\n")
	return o, w
}

// TestGroupsStayWithinTheScratch: many recipients go in several groups, each of which waits for the replies to the one
// before.
func TestGroupsStayWithinTheScratch(t *testing.T) {
	for _, row := range []struct {
		to         string
		recipients int
		groups     string // commands in each
	}{
		{"u{n}@example.com", 1, "3"},
		{"u{n}@example.com", 100, "102"},
		{"u{n}@example.com", 101, "101 2"},
		{"u{n}@example.com", 250, "101 101 50"},
		{strings.Repeat("u", 40) + "{n}@example.com", 100, "55 47"},
		{strings.Repeat("u", 40) + "{n}@" + strings.Repeat("d.", 70) + "example.com", 30, "19 13"},
	} {
		s := unset()
		s.config.Pipeline, s.message.To, s.message.Recipients = true, row.to, message.Fixed(row.recipients)
		o, w := opened(t, s, "PIPELINING")
		var sizes []string
		for data := false; !data; {
			if len(w.out) > cap(w.scratch[:0]) {
				t.Errorf("%d recipients: a group of %d octets", row.recipients, len(w.out))
			}
			commands := strings.Count(string(w.out), "\r\n")
			data = strings.HasSuffix(string(w.out), "DATA\r\n")
			sizes = append(sizes, fmt.Sprint(commands))
			w.out = nil
			if data {
				commands--
			}
			w.hear(strings.Repeat("250 2.0.0 Ok\r\n", commands))
		}
		if got := strings.Join(sizes, " "); got != row.groups {
			t.Errorf("%d recipients in groups of %s, want %s", row.recipients, got, row.groups)
		}
		w.hear("354 go on\r\n")
		w.wrote()
		w.hear("250 2.0.0 Ok\r\n")
		if r := o.results[0]; r.Outcome != timing.Accepted || r.Accepted != row.recipients {
			t.Errorf("%d recipients: %+v", row.recipients, r)
		}
	}
}

// TestARefusedMailEndsTheGroups: what has not been sent yet is not sent any more.
func TestARefusedMailEndsTheGroups(t *testing.T) {
	s := unset()
	s.config.Pipeline, s.message.Recipients = true, message.Fixed(150)
	o, w := opened(t, s, "PIPELINING")
	w.out = nil
	w.hear("451 4.3.0 later\r\n" + strings.Repeat("503 5.5.1 MAIL first\r\n", 100))
	if string(w.out) != "QUIT\r\n" {
		t.Errorf("after MAIL was refused, with the second group not sent: %.40q", w.out)
	}
	if r := o.results[0]; r.Outcome != timing.Deferred || r.Deferred != 150 {
		t.Errorf("%+v", r)
	}
}

// TestEveryCommandIsCounted: by its reply, by the fault that came in its place, or as left unanswered.
func TestEveryCommandIsCounted(t *testing.T) {
	for _, d := range dialogues(t) {
		totals := playInMemory(t, d, whole).totals
		var said, counted [timing.NumSteps]int64
		for _, l := range d.lines {
			verb, _, _ := strings.Cut(strings.TrimSpace(l.octets), " ")
			switch {
			case l.by == client && l.act == "chunk":
				said[timing.BDAT]++
			case l.by == client && l.act == "content":
				said[timing.Content]++
			case l.by == client && l.act == "":
				said[answered[verb]]++
			}
		}
		for step := range counted {
			counted[step] = totals.Commands[step]
		}
		for _, r := range totals.Replies {
			if counted[r.Step] += r.Count; r.Step == timing.Content { // which a reply ends before it is said, or while it is
				said[timing.Content] = counted[timing.Content]
			}
		}
		for _, f := range totals.Faults {
			if f.Kind != timing.Unexpected && f.Kind != timing.NotOffered {
				counted[f.Step] += f.Count
			}
		}
		for _, step := range []timing.Step{timing.Mail, timing.Rcpt, timing.Data, timing.Content, timing.BDAT, timing.RSET, timing.NOOP, timing.VRFY, timing.Quit} {
			begun := d.lmtp && step == timing.BDAT // the last chunk's replies are those of its recipients
			if said[step] != counted[step] && !begun && !slices.ContainsFunc(d.lines, func(l line) bool { return l.act == "content begins" }) {
				t.Errorf("%s: %v was said %d times, counted %d", d.name, step, said[step], counted[step])
			}
		}
	}
}
