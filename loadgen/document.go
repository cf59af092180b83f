package loadgen

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"mailmill/loadgen/record"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/results"
)

// document makes the result document of a run that has ended.
func (p *parts) document(w *observer, o Options) (*results.Document, error) {
	r := p.run
	r.settle()
	totals := r.recorder.Finish()
	d := results.New()
	d.Run = p.identity(o)
	d.Target = p.target()
	d.Host = w.host()
	d.Load = r.offered()
	d.Window = r.window()
	d.Counts = countsOf(&totals.Counts, r.intended())
	d.Rates = r.rates(totals, d.Window.Length())
	d.Generator = w.generator(d.Counts.Begun, r.plan.Spin)
	d.Generator.RowsWaited = r.evidence.waited()
	signed := r.slots.source.Signing()
	d.Generator.Signed, d.Generator.SignTime = signed.Messages, signed.Time
	d.Misbehaved = r.misbehaved()
	d.Slowest = r.slowest(totals)
	r.negotiated(d, totals)
	if err := r.fill(d, totals, all); err != nil {
		return nil, err
	}
	if err := r.idlers.document(d); err != nil {
		return nil, err
	}
	d.Verdict.End = r.end
	verdict := results.Judge(d)
	d.Verdict.Status, d.Verdict.Reasons = verdict.Status, verdict.Reasons
	r.meet(d, w.sentry)
	return d, nil
}

// fill enters what was recorded, of latencies those that are wanted.
func (r *run) fill(d *results.Document, t *record.Totals, wanted func(string) bool) error {
	d.Intervals = r.intervals(t.Seconds)
	for _, f := range t.Faults {
		d.Faults = append(d.Faults, r.faultOf(f))
	}
	for _, c := range t.Replies {
		d.Replies = append(d.Replies, r.replyOf(c))
	}
	if err := r.fillLatencies(&d.Latency, t, wanted); err != nil {
		return err
	}
	var err error
	if d.Steps, err = r.steps(t, wanted); err != nil {
		return err
	}
	d.Classes, err = r.classDocuments(t, d.Window.Length(), wanted)
	return err
}

// slowest names the slowest messages.
func (r *run) slowest(t *record.Totals) (all []results.Slow) {
	for _, s := range t.Slowest {
		all = append(all, results.Slow{Slot: s.Slot, Class: r.classes[s.Class].name, Content: r.slots.source.NameOf(s.Slot),
			Due: s.Due.Sub(r.slots.origin), Service: s.Service, Response: s.Response})
	}
	return all
}

// all wants every latency.
func all(string) bool { return true }

// identity says which run it was, and how to repeat it. In virtual time it is the same each time.
func (p *parts) identity(o Options) results.Run {
	plan := p.run.plan
	run := results.Run{StartedAt: p.started.UTC(), Seed: plan.Seed, Labels: plan.Labels, Tool: o.Tool, Argv: o.Argv,
		Plan: plan.Values(), PlanSHA256: plan.SHA256(), SelfTest: p.house != nil}
	if o.Transport != nil {
		run.ID = run.PlanSHA256[:16]
		return run
	}
	var id [8]byte
	rand.Read(id[:])
	run.ID = hex.EncodeToString(id[:])
	return run
}

// target is what the preflights learned of the server.
func (p *parts) target() results.Target {
	t := results.Target{URL: targetNames(p.run.plan)}
	for _, f := range p.director.flights {
		t.Addresses = append(t.Addresses, f.endpoint.String())
		if c, ok := f.certificate(); ok {
			t.Certificates = append(t.Certificates, c)
		}
		if f.offer == nil || t.Greeting != "" {
			continue
		}
		t.Greeting = f.greeting()
		for _, k := range f.offer.Keywords {
			line := k.Name
			if k.Params != "" {
				line += " " + k.Params
			}
			t.EHLO = append(t.EHLO, line)
		}
	}
	return t
}

// offered is the load as it was planned; where nobody planned its end, as it was.
func (r *run) offered() results.Offered {
	plan := &r.plan
	l := results.Offered{Model: results.Closed, Workers: int(r.staff), OpenRate: plan.OpenRate, WarmUp: plan.WarmUp, Drain: plan.Drain}
	if share := r.slots.share; !share.Whole() {
		l.Share = &results.Share{M: share.M, N: share.N}
	}
	if r.slots.closed {
		return l
	}
	l.Model, l.Arrivals = results.Open, plan.Arrivals
	if plan.MaxLateness.Set {
		l.MaxLateness = &plan.MaxLateness.Most
	}
	for _, s := range plan.Offered() {
		l.Stages = append(l.Stages, results.Stage{From: s.From, To: s.To, Duration: s.Duration})
	}
	if plan.Rate > 0 {
		l.Stages = []results.Stage{{From: plan.Rate, To: plan.Rate, Duration: r.window().SteadyEnd}}
	}
	return l
}

// window is the steady part: from the end of the warm-up to that of the load, as planned or, when that came
// earlier, as it was.
func (r *run) window() results.Window {
	ended := max(0, r.since(timing.Instant(r.loadEnd.Load())))
	if r.length > 0 && r.end == results.EndComplete && !(r.slots.closed && ended < r.length) {
		ended = r.length
	}
	return results.Window{Origin: r.slots.wall.Round(0).UTC(), SteadyStart: min(r.plan.WarmUp, ended), SteadyEnd: ended}
}

func countsOf(c *record.Counts, intended int64) results.Counts {
	return results.Counts{
		Intended: intended, Begun: c.Begun,
		Accepted: c.Slots[timing.Accepted], Deferred: c.Slots[timing.Deferred], Rejected: c.Slots[timing.Rejected],
		Failed: c.Slots[timing.Failed], Unknown: c.Slots[timing.Unknown],
		Dropped: c.Slots[timing.Dropped], Unfinished: c.Slots[timing.Unfinished],
		Sessions: c.Sessions, SessionsUnpipelined: c.Unpipelined, SessionsSpent: c.Spent,
		RecipientsAccepted: c.RecipientsAccepted, RecipientsDeferred: c.RecipientsDeferred, RecipientsRejected: c.RecipientsRejected,
		RecipientsFailed: c.RecipientsFailed, OctetsContent: c.ContentOctets,
		OctetsSent: c.OctetsSent, OctetsReceived: c.OctetsReceived,
	}
}

func (r *run) rates(t *record.Totals, length time.Duration) results.Rates {
	if length <= 0 {
		return results.Rates{}
	}
	per := func(n int64) float64 { return float64(n) / length.Seconds() }
	ends := t.EndsInWindow
	rates := results.Rates{
		Begun: per(t.BegunInWindow), Accepted: per(ends[timing.Accepted]),
		Ended: per(ends[timing.Accepted] + ends[timing.Deferred] + ends[timing.Rejected]),
	}
	if !r.slots.closed {
		rates.Offered = per(t.SlotsInWindow.Intended())
	}
	return rates
}

// since is an instant as a time of the run.
func (r *run) since(i timing.Instant) time.Duration { return i.Sub(r.slots.origin) }

func (r *run) faultOf(f record.FaultCount) results.Fault {
	return results.Fault{Class: r.classes[f.Class].name, Step: f.Step.String(), Kind: f.Kind.String(), Side: f.Kind.Side(), Count: f.Count,
		First: r.since(f.First), Last: r.since(f.Last), Example: f.Example}
}

func (r *run) replyOf(c record.ReplyCount) results.Reply {
	return results.Reply{Class: r.classes[c.Class].name, Step: c.Step.String(), Code: int(c.Code), Enhanced: smtp.Enhanced(c.Enhanced).String(),
		Severity: smtp.Code(c.Code).Severity().String(), Unexpected: c.Unexpected, Count: c.Count,
		First: r.since(c.First), Last: r.since(c.Last), Example: c.Example}
}

func (r *run) intervals(seconds []record.Second) []results.Interval {
	var in []results.Interval
	for _, s := range seconds {
		in = append(in, results.Interval{
			Start:    time.Duration(s.Index) * time.Second,
			Intended: s.Due.Intended(), Accepted: s.Due[timing.Accepted], Deferred: s.Due[timing.Deferred],
			Rejected: s.Due[timing.Rejected], Failed: s.Due[timing.Failed], Unknown: s.Due[timing.Unknown],
			Dropped: s.Due[timing.Dropped], Unfinished: s.Due[timing.Unfinished],
			Begun: s.Begun, Ended: s.Ended, AcceptedEnded: s.Accepted,
			Response: spreadOf(s.Response), Service: spreadOf(s.Service),
			InFlight: s.InFlight, Backlog: s.Backlog,
		})
	}
	return in
}

func spreadOf(s record.Summary) results.Spread {
	return results.Spread{Count: s.Count, P50: s.P50, P90: s.P90, P99: s.P99, Max: s.Max}
}
