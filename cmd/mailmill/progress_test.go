package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen"
)

const (
	us = time.Microsecond
	ms = time.Millisecond
)

// moments are states of runs.
var moments = []struct {
	name string
	now  loadgen.Progress
	line string
	view string
}{
	{"a run at its beginning",
		loadgen.Progress{Elapsed: 250 * ms, Planned: 10 * time.Second, Rate: 496, Offered: 500, Accepted: 124, InFlight: 1},
		"0s of 10s  496.0 of 500.0/s  124 accepted  in flight 1",
		"[                        ]   2 %  0s of 10s\n" +
			"rate      496.0/s accepted, 500.0/s offered\n" +
			"response  p50 –, p99 – in the last second\n" +
			"now       1 in flight, backlog 0\n" +
			"so far    124 accepted"},
	{"a run that goes well",
		loadgen.Progress{Elapsed: 15 * time.Second, Planned: time.Minute, Rate: 499.5, Accepted: 1498, InFlight: 2, P50: 412 * us, P99: 2 * ms},
		"15s of 1m0s  499.5/s  1498 accepted  p50 412 µs  p99 2.00 ms  in flight 2",
		"[======                  ]  25 %  15s of 1m0s\n" +
			"rate      499.5/s accepted\n" +
			"response  p50 412 µs, p99 2.00 ms in the last second\n" +
			"now       2 in flight, backlog 0\n" +
			"so far    1498 accepted"},
	{"a run of messages that goes wrong",
		loadgen.Progress{Elapsed: 3 * time.Second, Total: 100, Ended: 40, Accepted: 1, Deferred: 2, Rejected: 3, Failed: 4, Unknown: 5, Dropped: 6, Faults: 9, Backlog: 7, Late: 1200 * ms},
		"3s 40 of 100  0.0/s  1 accepted  5 refused  4 failed  5 unknown  6 dropped  9 faults  in flight 0  backlog 7  late 1.20 s",
		"[=========               ]  40 %  3s 40 of 100\n" +
			"rate      0.0/s accepted\n" +
			"response  p50 –, p99 – in the last second\n" +
			"now       0 in flight, backlog 7, late by 1.20 s !\n" +
			"so far    1 accepted, 5 refused, 4 failed, 5 unknown, 6 dropped, 9 faults !"},
	{"a run without an end, in its warm-up", loadgen.Progress{Elapsed: 2 * time.Second, WarmingUp: true},
		"2s warming up  0.0/s  0 accepted  in flight 0",
		"2s warming up\n" +
			"rate      0.0/s accepted\n" +
			"response  p50 –, p99 – in the last second\n" +
			"now       0 in flight, backlog 0\n" +
			"so far    0 accepted"},
	{"a run that drains", loadgen.Progress{Elapsed: 11 * time.Second, Planned: 10 * time.Second, Draining: true},
		"11s of 10s draining  0.0/s  0 accepted  in flight 0",
		"[========================] 100 %  11s of 10s draining\n" +
			"rate      0.0/s accepted\n" +
			"response  p50 –, p99 – in the last second\n" +
			"now       0 in flight, backlog 0\n" +
			"so far    0 accepted"},
	{"a run after Ctrl-C", loadgen.Progress{Elapsed: 2 * time.Second, Stopped: true, Draining: true},
		"2s stopping  0.0/s  0 accepted  in flight 0",
		"2s stopping\n" +
			"rate      0.0/s accepted\n" +
			"response  p50 –, p99 – in the last second\n" +
			"now       0 in flight, backlog 0\n" +
			"so far    0 accepted"},
}

func TestLineSaysWhatMatters(t *testing.T) {
	for _, m := range moments {
		if got := line(m.now); got != m.line {
			t.Errorf("%s:\n got %s\nwant %s", m.name, got, m.line)
		}
	}
}

// A row that tells of something wrong is marked with an exclamation mark here.
func TestViewSaysWhatMatters(t *testing.T) {
	for _, m := range moments {
		var rows []string
		for _, r := range view(m.now) {
			if r.wrong {
				r.text += " !"
			}
			rows = append(rows, r.text)
		}
		if got := strings.Join(rows, "\n"); got != m.view {
			t.Errorf("%s:\n got\n%s\nwant\n%s", m.name, got, m.view)
		}
	}
}

func TestWithoutATerminalThereIsALineEach(t *testing.T) {
	var w bytes.Buffer
	p := newProgress(&w, nil)
	p.show(loadgen.Progress{Elapsed: time.Second})
	io.WriteString(p, "S: 220 hello\n")
	p.show(loadgen.Progress{Elapsed: 2 * time.Second})
	p.end()
	want := "1s  0.0/s  0 accepted  in flight 0\nS: 220 hello\n2s  0.0/s  0 accepted  in flight 0\n"
	if w.String() != want || p.every() != time.Second {
		t.Errorf("every %v: %q, want %q", p.every(), w.String(), want)
	}
}

func TestTheViewIsDrawnOver(t *testing.T) {
	now := loadgen.Progress{Elapsed: time.Second, Failed: 1}
	rows := func(paint, plain string) string {
		var b strings.Builder
		for i, r := range view(now) {
			fmt.Fprint(&b, []string{"", "\n"}[min(i, 1)])
			if r.wrong {
				fmt.Fprint(&b, paint+r.text+plain)
			} else {
				fmt.Fprint(&b, r.text)
			}
			fmt.Fprint(&b, "\x1b[K")
		}
		return b.String()
	}
	for _, tt := range []struct {
		name         string
		color        bool
		paint, plain string
	}{
		{"with colours", true, "\x1b[33m", "\x1b[0m"},
		{"with NO_COLOR", false, "", ""},
	} {
		var w bytes.Buffer
		p := &progress{w: &w, live: true, screen: screen{color: tt.color}}
		p.show(now)
		p.show(now)
		io.WriteString(p, "S: 220 hello\n")
		p.show(now)
		p.end()
		drawn := rows(tt.paint, tt.plain)
		want := "\r" + drawn + "\r\x1b[4A" + drawn + "\r\x1b[4A\x1b[JS: 220 hello\n" + "\r" + drawn + "\n"
		if w.String() != want || p.every() != 250*time.Millisecond {
			t.Errorf("%s: every %v\n got %q\nwant %q", tt.name, p.every(), w.String(), want)
		}
	}
}

func TestARowIsCutToTheScreen(t *testing.T) {
	p := &progress{screen: screen{}}
	if got := p.paint(row{text: strings.Repeat("µ", 100)}); got != strings.Repeat("µ", defaultWidth-1) {
		t.Errorf("%d columns: %q", len([]rune(got)), got)
	}
}
