package loadgen

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// offering is a server that offers these extensions.
func offering(answers func(moment) answer, keywords ...string) func(moment) answer {
	reply := "250-server.example.com\r\n"
	for _, k := range keywords {
		reply += "250-" + k + "\r\n"
	}
	return func(m moment) answer {
		a := answers(m)
		if m.step == timing.EHLO && a.reply == "" {
			a.reply = reply + "250 HELP\r\n"
		}
		return a
	}
}

func takingAll(moment) answer { return answer{} }

// In a closed loop a message that cannot be sent must not be tried again at once: the run would be all of those.
func TestWhatIsNotOfferedIsWithheldAtAMeasuredPace(t *testing.T) {
	st := scenario{plan: func(p *profiles.Plan) {
		p.Duration, p.Concurrency, p.MessagesPerSession, p.Chunk = 10*time.Second, 2, 0, 100
	}}.play(t)
	c := st.document.Counts
	if c.Failed != c.Intended || c.Failed < 10 || c.Failed > 100 || st.server.commands["MAIL"] > 0 {
		t.Errorf("the books are %+v, with %d MAIL", c, st.server.commands["MAIL"])
	}
	f := st.document.Faults
	if len(f) != 1 || f[0].Kind != "not-offered" || f[0].Step != "mail" || !strings.Contains(f[0].Example, "CHUNKING") {
		t.Errorf("the faults are %+v", f)
	}
}

func TestSessionsEndWithinTheServersLimit(t *testing.T) {
	for _, row := range []struct {
		keep            bool
		sessions, spent int64
	}{{true, 4, 3}, {false, 1, 0}} {
		st := scenario{answer: offering(takingAll, "LIMITS MAILMAX=3"), plan: func(p *profiles.Plan) {
			p.Messages, p.Concurrency, p.MessagesPerSession, p.Limits = 10, 1, 0, row.keep
		}}.play(t)
		if c := st.document.Counts; c.Accepted != 10 || c.Sessions != row.sessions || c.SessionsSpent != row.spent {
			t.Errorf("limits %t: the books are %+v, want %d sessions, %d of them spent", row.keep, c, row.sessions, row.spent)
		}
	}
}

// A session that has had its domains ends before the message to another one begins: the QUIT is in no message's time.
func TestSessionsEndBeforeADomainTooMany(t *testing.T) {
	st := scenario{answer: offering(takingAll, "LIMITS RCPTDOMAINMAX=2"), plan: func(p *profiles.Plan) {
		p.Messages, p.Concurrency, p.MessagesPerSession, p.To = 10, 1, 0, "user@d{n}.example.com"
	}}.play(t)
	if c := st.document.Counts; c.Accepted != 10 || c.Sessions != 5 {
		t.Errorf("the books are %+v, want 5 sessions for 10 domains", c)
	}
}

// Groups save round trips, and change nothing else: three waits in the place of five.
func TestGroupsSaveRoundTrips(t *testing.T) {
	play := func(pipeline bool, keywords ...string) *results.Document {
		s := scenario{answer: offering(takingAll, keywords...), plan: func(p *profiles.Plan) {
			p.Messages, p.Concurrency, p.MessagesPerSession, p.Pipeline = 20, 1, 0, pipeline
		}}
		s.network.Network.Latency = func(*rand.Rand) time.Duration { return 10 * time.Millisecond }
		sim, err := s.perform(t)
		if err != nil {
			t.Fatal(err)
		}
		return sim.document
	}
	for _, row := range []struct {
		name        string
		document    *results.Document
		trips       int
		unpipelined int64
	}{
		{"one by one", play(false, "PIPELINING"), 4, 0},
		{"in groups", play(true, "PIPELINING"), 2, 0},
		{"asked for, and not offered", play(true), 4, 1},
	} {
		c := row.document.Counts
		if c.Accepted != 20 || c.SessionsUnpipelined != row.unpipelined {
			t.Errorf("%s: the books are %+v", row.name, c)
		}
		if least := row.document.Latency.Service.Min; least != time.Duration(row.trips)*20*time.Millisecond {
			t.Errorf("%s: a message took %v, want %d round trips of 20ms", row.name, least, row.trips)
		}
	}
}

func TestParametersAndTheKeywordsTheyNeed(t *testing.T) {
	plan := profiles.Default()
	plan.MailParams, plan.RcptParams = "mt-priority=3 XFUTURE", "RRVS=2014-04-03T23:01:00Z"
	plan.DSN = profiles.DSN{Ret: "HDRS", Notify: "NEVER"}
	if got, want := mailParams(&plan), []string{"RET=HDRS", "mt-priority=3", "XFUTURE"}; !slices.Equal(got, want) {
		t.Errorf("MAIL has %q, want %q", got, want)
	}
	if got, want := rcptParams(&plan), []string{"NOTIFY=NEVER", "RRVS=2014-04-03T23:01:00Z"}; !slices.Equal(got, want) {
		t.Errorf("RCPT has %q, want %q", got, want)
	}
	if got, want := fmt.Sprint(announced(mailParams(&plan), rcptParams(&plan))), "[DSN MT-PRIORITY RRVS]"; got != want {
		t.Errorf("needed: %s, want %s", got, want)
	}
}

// grouped opens a session in which commands go in groups, and returns what sends one message in it.
func grouped(tb testing.TB) (message func()) {
	plan := deskPlan()
	plan.Pipeline = true
	d := newDeskOf(tb, plan)
	d.say(transport.Event{Kind: transport.Started, Waker: d})
	d.reply("220 desk ESMTP\r\n")
	d.reply("250-desk\r\n250-SIZE 1000000\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
	return func() {
		d.reply("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go on\r\n")
		d.reply("250 2.0.0 Ok: queued\r\n")
	}
}

func TestAMessageInAGroupAllocatesNothing(t *testing.T) {
	message := grouped(t)
	for range 100 {
		message()
	}
	if n := testing.AllocsPerRun(1000, message); n != 0 {
		t.Errorf("a message in a kept session makes %v allocations, want none", n)
	}
}

// BenchmarkWorkerMessageInGroups is BenchmarkWorkerMessage with --pipeline.
func BenchmarkWorkerMessageInGroups(b *testing.B) {
	message := grouped(b)
	b.ReportAllocs()
	for b.Loop() {
		message()
	}
}
