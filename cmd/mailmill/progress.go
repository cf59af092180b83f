package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"mailmill/loadgen"
	"mailmill/results"
)

// How often a run's progress is shown: a view that is redrawn stays calm, and a log short.
const (
	redrawEvery = 250 * time.Millisecond
	lineEvery   = time.Second
)

// A progress shows how a run goes: some lines that are redrawn on a terminal, and else
// a line a second. What else goes to that terminal meanwhile is written through it.
type progress struct {
	screen screen
	live   bool // redraw

	mu    sync.Mutex
	w     io.Writer
	drawn int // lines of the view that stand on the terminal, the cursor in the last one
}

// newProgress looks at what w is. In CI a terminal is only a log.
func newProgress(w io.Writer, env environment) *progress {
	s := screenOf(w, env)
	return &progress{w: w, screen: s, live: s.terminal && env.get("CI") == ""}
}

// every is how often to call show.
func (p *progress) every() time.Duration {
	if p.live {
		return redrawEvery
	}
	return lineEvery
}

// show shows the state of a run, from a copy.
func (p *progress) show(now loadgen.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.live {
		fmt.Fprintln(p.w, line(now))
		return
	}
	var b strings.Builder
	b.WriteString(p.home())
	rows := view(now)
	for i, row := range rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.paint(row) + "\x1b[K")
	}
	p.drawn = len(rows)
	io.WriteString(p.w, b.String())
}

// home moves the cursor to where the view begins.
func (p *progress) home() string {
	if p.drawn > 1 {
		return fmt.Sprintf("\r\x1b[%dA", p.drawn-1)
	}
	return "\r"
}

// paint cuts a row to the width of the screen, and colours it if it tells of something wrong.
func (p *progress) paint(r row) string {
	text := []rune(r.text)
	if room := p.screen.width() - 1; len(text) > room {
		text = text[:max(room, 0)]
	}
	if r.wrong && p.screen.color {
		return "\x1b[33m" + string(text) + "\x1b[0m"
	}
	return string(text)
}

// Write writes what is no progress: in the place of the view, which is drawn anew below it.
func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn > 0 {
		io.WriteString(p.w, p.home()+"\x1b[J")
		p.drawn = 0
	}
	return p.w.Write(b)
}

// end leaves the terminal on a line of its own.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn > 0 {
		fmt.Fprintln(p.w)
		p.drawn = 0
	}
}

// line puts the state of a run into one line.
func line(now loadgen.Progress) string {
	parts := []string{clock(now), rates(now), fmt.Sprintf("%d accepted", now.Accepted)}
	parts = append(parts, troubles(now)...)
	if now.P50 > 0 {
		parts = append(parts, "p50 "+results.FormatDuration(now.P50), "p99 "+results.FormatDuration(now.P99))
	}
	return strings.Join(append(parts, underWay(now)...), "  ")
}

// rates are those of the last second.
func rates(now loadgen.Progress) string {
	if now.Offered > 0 {
		return fmt.Sprintf("%.1f of %.1f/s", now.Rate, now.Offered)
	}
	return fmt.Sprintf("%.1f/s", now.Rate)
}

// troubles counts what is not as it should be, and has happened.
func troubles(now loadgen.Progress) (counts []string) {
	for _, t := range []struct {
		count int64
		word  string
	}{
		{now.Deferred + now.Rejected, "refused"}, {now.Failed, "failed"}, {now.Unknown, "unknown"}, {now.Dropped, "dropped"},
		{now.Faults, "faults"},
	} {
		if t.count > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", t.count, t.word))
		}
	}
	return counts
}

// underWay says what waits for the server, and what for a worker.
func underWay(now loadgen.Progress) []string {
	parts := []string{fmt.Sprintf("in flight %d", now.InFlight)}
	if now.Backlog > 0 {
		parts = append(parts, fmt.Sprintf("backlog %d", now.Backlog))
	}
	if now.Late > 0 {
		parts = append(parts, "late "+results.FormatDuration(now.Late))
	}
	return parts
}

// clock says where in the run this is, and in which part of it.
func clock(now loadgen.Progress) string {
	at := now.Elapsed.Round(time.Second).String()
	switch {
	case now.Planned > 0:
		at += " of " + now.Planned.Round(time.Second).String()
	case now.Total > 0:
		at += fmt.Sprintf(" %d of %d", now.Ended, now.Total)
	}
	if part := partOf(now); part != "" {
		at += " " + part
	}
	return at
}

// partOf names the part of a run that is not its steady one.
func partOf(now loadgen.Progress) string {
	switch {
	case now.Stopped:
		return "stopping"
	case now.Draining:
		return "draining"
	case now.WarmingUp:
		return "warming up"
	}
	return ""
}
