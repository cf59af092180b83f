package loadgen

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/schedule"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
	"mailmill/results/check"
)

// A process is one process of a run: what it leaves behind.
type process struct {
	*simulation
	log, rows bytes.Buffer
}

// performed plays a scenario as one process of a run.
func performed(t *testing.T, s scenario, share schedule.Share) *process {
	t.Helper()
	p := &process{}
	plan := s.plan
	s.plan = func(pl *profiles.Plan) { plan(pl); pl.Shard = share }
	s.options.Log, s.options.Rows = results.NewLogWriter(&p.log), results.NewRowWriter(&p.rows)
	p.simulation = s.play(t)
	return p
}

// divided plays a scenario as n processes, and merges what they leave behind.
func divided(t *testing.T, s scenario, n int64) (d *results.Document, log string, rows [][]string) {
	t.Helper()
	var in []results.Source
	var logs []results.LogSource
	for m := range n {
		p := performed(t, s, schedule.Share{M: m, N: n})
		in = append(in, results.Source{File: fmt.Sprint(m, ".json"), Document: p.document})
		logs = append(logs, results.LogSource{File: fmt.Sprint(m, ".hlog"), Log: results.NewLogReader(&p.log)})
		rows = append(rows, table(t, &p.rows)...)
	}
	d, err := results.Merge(in)
	if err != nil {
		t.Fatal(err)
	}
	var merged bytes.Buffer
	if err := d.MergeLogs(results.NewLogWriter(&merged), logs); err != nil {
		t.Fatal(err)
	}
	return d, merged.String(), rows
}

// table returns the rows of a process, without their header.
func table(t *testing.T, in *bytes.Buffer) [][]string {
	t.Helper()
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// weather is what a server does to a slot, whoever sends it: mostly it takes it after a while of the slot's
// own; now and then it refuses, breaks or hangs.
func weather(m moment) answer {
	n := m.slot
	a := answer{after: time.Duration(1+(n*7919)%41) * time.Millisecond / 4}
	switch {
	case n < 0: // before MAIL, nobody knows the slot
		return answer{after: 2 * time.Millisecond}
	case n%31 == 3 && m.step == timing.Rcpt:
		a.reply = "450 4.2.1 greylisted\r\n"
	case n%37 == 5 && m.step == timing.Mail:
		a.reply = "550 5.7.1 no\r\n"
	case n%41 == 7 && m.step == timing.Accept:
		a.deed = drop
	case n%43 == 9 && m.step == timing.Data:
		a.deed = reset
	case n%97 == 11 && m.step == timing.Data:
		a.reply = "250 what?\r\n"
	case n%101 == 13 && m.step == timing.Accept:
		a.after = 40 * time.Second // longer than the drain: unfinished
	case n%59 == 17 && m.step == timing.Accept:
		a.after = 1500 * time.Millisecond
	}
	return a
}

// Four processes make one run. Where the server does the same to a slot whoever sends it, the merged document is
// that of the one process that sends all of it, and so are the interval log and the rows.
func TestFourShardsAreTheWholeRun(t *testing.T) {
	for _, row := range []struct {
		name string
		plan func(*profiles.Plan)
	}{
		{"a constant rate", func(p *profiles.Plan) { p.Rate, p.Duration = 83, 7*time.Second+300*time.Millisecond }},
		{"a number of messages", func(p *profiles.Plan) { p.Rate, p.Messages, p.Recipients = 200, 701, message.Fixed(3) }},
		{"Poisson arrivals, after a warm-up", func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Arrivals, p.WarmUp = 60, 8*time.Second, "poisson", 2*time.Second
		}},
		{"stages", func(p *profiles.Plan) {
			p.Stages = []schedule.Stage{{Duration: 3 * time.Second, From: 10, To: 90}, {Duration: 3 * time.Second, From: 90, To: 90}}
		}},
		{"classes of traffic", func(p *profiles.Plan) {
			p.Rate, p.Duration = 90, 7*time.Second
			mixed(p, 2, 1)
		}},
		{"a start of its own", func(p *profiles.Plan) {
			p.Rate, p.Duration, p.StartAt = 50, 4*time.Second, profiles.Start{In: 3 * time.Second}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := scenario{answer: weather, network: transport.SimulatedOptions{Network: transport.Network{Latency: transport.Constant(300 * time.Microsecond)}}}
			s.plan = func(p *profiles.Plan) { p.Concurrency = 400; row.plan(p) }
			whole := performed(t, s, schedule.Share{})
			merged, log, rows := divided(t, s, 4)
			sameDocument(t, merged, whole.document)
			if log != whole.log.String() {
				t.Errorf("the merged interval log differs from that of the whole run")
			}
			sameRows(t, rows, table(t, &whole.rows))
		})
	}
}

// sameDocument compares a merged document with that of the whole run.
func sameDocument(t *testing.T, merged, whole *results.Document) {
	t.Helper()
	if err := merged.Check(); err != nil {
		t.Errorf("the merged document contradicts itself: %v", err)
	}
	for _, e := range check.BuiltIn(true) {
		merged.Checks = append(merged.Checks, e.Evaluate(merged)) // as whoever merges has to
	}
	a, b := *merged, *whole
	for _, d := range []*results.Document{&a, &b} {
		// These tell of processes and their machines, and so are not the run's.
		d.Run.ID, d.Run.StartedAt, d.Run.Argv = "", time.Time{}, nil
		d.Generator = results.Generator{}
		d.Host = results.Host{}
		d.Parts = nil
	}
	for i := range reflect.TypeOf(a).NumField() {
		got, want := reflect.ValueOf(a).Field(i).Interface(), reflect.ValueOf(b).Field(i).Interface()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("merged, %s is\n%+v\nand of the whole run\n%+v", reflect.TypeOf(a).Field(i).Name, got, want)
		}
	}
	c := whole.Counts
	if min(c.Accepted, c.Deferred, c.Rejected, c.Failed, c.Unknown, c.Unfinished) == 0 {
		t.Errorf("something does not occur in %+v: the test is about all of it", c)
	}
}

// sameRows compares the rows of processes with those of the whole run. Which worker took a slot, and how long it held
// it before it was due, is up to each process.
func sameRows(t *testing.T, got, want [][]string) {
	t.Helper()
	for _, rows := range [][][]string{got, want} {
		for _, row := range rows {
			row[3], row[12], row[13] = "", "", ""
		}
		slices.SortFunc(rows, func(a, b []string) int { return slot(t, a) - slot(t, b) })
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the rows of the shards are\n%v\nand those of the whole run\n%v", got, want)
	}
}

func slot(t *testing.T, row []string) int {
	n, err := strconv.Atoi(row[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// In a closed loop a slot goes to whoever is free, so only what is counted is the same.
func TestSharesOfAClosedLoopSendEverySlotOnce(t *testing.T) {
	s := scenario{answer: func(m moment) answer { return answer{after: 3 * time.Millisecond} }}
	s.plan = func(p *profiles.Plan) { p.Messages, p.Concurrency = 103, 7 }
	d, _, rows := divided(t, s, 3)
	if d.Counts.Accepted != 103 || d.Load.Workers != 7 || d.Load.Share != nil {
		t.Errorf("%d of 103 accepted, by %d workers of 7", d.Counts.Accepted, d.Load.Workers)
	}
	slices.SortFunc(rows, func(a, b []string) int { return slot(t, a) - slot(t, b) })
	for i, row := range rows {
		if slot(t, row) != i || i%3 != workerOf(t, row)%3 {
			t.Fatalf("row %d is of slot %s and worker %s", i, row[0], row[13])
		}
	}
	if len(rows) != 103 {
		t.Errorf("%d rows of 103 slots", len(rows))
	}
}

func workerOf(t *testing.T, row []string) int {
	n, err := strconv.Atoi(row[13])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestADocumentKnowsItsShare(t *testing.T) {
	s := scenario{plan: func(p *profiles.Plan) { p.Messages, p.Concurrency = 20, 10 }}
	p := performed(t, s, schedule.Share{M: 2, N: 3})
	l := p.document.Load
	if l.Share == nil || *l.Share != (results.Share{M: 2, N: 3}) || l.Workers != 3 || p.document.Counts.Accepted != 6 {
		t.Errorf("share 2/3 of 20 slots and 10 workers has %d slots and %+v", p.document.Counts.Accepted, l)
	}
	var sent []string
	for n := range p.server.mails {
		sent = append(sent, strconv.FormatInt(n, 10))
	}
	slices.Sort(sent)
	if got := strings.Join(sent, " "); got != "11 14 17 2 5 8" {
		t.Errorf("share 2/3 sent the slots %s", got)
	}
}
