package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen"
)

func TestLineSaysWhatMatters(t *testing.T) {
	for _, tt := range []struct {
		name string
		now  loadgen.Progress
		want string
	}{
		{"a run at its beginning", loadgen.Progress{Elapsed: time.Second, Planned: 10 * time.Second},
			"1s of 10s  0.0/s  0 accepted  in flight 0"},
		{"a run that goes well",
			loadgen.Progress{Elapsed: 3 * time.Second, Planned: time.Minute, Rate: 499.5, Accepted: 1498, InFlight: 2, P50: 412 * time.Microsecond, P99: 2 * time.Millisecond},
			"3s of 1m0s  499.5/s  1498 accepted  p50 412 µs  p99 2.00 ms  in flight 2"},
		{"a run of messages that goes wrong",
			loadgen.Progress{Elapsed: 3 * time.Second, Total: 100, Ended: 40, Accepted: 1, Deferred: 2, Rejected: 3, Failed: 4, Unknown: 5, Dropped: 6, Faults: 9, Backlog: 7},
			"3s 40 of 100  0.0/s  1 accepted  5 refused  4 failed  5 unknown  6 dropped  9 faults  in flight 0  backlog 7"},
		{"a run that drains", loadgen.Progress{Elapsed: 11 * time.Second, Planned: 10 * time.Second, Draining: true},
			"11s of 10s draining  0.0/s  0 accepted  in flight 0"},
		{"a run after Ctrl-C", loadgen.Progress{Elapsed: 2 * time.Second, Interrupted: true, Draining: true},
			"2s stopping  0.0/s  0 accepted  in flight 0"},
	} {
		if got := line(tt.now); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestWithoutATerminalThereIsALineEach(t *testing.T) {
	var w bytes.Buffer
	p := newProgress(&w, nil)
	p.show(loadgen.Progress{Elapsed: time.Second})
	p.show(loadgen.Progress{Elapsed: 2 * time.Second})
	p.end()
	if got := strings.Count(w.String(), "\n"); got != 2 || strings.ContainsAny(w.String(), "\r\x1b") {
		t.Errorf("%d lines: %q", got, w.String())
	}
}

func TestTheLiveLineIsDrawnOverAndCalm(t *testing.T) {
	var w bytes.Buffer
	p := &progress{w: &w, live: true, screen: screen{color: true}}
	for range 100 {
		p.show(loadgen.Progress{Elapsed: time.Second, Failed: 1})
	}
	if got := strings.Count(w.String(), "\r"); got != 1 {
		t.Errorf("drawn %d times within a moment", got)
	}
	p.end()
	if want := "\r\x1b[33m1s  0.0/s  0 accepted  1 failed  in flight 0\x1b[0m\x1b[K\n"; w.String() != want {
		t.Errorf("%q, want %q", w.String(), want)
	}
}
