package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"mailmill/loadgen"
	"mailmill/results"
)

// redrawEvery keeps the live line calm: at most four times a second.
const redrawEvery = 250 * time.Millisecond

// A progress shows how a run goes: a line that is redrawn on a terminal, and else
// a line a second.
type progress struct {
	w      io.Writer
	screen screen
	live   bool      // redraw one line
	drawn  time.Time // when the live line was drawn last
	latest string
}

// newProgress looks at what w is. In CI a terminal is only a log.
func newProgress(w io.Writer, env environment) *progress {
	s := screenOf(w, env)
	return &progress{w: w, screen: s, live: s.terminal && env.get("CI") == ""}
}

// show writes one line about the run.
func (p *progress) show(now loadgen.Progress) {
	p.latest = line(now)
	if !p.live {
		fmt.Fprintln(p.w, p.latest)
		return
	}
	if time.Since(p.drawn) < redrawEvery {
		return
	}
	p.drawn = time.Now()
	p.draw(now.Failed+now.Unknown > 0)
}

// draw writes the latest line over the one that stands there.
func (p *progress) draw(wrong bool) {
	text := []rune(p.latest)
	if room := p.screen.width() - 1; len(text) > room {
		text = text[:max(room, 0)]
	}
	paint, plain := "", ""
	if wrong && p.screen.color {
		paint, plain = "\x1b[33m", "\x1b[0m"
	}
	fmt.Fprintf(p.w, "\r%s%s%s\x1b[K", paint, string(text), plain)
}

// end leaves the terminal on a line of its own.
func (p *progress) end() {
	if p.live && p.latest != "" {
		fmt.Fprintln(p.w)
	}
}

// line puts the state of a run into words that fit a terminal.
func line(now loadgen.Progress) string {
	parts := []string{
		clock(now),
		fmt.Sprintf("%.1f/s", now.Rate),
		fmt.Sprintf("%d accepted", now.Accepted),
	}
	for _, outcome := range []struct {
		count int64
		word  string
	}{
		{now.Deferred + now.Rejected, "refused"}, {now.Failed, "failed"}, {now.Unknown, "unknown"}, {now.Dropped, "dropped"},
		{now.Faults, "faults"},
	} {
		if outcome.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", outcome.count, outcome.word))
		}
	}
	if now.P50 > 0 {
		parts = append(parts, "p50 "+results.FormatDuration(now.P50), "p99 "+results.FormatDuration(now.P99))
	}
	parts = append(parts, fmt.Sprintf("in flight %d", now.InFlight))
	if now.Backlog > 0 {
		parts = append(parts, fmt.Sprintf("backlog %d", now.Backlog))
	}
	return strings.Join(parts, "  ")
}

// clock says where in the run this is, and whether it is ending.
func clock(now loadgen.Progress) string {
	at := now.Elapsed.Round(time.Second).String()
	switch {
	case now.Planned > 0:
		at += " of " + now.Planned.Round(time.Second).String()
	case now.Total > 0:
		at += fmt.Sprintf(" %d of %d", now.Ended, now.Total)
	}
	switch {
	case now.Interrupted:
		at += " stopping"
	case now.Draining:
		at += " draining"
	}
	return at
}
