package loadgen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
	"mailmill/profiles"
	"mailmill/results"
)

// mixed gives a plan two classes, of which the second calls itself otherwise, and its messages are larger.
func mixed(p *profiles.Plan, weights ...int) {
	small, large := *p, *p
	large.HELO, large.Size, large.Recipients = []string{"large.example.com"}, message.Fixed(3000), message.Fixed(2)
	p.Classes = []profiles.Class{{Name: "small", Weight: weights[0], Plan: small}, {Name: "large", Weight: weights[1], Plan: large}}
}

func classNamed(t *testing.T, d *results.Document, name string) results.Class {
	t.Helper()
	for _, c := range d.Classes {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("the document has no class %s: %+v", name, d.Classes)
	return results.Class{}
}

func TestClassesHaveBooksOfTheirOwn(t *testing.T) {
	d := scenario{
		plan: func(p *profiles.Plan) { p.Rate, p.Duration = 100, 10*time.Second; mixed(p, 3, 1) },
		answer: func(m moment) answer {
			if m.step == timing.Rcpt && m.recipient == 1 {
				return answer{after: 2 * time.Millisecond, reply: "550 5.1.1 nobody\r\n"}
			}
			return answer{after: 2 * time.Millisecond}
		},
	}.play(t).document
	small, large := classNamed(t, d, "small"), classNamed(t, d, "large")
	if n := small.Counts.Intended; n < 700 || n > 800 || n+large.Counts.Intended != 1000 {
		t.Errorf("%d and %d slots for weights of 3 and 1", n, large.Counts.Intended)
	}
	if small.Counts.RecipientsRejected != 0 || large.Counts.RecipientsRejected != large.Counts.Intended || d.Counts.RecipientsRejected != large.Counts.Intended {
		t.Errorf("recipients refused: %d and %d", small.Counts.RecipientsRejected, large.Counts.RecipientsRejected)
	}
	if s, l := small.Latency.Response, large.Latency.Response; s.Count+l.Count != d.Latency.Response.Count || s.Mean >= l.Mean {
		t.Errorf("responses: %d of %v and %d of %v", s.Count, s.Mean, l.Count, l.Mean)
	}
	if small.Rates.Offered+large.Rates.Offered != d.Rates.Offered {
		t.Errorf("offered: %v and %v, not %v", small.Rates.Offered, large.Rates.Offered, d.Rates.Offered)
	}
	for _, r := range d.Replies {
		if r.Code == 550 && r.Class != "large" {
			t.Errorf("a refusal is in class %q", r.Class)
		}
	}
	var rcpt int64
	for _, c := range d.Classes {
		for _, s := range c.Steps {
			if s.Name == "rcpt" {
				rcpt += s.Sent
			}
		}
	}
	if want := small.Counts.Intended + 2*large.Counts.Intended; rcpt != want {
		t.Errorf("%d recipients in the steps of classes, want %d", rcpt, want)
	}
}

// Every session is of one class, with that class's name, in open and closed loops, with sessions that are kept.
func TestASessionIsOfOneClass(t *testing.T) {
	for _, rate := range []float64{0, 5, 200} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			s := scenario{
				plan: func(p *profiles.Plan) {
					p.Rate, p.Messages, p.Concurrency, p.MessagesPerSession = rate, 300, 4, 0
					mixed(p, 1, 1)
				},
				answer: func(moment) answer { return answer{after: 5 * time.Millisecond} },
			}
			var names []string // by session
			sizes := map[int64]int{}
			s.content = func(slot int64, octets []byte) { sizes[slot] = len(octets) }
			s.options.Transcript = &bytes.Buffer{}
			base := s.plan
			s.plan = func(p *profiles.Plan) { base(p); p.Transcript = 1000 }
			st := s.play(t)
			text := s.options.Transcript.(*bytes.Buffer).String()
			for session := range strings.SplitSeq(text, "\n\n") {
				large, small := strings.Count(session, "C: EHLO large."), strings.Count(session, "C: EHLO client.")
				recipients, mails := strings.Count(session, "C: RCPT"), strings.Count(session, "C: MAIL")
				if large+small > 0 && recipients != mails*(1+large) {
					t.Errorf("a session is %d large, and has %d recipients in %d messages", large, recipients, mails)
				}
				names = append(names, session)
			}
			if st.document.Counts.Accepted != 300 || len(names) < 3 {
				t.Errorf("%d accepted in %d sessions", st.document.Counts.Accepted, len(names))
			}
		})
	}
}

// At a low rate every slot finds a session of its class. Of each there are two: the next slot is held by another
// worker while one is under way.
func TestAnIdleWorkerWithASessionOfTheClassIsPreferred(t *testing.T) {
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency, p.MessagesPerSession = 10, 20*time.Second, 5, 0
			mixed(p, 1, 1)
		},
		answer: func(moment) answer { return answer{after: time.Millisecond} },
	}.play(t).document
	if d.Counts.Sessions > 4 || d.Counts.Accepted != 200 {
		t.Errorf("%d sessions for 2 classes, %d accepted", d.Counts.Sessions, d.Counts.Accepted)
	}
}

// With one worker and a rate that it keeps up with, a session of another class is ended before the next slot is due.
// With a rate that it does not, the QUIT is lateness for want of a worker, and never service.
func TestWhatEndingASessionOfAnotherClassCosts(t *testing.T) {
	const quit = 40 * time.Millisecond
	answers := func(m moment) answer {
		if m.step == timing.Quit {
			return answer{after: quit}
		}
		return answer{}
	}
	for _, tt := range []struct {
		name string
		rate float64
		late bool
	}{
		{"ahead of time", 5, false},
		{"too late", 100, true},
		{"in a closed loop", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := scenario{
				plan: func(p *profiles.Plan) {
					p.Rate, p.Messages, p.Concurrency, p.MessagesPerSession = tt.rate, 50, 1, 0
					mixed(p, 1, 1)
				},
				answer: answers,
			}.play(t).document
			l := d.Latency
			if d.Counts.Accepted != 50 || d.Counts.Sessions < 10 {
				t.Fatalf("%d accepted, %d sessions", d.Counts.Accepted, d.Counts.Sessions)
			}
			if l.Service.Max >= quit {
				t.Errorf("a service of %v has a QUIT of another class in it", l.Service.Max)
			}
			if late := l.Lateness.Max >= quit; late != tt.late || l.Queue.Max != l.Lateness.Max {
				t.Errorf("lateness up to %v, of it %v for want of a worker", l.Lateness.Max, l.Queue.Max)
			}
		})
	}
}

// Slots that were dropped, or that nobody ever came to, are in the books of their class.
func TestSlotsThatWereNeverBegunAreInTheirClass(t *testing.T) {
	for _, drop := range []bool{false, true} {
		d := scenario{
			plan: func(p *profiles.Plan) {
				p.Rate, p.Duration, p.Concurrency, p.Drain = 100, 2*time.Second, 1, 10*time.Millisecond
				p.MaxLateness = profiles.Limit{Set: drop, Most: 50 * time.Millisecond}
				mixed(p, 1, 1)
			},
			answer: func(moment) answer { return answer{after: 20 * time.Millisecond} },
		}.play(t).document
		small, large := classNamed(t, d, "small").Counts, classNamed(t, d, "large").Counts
		lost := d.Counts.Dropped + d.Counts.Unfinished
		if lost < 100 || small.Dropped+small.Unfinished+large.Dropped+large.Unfinished != lost || large.Dropped+large.Unfinished < lost/4 {
			t.Errorf("dropped or unfinished: %d; small %+v, large %+v", lost, small, large)
		}
	}
}

// The same plan and seed are the same run, whatever its classes.
func TestARunWithClassesIsTheSameTwice(t *testing.T) {
	play := func() string {
		d := scenario{plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Arrivals, p.Concurrency = 150, 5*time.Second, "poisson", 6
			p.MessagesPerSession, p.MostPerSession, p.OpenRate = 1, 9, 40
			mixed(p, 7, 3)
		}, answer: failingOrTaking(30 * time.Millisecond)}.play(t).document
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if one, two := play(), play(); one != two {
		t.Errorf("two documents of one plan differ:\n%s\n%s", one, two)
	}
}

func TestSessionsOfADrawnLength(t *testing.T) {
	d := scenario{plan: func(p *profiles.Plan) {
		p.Messages, p.Concurrency, p.MessagesPerSession, p.MostPerSession = 1000, 5, 1, 9
	}}.play(t).document
	if n := d.Counts.Sessions; n < 150 || n > 260 {
		t.Errorf("%d sessions for 1000 messages, 1 to 9 in each", n)
	}
}

// RSET comes between two messages of a session, not after the last, and is in no message's time.
func TestRSETBetweenMessages(t *testing.T) {
	st := scenario{
		plan: func(p *profiles.Plan) {
			p.Messages, p.Concurrency, p.MessagesPerSession, p.RSETBetween = 20, 1, 5, true
		},
		answer: func(m moment) answer {
			if m.step == timing.RSET {
				return answer{after: time.Second}
			}
			return answer{}
		},
	}.play(t)
	if n := st.server.commands["RSET"]; n != 16 {
		t.Errorf("%d RSET in 4 sessions of 5 messages", n)
	}
	if l := st.document.Latency.Service.Max; l >= time.Second {
		t.Errorf("a service of %v", l)
	}
}

// Rows name the class of each slot.
func TestRowsNameTheClass(t *testing.T) {
	var out bytes.Buffer
	d := scenario{
		plan:    func(p *profiles.Plan) { p.Messages, p.Raw = 40, true; mixed(p, 1, 1) },
		options: Options{Rows: results.NewRowWriter(&out)},
	}.play(t).document
	if n := strings.Count(out.String(), ",large,"); int64(n) != classNamed(t, d, "large").Counts.Intended || n == 0 {
		t.Errorf("%d rows of the class large", n)
	}
}

// A check of a class ends the run by what that class alone has met.
func TestACheckOfAClassEndsTheRun(t *testing.T) {
	d := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration = 100, 60*time.Second
			mixed(p, 1, 3)
			e, err := profiles.ParseExpectation("accepted{class=small}:ratio>=50%; abort; window=2s")
			if err != nil {
				t.Fatal(err)
			}
			p.Checks = []profiles.Expectation{e}
		},
		answer: func(m moment) answer {
			if m.step == timing.Rcpt && m.at > 5*time.Second && m.recipient == 0 {
				return answer{reply: "450 4.2.1 busy\r\n"}
			}
			return answer{}
		},
	}.play(t).document
	if d.Verdict.End != results.EndCheck || d.Window.SteadyEnd > 10*time.Second {
		t.Errorf("the run ended by %q after %v", d.Verdict.End, d.Window.SteadyEnd)
	}
}

// A printed plan is a profile, and the run of it is the same run.
func TestTheRunOfAPrintedPlanIsTheSameRun(t *testing.T) {
	folder := t.TempDir()
	play := func(name, text string) (printed, document string) {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		plan, err := profiles.Load(profiles.Sources{Profile: path, Environ: []string{"MAILMILL_SEED=7"}})
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		d := scenario{plan: func(p *profiles.Plan) { *p = plan }, answer: failingOrTaking(20 * time.Millisecond)}.play(t).document
		encoded, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		return string(plan.YAML()), string(encoded)
	}
	printed, given := play("given.yaml", `
target: 127.0.0.1:2525
from: sender{n}@example.com
stages: 2s@50/s, 1s@50..80/s
arrivals: poisson
messages-per-session: 1..9
classes:
  - {name: small, weight: 5, size: 300, helo: small.example.com}
  - {name: list, recipients: 7, header: ["Precedence: bulk"], rset-between: true}
`)
	if _, again := play("printed.yaml", printed); again != given {
		t.Errorf("another document from\n%s", printed)
	}
}
