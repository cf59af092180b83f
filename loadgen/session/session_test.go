package session

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// dialing returns an owner of messages, and the wire on which it has dialed the first of its endpoints.
func dialing(t *testing.T, messages, endpoints int) (*owner, *wire) {
	t.Helper()
	d := &dialogue{setting: unset()}
	d.messages = messages
	o := newOwner(t, d, make([]transport.Endpoint, endpoints), stepTimeouts())
	for i := range o.session.Loop.Servers[0].Endpoints {
		o.session.Loop.Servers[0].Endpoints[i].Path = fmt.Sprint("/endpoint/", i)
	}
	w := newWire(t, o)
	w.event(transport.Event{Kind: transport.Started})
	return o, w
}

// replies are what a server says, in the order of a session with one mail transaction.
var replies = []struct {
	step timing.Step // that the reply ends
	text string
}{
	{timing.Greeting, "220 mail.example.com\r\n"}, {timing.EHLO, "250 mail.example.com\r\n"}, {timing.Mail, "250 2.1.0 Ok\r\n"},
	{timing.Rcpt, "250 2.1.5 Ok\r\n"}, {timing.Data, "354 go on\r\n"}, {timing.Content, ""}, {timing.Accept, "250 2.0.0 Ok\r\n"},
	{timing.Quit, "221 Bye\r\n"},
}

// reach plays until the step is outstanding.
func reach(w *wire, step timing.Step) {
	w.connect()
	for _, r := range replies {
		switch r.step {
		case step:
			return
		case timing.Content:
			w.wrote()
		default:
			w.hear(r.text)
		}
	}
}

func TestAbortEndsEveryStep(t *testing.T) {
	for _, r := range replies {
		t.Run(r.step.String(), func(t *testing.T) {
			o, w := dialing(t, 1, 1)
			reach(w, r.step)
			if o.session.Step() != r.step || o.session.Phase() != Busy {
				t.Fatalf("the step is %v, in phase %d", o.session.Step(), o.session.Phase())
			}
			a := o.session.Abort(w.now+1, timing.Unfinished)
			if a.Do != transport.Close || o.session.Phase() != Busy {
				t.Errorf("Abort wants verb %d, phase %d; want Close, Busy until it is complete", a.Do, o.session.Phase())
			}
			w.carryOut(&a)
			w.event(transport.Event{Kind: transport.Closed})
			got := recorded(t, o)
			want := timing.Unfinished
			if r.step == timing.Quit {
				want = timing.Accepted
			}
			if got.results[0].Outcome != want || got.totals.ClosedEarly != 0 || len(got.totals.Faults) != 0 {
				t.Errorf("recorded %q, want outcome %v and no fault", got.lines(), want)
			}
		})
	}
}

func TestAbortEndsADial(t *testing.T) {
	o, w := dialing(t, 1, 2)
	a := o.session.Abort(w.now+1, timing.Unfinished)
	w.carryOut(&a)
	w.event(transport.Event{Kind: transport.Closed})
	got := recorded(t, o)
	if got.count(timing.Unfinished) != 1 || got.totals.Sessions != 0 || !w.done {
		t.Errorf("recorded %q; done %t, want true", got.lines(), w.done)
	}
}

func TestADialThatIsNotAnsweredGoesOnToTheNextAddress(t *testing.T) {
	o, w := dialing(t, 1, 2)
	begun := w.now
	if w.dialed.Path != "/endpoint/0" || w.until != begun.Add(o.config.Timeouts[timing.Connect]) {
		t.Fatalf("dialed %v until %d", w.dialed, w.until)
	}
	w.expire()
	if w.dialed == nil || w.dialed.Path != "/endpoint/1" {
		t.Fatalf("after the time-out, %v is dialed", w.dialed)
	}
	w.now++
	reach(w, timing.Quit)
	w.hear("221 Bye\r\n")
	r := recorded(t, o)
	if opening := r.totals.Opening.Max(); r.count(timing.Accepted) != 1 || opening != w.now.Sub(begun) {
		t.Errorf("recorded %q, an opening of %v, want accepted and %v", r.lines(), opening, w.now.Sub(begun))
	}
}

func TestTheLastDialThatIsNotAnsweredIsAFault(t *testing.T) {
	o, w := dialing(t, 1, 2)
	w.expire()
	w.expire()
	r := recorded(t, o)
	if lines := r.lines(); r.count(timing.Failed) != 1 || lines[2] != "fault connect timeout count=2" || r.totals.Sessions != 0 {
		t.Errorf("recorded %q", lines)
	}
}

func TestASessionBeginsWithTheEndpointItIsGiven(t *testing.T) {
	o, w := dialing(t, 0, 3)
	w.lose(timing.Fault{Kind: timing.Refused})
	w.lose(timing.Fault{Kind: timing.Refused})
	w.lose(timing.Fault{Kind: timing.Refused})
	var tried []string
	a := o.session.Open(w.now, Opening{Config: &o.config, Endpoint: 2}, nil, false)
	for o.session.Phase() == Busy {
		tried = append(tried, a.Dial.Path)
		a = o.session.Handle(&transport.Event{Kind: transport.Broken, Now: w.now, Since: w.now, Fault: timing.Fault{Kind: timing.Refused}})
	}
	if got := strings.Join(tried, " "); got != "/endpoint/2 /endpoint/0 /endpoint/1" {
		t.Errorf("tried %s", got)
	}
}

// TestAWaitForAPermitIsNotService: the transport lets a dial wait, and says since when it does not.
func TestAWaitForAPermitIsNotService(t *testing.T) {
	o, w := dialing(t, 1, 1)
	w.now = w.now.Add(time.Hour)
	w.since = w.now
	w.now++
	reach(w, timing.Quit)
	w.hear("221 Bye\r\n")
	r := recorded(t, o)
	if began := r.results[0].Began; began != w.since || r.totals.Opening.Max() != 1 || r.totals.Steps[timing.Connect].Max() != 1 {
		t.Errorf("began at %d, opening took %v, connect %v; want %d, 1ns, 1ns", began, r.totals.Opening.Max(), r.totals.Steps[timing.Connect].Max(), w.since)
	}
}

// TestStepsOutsideTheWindowAreCountedNotTimed: replies are counted, whoever they are for.
func TestStepsOutsideTheWindowAreCountedNotTimed(t *testing.T) {
	o, w := dialing(t, 0, 1)
	w.lose(timing.Fault{Kind: timing.Refused})
	source := sourceOf(t, unset().message)
	var m message.Mail
	source.Fill(0, sent, &m)
	o.session.Open(w.now, Opening{Config: &o.config}, &m, false)
	o.session.Handle(&transport.Event{Kind: transport.Opened, Now: w.now, Since: w.now})
	for _, r := range replies[:len(replies)-1] {
		e := transport.Event{Kind: transport.Received, Now: w.now, In: []byte(r.text)}
		if r.step == timing.Content {
			e = transport.Event{Kind: transport.Written, Now: w.now}
		}
		o.session.Handle(&e)
	}
	totals := o.recorder.Finish()
	for s := range totals.Steps {
		if n := totals.Steps[s].Count(); n > 0 {
			t.Errorf("%v was timed %d times", timing.Step(s), n)
		}
	}
	if len(totals.Replies) != 6 || totals.Opening.Count() != 0 {
		t.Errorf("%d kinds of reply, %d openings; want 6 and none", len(totals.Replies), totals.Opening.Count())
	}
}

// TestEveryMessageHasADateAndAMessageIDOfItsOwn looks at what is sent.
func TestEveryMessageHasADateAndAMessageIDOfItsOwn(t *testing.T) {
	o, w := dialing(t, 2, 1)
	sourceOf(t, unset().message).Fill(1, sent.Add(time.Minute), &o.mails[1])
	reach(w, timing.Mail)
	var contents [2][]byte
	for i := range contents {
		w.hear("250 2.1.0 Ok\r\n")
		w.hear("250 2.1.5 Ok\r\n")
		w.out = nil
		w.hear("354 go on\r\n")
		contents[i] = bytes.Clone(w.out)
		w.wrote()
		w.hear("250 2.0.0 Ok\r\n")
	}
	first, second := headerOf(contents[0]), headerOf(contents[1])
	for _, name := range []string{"Date", "Message-ID"} {
		if len(first[name]) != 1 || len(second[name]) != 1 || first[name][0] == second[name][0] {
			t.Errorf("%s: %q and %q, want one of its own in each message", name, first[name], second[name])
		}
	}
	if date := second["Date"][0]; date != "Sat, 07 Nov 2026 06:10:10 +0000" {
		t.Errorf("the second message is of %s, not of when its slot was filled", date)
	}
}

// headerOf returns the values of a header by their fields' names.
func headerOf(content []byte) map[string][]string {
	header := map[string][]string{}
	head, _, _ := strings.Cut(string(content), "\r\n\r\n")
	for _, text := range strings.Split(head, "\r\n") {
		name, value, _ := strings.Cut(text, ": ")
		header[name] = append(header[name], value)
	}
	return header
}

func TestOffersAreParsedOnce(t *testing.T) {
	var known offers
	reply := func(text string) smtp.Reply {
		var p smtp.Parser
		var r smtp.Reply
		p.Next([]byte(text), &r)
		return r
	}
	first := known.of(reply("250-a\r\n250 SIZE 1\r\n"))
	if again := known.of(reply("250-a\r\n250 SIZE 1\r\n")); again != first || !first.has(size) || first.has(eightBit) {
		t.Errorf("the same reply offers %+v, then %+v", first, again)
	}
	if n := testing.AllocsPerRun(100, func() { known.of(reply("250-a\r\n250 SIZE 1\r\n")) }); n > 1 {
		t.Errorf("%v allocations for a known reply, want at most that of the test's own octets", n)
	}
	for i := range 10 * maxOffers {
		known.of(reply(fmt.Sprintf("250 host%d\r\n", i)))
	}
	if len(known.known) > maxOffers {
		t.Errorf("%d replies are kept, want at most %d", len(known.known), maxOffers)
	}
}

// TestATimeoutOfZeroIsNone: a session waits for ever then.
func TestATimeoutOfZeroIsNone(t *testing.T) {
	o, w := dialing(t, 1, 1)
	o.config.Timeouts = [timing.NumSteps]time.Duration{}
	w.connect()
	for _, r := range replies {
		if r.step != timing.Greeting && w.until != 0 {
			t.Errorf("%v is outstanding until %d, want for ever", r.step, w.until)
		}
		if r.step == timing.Content {
			w.wrote()
			continue
		}
		w.hear(r.text)
	}
	recorded(t, o)
}

// TestAnEventAfterTheEndIsNone: what a session hears between its Close and the end of it changes nothing.
func TestAnEventAfterTheEndIsNone(t *testing.T) {
	o, w := dialing(t, 1, 1)
	reach(w, timing.Rcpt)
	o.session.Abort(w.now, timing.Unfinished)
	for _, e := range []transport.Event{
		{Kind: transport.Received, In: []byte("250 Ok\r\n")}, {Kind: transport.Written}, {Kind: transport.Expired}, {Kind: transport.Ended}, {Kind: transport.Woken},
	} {
		e.Now = w.now + 1
		if a := o.session.Handle(&e); a.Do != transport.Wait || a.Taken != len(e.In) || a.Until != 0 {
			t.Errorf("event %d: verb %d, %d taken, until %d; want nothing but all taken", e.Kind, a.Do, a.Taken, a.Until)
		}
	}
	o.session.Handle(&transport.Event{Kind: transport.Broken, Now: w.now + 2, Fault: timing.Fault{Kind: timing.Reset}})
	r, ok := o.session.Result()
	if _, again := o.session.Result(); o.session.Phase() != Off || r.Outcome != timing.Unfinished || !ok || again {
		t.Errorf("phase %d, result %+v %t, again %t", o.session.Phase(), r, ok, again)
	}
	if totals := o.recorder.Finish(); len(totals.Faults) != 0 || totals.SessionsClosed != 1 {
		t.Errorf("%d faults, %d sessions closed, want none and one", len(totals.Faults), totals.SessionsClosed)
	}
}
