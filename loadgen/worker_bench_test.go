package loadgen

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/session"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// desk is a transport for one worker: it answers every command from a list, at once.
type desk struct {
	worker  *worker
	now     timing.Instant
	scratch []byte
	in      []byte
	wakes   int
	sent    int
	event   transport.Event
	step    timing.Step // that the worker waits for
}

func (d *desk) Wake() { d.wakes++ }

func newDesk(tb testing.TB) *desk { return newDeskOf(tb, deskPlan()) }

// deskPlan is a plan for one worker that keeps its session.
func deskPlan() profiles.Plan {
	plan := profiles.Default()
	plan.Duration, plan.MessagesPerSession, plan.Concurrency = time.Hour, 0, 1
	return plan
}

func newDeskOf(tb testing.TB, plan profiles.Plan) *desk {
	source, err := newSource(plan, nil, time.Unix(0, 0))
	if err != nil {
		tb.Fatal(err)
	}
	classes, err := newClasses(plan, newOpener(nil, nil))
	if err != nil {
		tb.Fatal(err)
	}
	r := &run{plan: plan, classes: classes, transport: &idle{},
		servers: []session.Server{{Endpoints: []transport.Endpoint{{Path: "desk"}}}}}
	r.slots = newSlots(newSchedule(plan), plan.Shard, source, 0, plan.Duration)
	r.director = &director{run: r}
	r.hire(1, time.Unix(0, 0))
	w := r.transport.(*idle).started[0].(*worker)
	return &desk{worker: w, now: timing.Instant(time.Second), scratch: make([]byte, 0, 64<<10)}
}

// idle is a transport that starts nothing.
type idle struct {
	transport.Transport
	started []transport.Conversation
}

func (i *idle) Loops() int                            { return 1 }
func (i *idle) Start(_ int, c transport.Conversation) { i.started = append(i.started, c) }

// say delivers an event and what follows from it at once; it returns the last action.
func (d *desk) say(e transport.Event) transport.Action {
	for {
		d.now += 1000
		e.Now, e.Scratch = d.now, d.scratch[:0]
		d.event = e
		a := d.worker.Handle(&d.event)
		d.sent += len(a.Head) + len(a.Body)
		switch {
		case a.Do == transport.Dial:
			e = transport.Event{Kind: transport.Opened, Since: d.now}
		case a.Do == transport.Write && a.Notify:
			e = transport.Event{Kind: transport.Written}
		default:
			return a
		}
	}
}

func (d *desk) reply(text string) {
	d.in = append(d.in[:0], text...)
	d.say(transport.Event{Kind: transport.Received, In: d.in})
}

func (d *desk) open() {
	d.say(transport.Event{Kind: transport.Started, Waker: d})
	d.reply("220 desk ESMTP\r\n")
	d.reply("250-desk\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n")
}

func (d *desk) message() {
	d.reply("250 2.1.0 Ok\r\n")
	d.reply("250 2.1.5 Ok\r\n")
	d.reply("354 go on\r\n")
	d.reply("250 2.0.0 Ok: queued\r\n")
}

func BenchmarkWorkerMessage(b *testing.B) {
	d := newDesk(b)
	d.open()
	b.ReportAllocs()
	for b.Loop() {
		d.message()
	}
}

func TestAMessageAllocatesNothing(t *testing.T) {
	d := newDesk(t)
	d.open()
	for range 100 {
		d.message()
	}
	if n := testing.AllocsPerRun(1000, d.message); n != 0 {
		t.Errorf("a message in a kept session makes %v allocations, want none", n)
	}
}

// crowded gives a plan three classes, each with a template and 100,000 recipients. Nearly all messages are of the first,
// so that what is measured is a message, and not the QUIT between classes.
func crowded(tb testing.TB, plan profiles.Plan) profiles.Plan {
	folder := tb.TempDir()
	var lines strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&lines, "recipient%d@example.com\n", i)
	}
	one := plan
	one.To, one.Template = "@"+filepath.Join(folder, "to.csv"), filepath.Join(folder, "template.txt")
	var err error
	if one.ToOrder, err = message.ParseOrder("random"); err != nil {
		tb.Fatal(err)
	}
	template := "Subject: Order {n} of {rcpt}\n\nDear {rcpt},\n\nyour order {rand:8} was received at {time}.\n" + strings.Repeat("It is on its way to you, and will be there soon.\n", 18)
	for path, text := range map[string]string{one.To[1:]: lines.String(), one.Template: template} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	plan.Classes = []profiles.Class{{Name: "a", Weight: profiles.MaxWeight, Plan: one}, {Name: "b", Weight: 1, Plan: one}, {Name: "c", Weight: 1, Plan: one}}
	return plan
}

// exchange answers whatever the worker says until it has ended a message.
func (d *desk) exchange() {
	for done := false; !done; {
		done = d.step == timing.Accept
		switch d.step {
		case timing.Quit:
			d.say(transport.Event{Kind: transport.Received, In: append(d.in[:0], "221 bye\r\n"...)})
			d.say(transport.Event{Kind: transport.Closed})
		case timing.Greeting:
			d.reply("220 desk ESMTP\r\n")
		case timing.EHLO:
			d.reply("250-desk\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n")
		case timing.Data:
			d.reply("354 go on\r\n")
		default:
			d.reply("250 2.0.0 Ok: queued\r\n")
		}
		d.step = d.worker.session.Step()
	}
}

func BenchmarkWorkerMessageOfClasses(b *testing.B) {
	for _, tt := range []struct {
		name string
		plan profiles.Plan
	}{{"plain", deskPlan()}, {"crowded", crowded(b, deskPlan())}} {
		b.Run(tt.name, func(b *testing.B) {
			d := newDeskOf(b, tt.plan)
			d.open()
			d.step = d.worker.session.Step()
			b.ReportAllocs()
			for b.Loop() {
				d.exchange()
			}
		})
	}
}
