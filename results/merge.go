package results

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Source is a document that is to be merged with others.
type Source struct {
	File     string // for words and parts
	Document *Document
}

// Merge returns the document of the run that several processes made together. Counts
// add, histograms add bucket by bucket, extremes combine; percentiles, means and
// rates are computed anew from the sums, and never from one another. The verdict is
// the worst of the parts', and theirs stay in Parts.
//
// Checks are not merged: they have to be evaluated over the new document. The
// percentiles of seconds need the interval logs: see MergeLogs.
//
// Documents of different plans, targets or times, or a run that is there twice or
// not wholly, give a *MergeError. The sources are left as they were.
func Merge(in []Source) (*Document, error) {
	if err := mergeable(in); err != nil {
		return nil, err
	}
	m := merging{in: in, sum: New()}
	for i := range in {
		m.docs = append(m.docs, in[i].Document)
		m.sum.Parts = append(m.sum.Parts, in[i].parts()...)
	}
	d := m.sum
	d.Run, d.Target, d.Host, d.Load, d.Window = m.run(), m.target(), m.host(), m.load(), m.window()
	for _, part := range m.docs {
		d.Counts.add(&part.Counts)
	}
	d.Rates = m.rates(func(part *Document) Rates { return part.Rates })
	d.Generator = m.generator()
	d.Intervals = m.intervals()
	if err := m.latencies(); err != nil {
		return nil, err
	}
	m.lists()
	d.Slowest = m.slowest()
	d.Misbehaved = m.misbehaved()
	if err := m.idle(); err != nil {
		return nil, err
	}
	m.negotiated()
	d.Verdict = m.verdict()
	return d, nil
}

// A merging is a document that is being made of others.
type merging struct {
	in   []Source
	docs []*Document
	sum  *Document
}

// run tells of the runs what is common to them.
func (m *merging) run() Run {
	run := m.docs[0].Run
	run.Argv, run.Labels, run.Plan = nil, maps.Clone(run.Labels), maps.Clone(run.Plan)
	ids := sha256.New()
	for _, p := range m.sum.Parts {
		fmt.Fprintln(ids, p.Run.ID, p.Name())
	}
	run.ID = hex.EncodeToString(ids.Sum(nil))[:16]
	for _, d := range m.docs[1:] {
		if d.Run.StartedAt.Before(run.StartedAt) {
			run.StartedAt = d.Run.StartedAt
		}
		if d.Run.Tool != run.Tool {
			run.Tool = ""
		}
		run.SelfTest = run.SelfTest || d.Run.SelfTest
		common(run.Labels, d.Run.Labels)
		common(run.Plan, d.Run.Plan)
	}
	if _, sharded := m.docs[0].Run.Plan["shard"]; sharded {
		run.Plan["shard"] = "" // together they are the whole run
	}
	return run
}

// common takes away what the other map has not, or has otherwise.
func common(m, other map[string]string) {
	maps.DeleteFunc(m, func(k, v string) bool { w, ok := other[k]; return !ok || v != w })
}

// target is the first part's, with the addresses of all.
func (m *merging) target() Target {
	t := m.docs[0].Target
	t.Addresses, t.EHLO = slices.Clone(t.Addresses), slices.Clone(t.EHLO)
	for _, d := range m.docs[1:] {
		t.Greeting = cmp.Or(t.Greeting, d.Target.Greeting)
		for _, a := range d.Target.Addresses {
			if !slices.Contains(t.Addresses, a) {
				t.Addresses = append(t.Addresses, a)
			}
		}
	}
	return t
}

// host is the machine that all parts ran on, with the worst that was done to one of
// them; of different machines, only that.
func (m *merging) host() Host {
	h := m.docs[0].Host
	for _, d := range m.docs[1:] {
		o := d.Host
		rtt, throttled, steal, step := max(h.RTT, o.RTT), max(h.Throttled, o.Throttled), max(h.StealRatio, o.StealRatio), h.ClockStep
		if o.ClockStep.Abs() > step.Abs() {
			step = o.ClockStep
		}
		o.RTT, o.Throttled, o.StealRatio, o.ClockStep = h.RTT, h.Throttled, h.StealRatio, h.ClockStep
		if o != h {
			h = Host{}
		}
		h.RTT, h.Throttled, h.StealRatio, h.ClockStep = rtt, throttled, steal, step
	}
	return h
}

// load is the plan's, with the workers of all parts.
func (m *merging) load() Offered {
	last := slices.MaxFunc(m.docs, func(a, b *Document) int { return cmp.Compare(a.Window.SteadyEnd, b.Window.SteadyEnd) })
	l := last.Load
	l.Share, l.Workers = nil, 0
	for _, d := range m.docs {
		l.Workers += d.Load.Workers
	}
	return l
}

// window is from the first begin to the last end, each since its own time 0.
func (m *merging) window() Window {
	w := m.docs[0].Window
	for _, d := range m.docs[1:] {
		if d.Window.Origin.Before(w.Origin) {
			w.Origin = d.Window.Origin
		}
		w.SteadyStart, w.SteadyEnd = min(w.SteadyStart, d.Window.SteadyStart), max(w.SteadyEnd, d.Window.SteadyEnd)
	}
	return w
}

// generator is what the load cost all of the generators.
func (m *merging) generator() Generator {
	g := m.docs[0].Generator
	g.Loops = nil
	for i, d := range m.docs {
		o := &d.Generator
		g.Loops = append(g.Loops, o.Loops...)
		if i == 0 {
			continue
		}
		if o.Transport != g.Transport {
			g.Transport = "several"
		}
		if o.GoVersion != g.GoVersion {
			g.GoVersion = ""
		}
		g.Spin = g.Spin || o.Spin
		g.GOMAXPROCS += o.GOMAXPROCS
		g.GCPauses += o.GCPauses
		g.GCPauseTotal += o.GCPauseTotal
		g.GCPauseMax = max(g.GCPauseMax, o.GCPauseMax)
		g.RSS += o.RSS
		g.CPUUser += o.CPUUser
		g.CPUSystem += o.CPUSystem
		g.RowsWaited += o.RowsWaited
		g.Signed += o.Signed
		g.SignTime += o.SignTime
	}
	g.BusyRatio, g.CPUPerMessage = 0, 0
	for _, l := range g.Loops {
		g.BusyRatio += l.BusyRatio / float64(len(g.Loops))
	}
	if begun := m.sum.Counts.Begun; begun > 0 {
		g.CPUPerMessage = (g.CPUUser + g.CPUSystem) / time.Duration(begun)
	}
	return g
}
