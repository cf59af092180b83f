package loadgen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
	"mailmill/profiles"
	"mailmill/results"
)

// everyFourth gives an answer to a step of slots 3, 7, 11, 15 and 19. Before MAIL the sessions are counted, without
// the preflight's.
func everyFourth(step timing.Step, a answer) func(moment) answer {
	return func(m moment) answer {
		n := m.slot
		if n < 0 {
			n = int64(m.session) - 1
		}
		if m.step == step && n%4 == 3 {
			return a
		}
		return answer{}
	}
}

// ofFive gives an answer to the recipients of each message that are named, of five.
func ofFive(a answer, recipients ...int) func(moment) answer {
	return func(m moment) answer {
		if m.step == timing.Rcpt && slices.Contains(recipients, m.recipient) {
			return a
		}
		return answer{}
	}
}

func reply(text string) answer { return answer{reply: text + "\r\n"} }

// What a server says, or does not say, to twenty messages that are far enough apart for every time-out. They go in
// one session, unless something ends it.
func TestWhatTheServerDoesIsInTheBooks(t *testing.T) {
	for _, row := range []struct {
		name       string
		answer     func(moment) answer
		recipients int
		perSession int
		want       ledger
	}{
		{"takes everything", nil, 1, 0, ledger{accepted: 20, sessions: 1}},

		{"refuses contents for good", everyFourth(timing.Accept, reply("554 5.7.1 no")), 1, 0,
			ledger{accepted: 15, rejected: 5, sessions: 1, replies: "accept 554 5.7.1 ×5"}},
		{"refuses contents for now", everyFourth(timing.Accept, reply("451 4.3.0 later")), 1, 0,
			ledger{accepted: 15, deferred: 5, sessions: 1, replies: "accept 451 4.3.0 ×5"}},
		{"refuses senders", everyFourth(timing.Mail, reply("550 5.1.8 who?")), 1, 0,
			ledger{accepted: 15, rejected: 5, sessions: 1, replies: "mail 550 5.1.8 ×5"}},
		{"refuses recipients", everyFourth(timing.Rcpt, reply("450 4.2.1 busy")), 1, 0,
			ledger{accepted: 15, deferred: 5, sessions: 1, commands: "RSET 5", replies: "rcpt 450 4.2.1 ×5"}},
		{"refuses DATA", everyFourth(timing.Data, reply("452 4.3.1 full")), 1, 0,
			ledger{accepted: 15, deferred: 5, sessions: 1, commands: "RSET 5", replies: "data 452 4.3.1 ×5"}},
		{"says 421 to MAIL", everyFourth(timing.Mail, answer{reply: "421 4.3.2 closing\r\n", deed: leave}), 1, 0,
			ledger{accepted: 15, deferred: 5, sessions: 5, replies: "mail 421 4.3.2 ×5"}},
		{"says 421 to contents", everyFourth(timing.Accept, answer{reply: "421 4.3.2 closing\r\n", deed: leave}), 1, 0,
			ledger{accepted: 15, deferred: 5, sessions: 5, replies: "accept 421 4.3.2 ×5"}},

		{"greets with 421", everyFourth(timing.Greeting, answer{reply: "421 busy\r\n", deed: leave}), 1, 1,
			ledger{accepted: 15, deferred: 5, sessions: 20, replies: "greeting 421 ×5"}},
		{"greets with 554", everyFourth(timing.Greeting, reply("554 no mail here")), 1, 1,
			ledger{accepted: 15, rejected: 5, sessions: 20, commands: "EHLO 15", replies: "greeting 554 ×5"}},
		{"refuses EHLO for now", everyFourth(timing.EHLO, reply("450 4.3.2 later")), 1, 1,
			ledger{accepted: 15, deferred: 5, sessions: 20, replies: "ehlo 450 4.3.2 ×5"}},
		{"knows HELO only", everyFourth(timing.EHLO, reply("502 what?")), 1, 1,
			ledger{accepted: 20, sessions: 20, commands: "HELO 5", replies: "ehlo 502 ×5"}},

		{"refuses one recipient of five", ofFive(reply("550 5.1.1 unknown"), 4), 5, 0,
			ledger{accepted: 20, sessions: 1, recipients: "80 0 20", replies: "rcpt 550 5.1.1 ×20"}},
		{"defers three recipients of five", ofFive(reply("452 4.5.3 too many"), 0, 2, 4), 5, 0,
			ledger{accepted: 20, sessions: 1, recipients: "40 60 0", replies: "rcpt 452 4.5.3 ×60"}},
		{"refuses all recipients", ofFive(reply("550 5.1.1 unknown"), 0, 1, 2, 3, 4), 5, 0,
			ledger{rejected: 20, sessions: 1, recipients: "0 0 100", commands: "RSET 20", replies: "rcpt 550 5.1.1 ×100"}},
		{"takes recipients and refuses their content", everyFourth(timing.Accept, reply("552 5.2.2 full")), 5, 0,
			ledger{accepted: 15, rejected: 5, sessions: 1, recipients: "75 0 25", replies: "accept 552 5.2.2 ×5"}},

		{"hangs up before the greeting", everyFourth(timing.Greeting, answer{deed: drop}), 1, 1,
			ledger{accepted: 15, failed: 5, sessions: 20, faults: "greeting closed 5"}},
		{"hangs up at MAIL", everyFourth(timing.Mail, answer{deed: drop}), 1, 0,
			ledger{accepted: 15, failed: 5, sessions: 5, faults: "mail closed 5"}},
		{"breaks the connection at DATA", everyFourth(timing.Data, answer{deed: reset}), 1, 0,
			ledger{accepted: 15, failed: 5, sessions: 5, faults: "data reset 5"}},
		{"hangs up after the content", everyFourth(timing.Accept, answer{deed: drop}), 1, 0,
			ledger{accepted: 15, unknown: 5, sessions: 5, faults: "accept closed 5"}},
		{"breaks the connection after the content", everyFourth(timing.Accept, answer{deed: reset}), 1, 0,
			ledger{accepted: 15, unknown: 5, sessions: 5, faults: "accept reset 5"}},
		{"never greets", everyFourth(timing.Greeting, answer{deed: mute}), 1, 1,
			ledger{accepted: 15, failed: 5, sessions: 20, faults: "greeting timeout 5"}},
		{"never answers RCPT", everyFourth(timing.Rcpt, answer{deed: mute}), 1, 0,
			ledger{accepted: 15, failed: 5, sessions: 5, faults: "rcpt timeout 5"}},
		{"never answers the content", everyFourth(timing.Accept, answer{deed: mute}), 1, 0,
			ledger{accepted: 15, unknown: 5, sessions: 5, faults: "accept timeout 5"}},
		{"answers the content too late", everyFourth(timing.Accept, answer{after: time.Minute + 1}), 1, 0,
			ledger{accepted: 15, unknown: 5, sessions: 5, faults: "accept timeout 5"}},
		{"answers the content just in time", everyFourth(timing.Accept, answer{after: time.Minute - 1}), 1, 0,
			ledger{accepted: 20, sessions: 1}},
		{"never says good-bye", everyFourth(timing.Quit, answer{deed: mute}), 1, 1,
			ledger{accepted: 20, sessions: 20, faults: "quit timeout 5"}},

		{"talks nonsense", everyFourth(timing.Rcpt, reply("okay")), 1, 0,
			ledger{accepted: 15, failed: 5, sessions: 5, faults: "rcpt malformed 5"}},
		{"talks nonsense after the content", everyFourth(timing.Accept, reply("okay")), 1, 0,
			ledger{accepted: 15, unknown: 5, sessions: 5, faults: "accept malformed 5"}},
		{"asks for the content too early", everyFourth(timing.Mail, reply("354 go on")), 1, 0,
			ledger{accepted: 15, failed: 5, sessions: 5, faults: "mail unexpected 5", replies: "mail 354 ×5"}},
		{"does not ask for the content", everyFourth(timing.Data, reply("250 fine")), 1, 0,
			ledger{accepted: 15, failed: 5, sessions: 5, faults: "data unexpected 5", replies: "data 250 ×5"}},
		{"asks for the content again", everyFourth(timing.Accept, reply("354 more")), 1, 0,
			ledger{accepted: 15, unknown: 5, sessions: 5, faults: "accept unexpected 5", replies: "accept 354 ×5"}},
		{"answers MAIL twice", everyFourth(timing.Mail, reply("250 one\r\n250 two")), 1, 0,
			ledger{accepted: 15, failed: 5, sessions: 5, faults: "idle desync 5"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			sim := scenario{
				plan: func(p *profiles.Plan) {
					p.Rate, p.Messages, p.Concurrency = 0.01, 20, 1
					p.Recipients, p.MessagesPerSession = message.Fixed(row.recipients), row.perSession
				},
				answer: row.answer,
			}.play(t)
			if got := ledgerOf(sim, &row.want); got != row.want {
				t.Errorf("the books are\n%+v, want\n%+v", got, row.want)
			}
			refused := row.want.deferred + row.want.rejected
			if got := sim.document.Latency.Refused.Size(); got != refused {
				t.Errorf("%d samples of refused slots, want %d", got, refused)
			}
			if got := sim.document.Latency.Response; got.Size() != 20-refused || got != nil && got.Censored != row.want.failed+row.want.unknown {
				t.Errorf("response has %d samples, %d censored", got.Size(), got.Censored)
			}
		})
	}
}

// A ledger is what a row wants of the books. What a row does not name is not looked at, but for the outcomes and the
// faults.
type ledger struct {
	accepted, deferred, rejected, failed, unknown int64
	sessions                                      int64
	recipients                                    string // accepted, deferred, rejected
	commands                                      string // that the server heard beyond the usual
	replies                                       string // that are not what lets a session go on
	faults                                        string
}

// ledgerOf returns what the server and the document say to a row.
func ledgerOf(sim *simulation, want *ledger) ledger {
	c := sim.document.Counts
	got := ledger{accepted: c.Accepted, deferred: c.Deferred, rejected: c.Rejected, failed: c.Failed, unknown: c.Unknown,
		sessions: c.Sessions, faults: faultsOf(sim.document)}
	if want.recipients != "" {
		got.recipients = fmt.Sprint(c.RecipientsAccepted, c.RecipientsDeferred, c.RecipientsRejected)
	}
	sim.server.commands["EHLO"]-- // the preflight's
	if verb, _, ok := strings.Cut(want.commands, " "); ok {
		got.commands = fmt.Sprint(verb, " ", sim.server.commands[verb])
	} else if n := sim.server.commands["RSET"] + sim.server.commands["HELO"]; n > 0 {
		got.commands = fmt.Sprint(n, " of RSET and HELO")
	}
	if want.replies != "" {
		got.replies = unwelcome(sim.document)
	}
	if n := int64(sim.server.commands["EHLO"]); n > c.Sessions {
		got.commands = fmt.Sprintf("%d EHLO in %d sessions", n, c.Sessions)
	}
	return got
}

// unwelcome lists the replies that do not let a session go on, as "rcpt 550 5.1.1 ×20".
func unwelcome(d *results.Document) string {
	usual := map[string]string{}
	for step := range maps.Keys(welcome) {
		usual[step.String()] = welcome[step][:3]
	}
	var list []string
	for _, r := range d.Replies {
		if fmt.Sprint(r.Code) != usual[r.Step] || r.Unexpected {
			list = append(list, strings.Join(strings.Fields(fmt.Sprintf("%s %d %s ×%d", r.Step, r.Code, r.Enhanced, r.Count)), " "))
		}
	}
	return strings.Join(list, ", ")
}
