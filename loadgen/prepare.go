package loadgen

import (
	"context"
	"fmt"
	"slices"
	"time"

	"mailmill/loadgen/schedule"
	"mailmill/loadgen/target"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// A PlanError says that a plan cannot be carried out on this machine, or not with these files.
type PlanError struct{ Err error }

// Error says in one line what is wrong and what to do.
func (e *PlanError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *PlanError) Unwrap() error { return e.Err }

func planError(format string, args ...any) error { return &PlanError{fmt.Errorf(format, args...)} }

// parts is a run that is ready to begin, with what has to be closed after it.
type parts struct {
	run      *run
	director *director
	opener   *opener
	house    *house // the built-in sink; nil if there is a target
	started  time.Time
	cancel   context.CancelFunc // ends look-ups that sessions have left behind; nil: there are none
}

func (p *parts) close() {
	p.run.evidence.close(p.run.pools) // after an error, which is told
	if p.house != nil {
		p.house.close()
	}
	if p.cancel != nil {
		p.cancel()
	}
}

// prepare makes everything that a run needs. Nothing is sent.
func prepare(ctx context.Context, plan profiles.Plan, o Options) (*parts, error) {
	p := &parts{started: o.Started}
	if p.started.IsZero() {
		p.started = time.Now()
	}
	source, err := newSource(plan, o.Input, p.started)
	if err != nil {
		return nil, err
	}
	r := &run{plan: plan}
	targets, err := parseTargets(plan)
	if err != nil {
		return nil, err
	}
	p.opener = newOpener(targets, o.Input)
	if r.classes, err = newClasses(plan, p.opener); err != nil {
		return nil, err
	}
	r.startAt = plan.StartAt.Instant(p.started)
	if !r.startAt.IsZero() && r.startAt.Before(p.started) {
		return nil, planError("--start-at %s: that was %v ago; give an instant that is still to come", plan.StartAt, p.started.Sub(r.startAt).Round(time.Millisecond))
	}
	r.evidence = evidence{log: o.Log, out: o.Rows, stop: func() { r.stop(results.EndUnwritten) },
		class: func(i uint8) string { return r.classes[i].name }}
	r.slots = newSlots(newSchedule(plan), plan.Shard, source, plan.Messages, dueWithin(plan))
	if r.transport, err = newTransport(plan, o, targets); err != nil {
		return nil, err
	}
	began := r.transport.Now()
	wall := func(at timing.Instant) time.Time { return p.started.Add(at.Sub(began)) }
	r.director = &director{run: r, wall: wall, onLoad: func(timing.Instant) {}}
	p.run, p.director = r, r.director
	if err := p.locate(ctx, o.Resolver, targets); err != nil {
		p.close()
		return nil, err
	}
	if err := enough(plan, r.servers, p.house != nil); err != nil {
		p.close()
		return nil, err
	}
	for i, s := range r.servers {
		for _, e := range s.Endpoints {
			r.director.flights = append(r.director.flights, newPreflight(r.director, *r.classes[0].session, i, s, e))
		}
	}
	r.aside = aside(o)
	r.tapes = newTapes(plan, o.Transcript)
	r.transport.Start(0, r.director)
	return p, nil
}

// aside is how work is done that would hold up an event loop. In virtual time there is nothing to hold up, and no other
// goroutine may move it.
func aside(o Options) func(func()) {
	if o.Transport != nil {
		return nil
	}
	return func(work func()) { go work() }
}

// newSchedule is when the slots of a plan are due.
func newSchedule(plan profiles.Plan) schedule.Schedule {
	var rate schedule.Curve = schedule.Constant(plan.Rate)
	switch {
	case !plan.Open():
		return schedule.Closed{}
	case len(plan.Stages) > 0:
		rate = schedule.NewStages(plan.Offered()...)
	}
	if plan.Arrivals == "poisson" {
		return schedule.NewPoisson(plan.Seed, rate)
	}
	return rate
}

// dueWithin is the time in which slots are due; 0 is without end. Stages end of themselves, with a slot that may be
// due at their very end.
func dueWithin(plan profiles.Plan) time.Duration {
	if len(plan.Stages) > 0 {
		return schedule.Never
	}
	return plan.Duration
}

// newTransport makes the transport of the plan's choice, with the public-address rule in it.
func newTransport(plan profiles.Plan, o Options, targets []target.Target) (transport.Transport, error) {
	t := transport.Options{Loops: plan.Loops, Dials: plan.Dials, Spin: plan.Spin, QuickAck: plan.QuickAck, Linger0: plan.Linger0,
		Allow: allowed(plan.AllowPublicTarget)}
	if o.Transport != nil {
		return o.Transport(t)
	}
	name := plan.Transport
	if name == "auto" && allSecure(targets) {
		name = "goroutines"
	}
	return transport.New(name, t)
}

// allSecure tells whether every session has TLS. Event loops hand such sessions over to goroutines at the handshake, for
// good; where there are no others, they are better begun there: measured, a message costs a sixth less.
func allSecure(targets []target.Target) bool {
	return len(targets) > 0 && !slices.ContainsFunc(targets, func(t target.Target) bool { return t.Security() == target.Plain })
}
