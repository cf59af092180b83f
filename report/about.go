package report

import (
	"fmt"
	"strings"
	"time"

	"mailmill/results"
)

// about says what was run, against what, and how.
func about(d *results.Document) *section {
	s := &section{}
	run := []string{d.Run.ID, d.Run.Tool}
	if !d.Run.StartedAt.IsZero() {
		run = append([]string{d.Run.StartedAt.UTC().Format("2006-01-02 15:04:05 UTC")}, run...)
	}
	s.add("RUN", joined(", ", run...))
	target := d.Target.URL
	if a := strings.Join(d.Target.Addresses, ", "); a != "" && !strings.HasSuffix(target, a) {
		target = joined(" ", target, "("+a+")")
	}
	if d.Target.Greeting != "" {
		target += ", greeting \"" + d.Target.Greeting + "\""
	}
	s.add("TARGET", target)
	s.add("LOAD", load(d))
	if len(s.lines) == 0 {
		return nil
	}
	return s
}

// add appends a headed line, unless there are no words for it.
func (s *section) add(name, words string) {
	if words != "" {
		s.lines = append(s.lines, line{name, words, heading})
	}
}

func joined(separator string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, separator)
}

func load(d *results.Document) string {
	l := d.Load
	if l.Model == "" {
		return ""
	}
	words := l.Model + " loop"
	if l.Share != nil {
		words = fmt.Sprintf("share %d/%d of this: %s", l.Share.M, l.Share.N, words)
	}
	switch {
	case l.Model == results.Closed:
		words += " (a slot is due when a worker claims it: response = service)"
	case len(l.Stages) > 0:
		words += ", " + strings.TrimSpace(l.Arrivals+" "+stages(l.Stages))
	default:
		words += joined(" ", ",", l.Arrivals, rate(d.Rates.Offered)+"/s")
	}
	words += ", " + plural(int64(l.Workers), "worker")
	if l.OpenRate > 0 {
		words += ", at most " + rate(l.OpenRate) + " sessions opened a second"
	}
	words += "; window " + duration(d.Window.Length())
	if l.WarmUp > 0 {
		words += " after a warm-up of " + duration(l.WarmUp)
	}
	words += ", drain up to " + duration(l.Drain)
	switch {
	case l.MaxLateness == nil:
	case *l.MaxLateness == 0:
		words += ", slots dropped when no worker is free"
	default:
		words += ", slots dropped when later than " + duration(*l.MaxLateness)
	}
	return words
}

// mostStages bounds the stages that are spelled out.
const mostStages = 4

func stages(list []results.Stage) string {
	var words []string
	for _, s := range list[:min(len(list), mostStages)] {
		w := rate(s.To) + "/s"
		if s.From != s.To {
			w = rate(s.From) + " to " + w
		}
		words = append(words, w+" for "+duration(s.Duration))
	}
	said := strings.Join(words, ", then ")
	if more := len(list) - mostStages; more > 0 {
		said += ", and " + plural(int64(more), "stage") + " more"
	}
	return said
}

// generator says what the run cost mailmill, and on what machine.
func generator(d *results.Document) *section {
	s := &section{}
	g := d.Generator
	if g.Transport == "" {
		return nil
	}
	spin := ""
	if g.Spin {
		spin = "spinning"
	}
	s.add("GENERATOR", joined(", ", g.Transport, loops(g), spin, added("pacer", d.Latency.Pacer), delay(d)))
	cpu := ""
	if g.CPUPerMessage > 0 {
		cpu = fmt.Sprintf("CPU %s a message, %s in all", duration(g.CPUPerMessage), duration(g.CPUUser+g.CPUSystem))
	}
	pauses := fmt.Sprintf("the collector paused it %s for %s", times(g.GCPauses), duration(g.GCPauseTotal))
	memory := ""
	if g.RSS > 0 {
		memory = octets(g.RSS) + " of memory"
	}
	s.lines = append(s.lines, line{words: joined("; ", cpu, pauses, memory)})
	if g.Transport == withoutLoops {
		s.lines = append(s.lines, line{words: "how long a reply waited for its goroutine is not measured"})
	}
	if g.Signed > 0 {
		s.lines = append(s.lines, line{words: fmt.Sprintf("%s signed in %s, %s each, which no step has in it",
			plural(g.Signed, "message"), duration(g.SignTime), duration(g.SignTime/time.Duration(g.Signed)))})
	}
	s.add("HOST", host(d))
	return s
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return grouped(n) + " times"
}

// added says what mailmill itself added to a latency.
// loops says how busy the event loops were. Goroutines have none: how busy they are is not measured.
func loops(g results.Generator) string {
	n := int64(len(g.Loops))
	switch {
	case g.Transport == withoutLoops:
		return "one for each session"
	case n == 0:
		return ""
	}
	var busiest float64
	for _, l := range g.Loops {
		busiest = max(busiest, l.BusyRatio)
	}
	words := plural(n, "loop") + ", busy " + percentOf(g.BusyRatio)
	if n > 1 {
		words += " (the busiest " + percentOf(busiest) + ")"
	}
	return words
}

// withoutLoops is the transport that has no event loops.
const withoutLoops = "goroutines"

// delay says how long replies waited for a loop that was at other work, which of goroutines is not known.
func delay(d *results.Document) string {
	if d.Generator.Transport == withoutLoops {
		return ""
	}
	return added("loop", d.Latency.Loop)
}

func added(name string, l *results.Latency) string {
	for _, p := range []results.Percentile{"99", "90", "50"} {
		if v, _, ok := l.Percentile(p); ok {
			return fmt.Sprintf("%s p%s %s", name, p, duration(v))
		}
	}
	return ""
}

func host(d *results.Document) string {
	h := d.Host
	cpus := ""
	if h.CPUs > 0 {
		cpus = plural(int64(h.CPUs), "CPU")
		if h.CPU != "" {
			cpus += " (" + h.CPU + ")"
		}
	}
	quota := ""
	if h.Quota > 0 {
		quota = fmt.Sprintf("quota %.3g CPUs", h.Quota)
	}
	rtt := ""
	if h.RTT > 0 {
		rtt = "RTT " + duration(h.RTT)
	}
	system := joined(" ", joined("/", h.OS, h.Arch), h.Kernel)
	return joined(", ", system, cpus, quota, h.Virt, d.Generator.GoVersion, rtt)
}
