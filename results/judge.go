package results

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"
)

// LeastRun is how long the window of a run must be before what was measured in it can
// be held against it: in less, one hiccup is a large share.
const LeastRun = 3 * time.Second

// The limits of the rules.
const (
	pacerFloor     = time.Millisecond       // lateness of waking that is always forgiven
	loopFloor      = 100 * time.Microsecond // time added by other sessions that is always forgiven
	addedShare     = 0.05                   // share of the measured latency that mailmill may add to it
	saturatedShare = 0.05                   // share of the seconds in which a loop may be saturated
	pauseShare     = 0.001                  // share of the window in which the world may be stopped
	stealShare     = 0.02
	clockStep      = 50 * time.Millisecond
	shortShare     = 0.01 // share of the offered load that may be missing
)

// A rule is one ground on which a run is doubted.
type rule struct {
	name, side string
	// fact: one case is enough, so the rule also holds for runs shorter than
	// LeastRun and for self-tests.
	fact bool
	// test returns the effect and the words, or no effect.
	test func(*Document) (Status, string)
}

var rules = []rule{
	{"books", SideGenerator, true, booksDiffer},
	{"generator.local", SideGenerator, true, localFaults},
	{"generator.pacer", SideGenerator, false, pacerLate},
	{"generator.loop", SideGenerator, false, loopSaturated},
	{"generator.gc", SideGenerator, false, collectorPaused},
	{"host.cpu", SideHost, false, cpuTaken},
	{"host.clock", SideHost, false, clockStepped},
	{"server.backlog", SideServer, false, backlogGrew},
	{"server.short", SideServer, false, serverShort},
}

// Judge says whether the numbers of a document may be believed. It looks only
// at the document, which it does not change; how the run ended it takes from
// the verdict that is there.
func Judge(d *Document) Verdict {
	v := Verdict{Status: Valid, End: cmp.Or(d.Verdict.End, EndComplete)}
	for _, r := range rules {
		if !r.fact && (d.Run.SelfTest || d.Window.Length() < LeastRun) {
			continue
		}
		effect, words := r.test(d)
		if effect == "" {
			continue
		}
		v.Reasons = append(v.Reasons, Reason{Name: r.name, Side: r.side, Effect: effect, Words: words})
		if badness[effect] > badness[v.Status] {
			v.Status = effect
		}
	}
	return v
}

// badness orders what a reason does to a verdict.
var badness = map[Status]int{Valid: 0, Finding: 0, Degraded: 1, Invalid: 2}

// Worse returns the worse of two statuses of a run.
func Worse(a, b Status) Status {
	if badness[b] > badness[a] {
		return b
	}
	return a
}

func booksDiffer(d *Document) (Status, string) {
	err := d.contradictions()
	if err == nil {
		return "", ""
	}
	return Invalid, "the books do not balance: " + strings.ReplaceAll(err.Error(), "\n", "; ")
}

func localFaults(d *Document) (Status, string) {
	var count int64
	var example string
	for _, f := range d.Faults {
		if f.Side == SideGenerator {
			count += f.Count
			example = cmp.Or(example, f.Example, f.Kind)
		}
	}
	if count == 0 {
		return "", ""
	}
	return Invalid, fmt.Sprintf("this machine could not do its part %d times, as: %s", count, example)
}

func pacerLate(d *Document) (Status, string) {
	p, pacer, ok := highest(d.Latency.Pacer)
	if d.Load.Model == Closed || !ok {
		return "", ""
	}
	limit := pacerFloor
	if response, _, err := d.Latency.Response.Quantile(p); err == nil {
		limit = max(limit, share(addedShare, response))
	}
	if pacer <= limit {
		return "", ""
	}
	return Invalid, fmt.Sprintf("mailmill woke late: p%s of pacer is %s, over %s", p, FormatDuration(pacer), FormatDuration(limit))
}

// loopSaturated asks an open loop for more than a closed one: there what other sessions' work adds to a reply
// is mailmill's error. The workers of a closed loop send as fast as they are answered, so
// that replies always come together; what counts is whether the loop had time left, for else the
// rate is mailmill's and not the server's.
func loopSaturated(d *Document) (Status, string) {
	saturated := saturatedWords(d)
	if d.Load.Model == Closed {
		if saturated == "" {
			return "", ""
		}
		return Degraded, saturated + ": this is mailmill's ceiling, not the server's"
	}
	if words := cmp.Or(delayedWords(d), saturated); words != "" {
		return Invalid, words
	}
	return "", ""
}

func delayedWords(d *Document) string {
	limit := loopFloor
	if service, _, err := d.Latency.Service.Quantile("50"); err == nil {
		limit = max(limit, share(addedShare, service))
	}
	if p, added, ok := highest(d.Latency.Loop); ok && added > limit {
		return fmt.Sprintf("other sessions' work delayed replies: p%s of loop is %s, over %s", p, FormatDuration(added), FormatDuration(limit))
	}
	return ""
}

func saturatedWords(d *Document) string {
	for i, l := range d.Generator.Loops {
		if l.SaturatedRatio > saturatedShare {
			return fmt.Sprintf("loop %d was busy for more than %.0f %% of the second in %.0f %% of the seconds", i, 100*SaturatedBusy, 100*l.SaturatedRatio)
		}
	}
	return ""
}

func collectorPaused(d *Document) (Status, string) {
	limit := share(pauseShare, d.Window.Length())
	if total := d.Generator.GCPauseTotal; total > limit {
		return Degraded, fmt.Sprintf("the garbage collector stopped mailmill for %s in %d pauses, over %s", FormatDuration(total), d.Generator.GCPauses, FormatDuration(limit))
	}
	return "", ""
}

func cpuTaken(d *Document) (Status, string) {
	var words []string
	if t := d.Host.Throttled; t > 0 {
		words = append(words, "the control group's CPU quota held mailmill back for "+FormatDuration(t))
	}
	if s := d.Host.StealRatio; s > stealShare {
		words = append(words, fmt.Sprintf("the hypervisor gave %.1f %% of the CPU time to others", 100*s))
	}
	if words == nil {
		return "", ""
	}
	return Degraded, strings.Join(words, "; ")
}

func clockStepped(d *Document) (Status, string) {
	if step := d.Host.ClockStep; step.Abs() > clockStep {
		return Degraded, "the wall clock jumped by " + FormatDuration(step)
	}
	return "", ""
}

func backlogGrew(d *Document) (Status, string) {
	window := d.Steady()
	quarter := max(1, len(window)/4)
	if len(window) < 2 {
		return "", ""
	}
	first, last := meanBacklog(window[:quarter]), meanBacklog(window[len(window)-quarter:])
	var slots int64
	for _, i := range window {
		slots += i.Intended
	}
	if limit := max(float64(d.Load.Workers), 0.01*float64(slots)); last-first <= limit {
		return "", ""
	}
	return Finding, fmt.Sprintf("the backlog grew from %.0f to %.0f slots: latency grew with the length of the test, so no percentile is a property of the server", first, last)
}

func meanBacklog(in []Interval) float64 {
	var sum int64
	for _, i := range in {
		sum += i.Backlog
	}
	return float64(sum) / float64(len(in))
}

func serverShort(d *Document) (Status, string) {
	length := d.Window.Length().Seconds()
	missing := (d.Rates.Offered - d.Rates.Ended) * length
	// What Little's law has in flight at the end is not missing, less what it had in
	// flight when the window began and ended in it.
	if service, _, err := d.Latency.Service.Quantile("50"); err == nil {
		missing -= (d.Load.RateAt(d.Window.SteadyEnd) - startRate(d)) * service.Seconds()
	}
	if d.Rates.Offered == 0 || missing <= shortShare*d.Rates.Offered*length {
		return "", ""
	}
	return Finding, fmt.Sprintf("the server ended %.1f a second of the %.1f a second that were offered", d.Rates.Ended, d.Rates.Offered)
}

// startRate is the rate as the window began: none without a warm-up.
func startRate(d *Document) float64 {
	if d.Window.SteadyStart == 0 {
		return 0
	}
	return d.Load.RateAt(d.Window.SteadyStart)
}

// highest returns the highest percentile up to 99 that the samples support. A
// p99 of fifty samples is their maximum, and one hiccup would condemn the run.
func highest(l *Latency) (Percentile, time.Duration, bool) {
	for _, p := range []Percentile{"99", "95", "90", "50"} {
		if v, _, ok := l.Percentile(p); ok {
			return p, v, true
		}
	}
	return "", 0, false
}

func share(s float64, d time.Duration) time.Duration {
	return time.Duration(math.Round(s * float64(d)))
}
