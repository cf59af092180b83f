package loadgen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"mailmill/loadgen/record"
	"mailmill/loadgen/target"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// Options are what a run is given besides its plan.
type Options struct {
	// Progress is called during the run, from one goroutine; nil: not at all. ProgressEvery is how often; 0 is
	// once a second.
	Progress      func(Progress)
	ProgressEvery time.Duration
	// Transcript takes the sessions that the plan asks to be written out; nil: they are not.
	Transcript io.Writer
	// Tool and Argv go into the document: the program's name and version, and its command line.
	Tool string
	Argv []string
	// Input is read where the plan's message is "-"; nil: there is none.
	Input io.Reader
	// Started is the wall clock as the run begins; zero: the system's. Messages and the document
	// tell their dates from it.
	Started time.Time
	// Resolver is asked for the target's addresses; nil: the system's.
	Resolver target.Resolver
	// Log takes the latencies of each second; nil: they are not written. Rows takes a row for each slot: where it
	// is slower than the run, the run waits for it. What cannot be written stops the run.
	Log  *results.LogWriter
	Rows *results.RowWriter
	// Transport makes the transport in place of the plan's choice: a test's
	// simulation. Its clock then is all the time there is.
	Transport func(transport.Options) (transport.Transport, error)
}

// A TargetError says that the target cannot be used: no preflight session came through.
type TargetError struct {
	Target  string
	Reasons []string // one for each address
	Advice  string   // what to do about the first of them; "" is not known, or stands in the reason
}

// Error says in one line what each address of the target answered, and what to do about it.
func (e *TargetError) Error() string {
	words := fmt.Sprintf("target %s is not usable: %s", e.Target, strings.Join(e.Reasons, "; "))
	if e.Advice != "" {
		words += ": " + e.Advice
	}
	return words
}

// Run carries out a plan and returns what happened. A cancelled context ends the load: messages under
// way get a few seconds, and the document is returned all the same, marked interrupted.
//
// Errors are of type *TargetError or *target.Error if the target cannot be used, and *target.PublicError or
// *PlanError if the plan cannot be carried out here; then nothing was sent but a preflight. Any other
// error is mailmill's own; where it is that the log or the rows cannot be written, there is a document too.
func Run(ctx context.Context, plan profiles.Plan, o Options) (*results.Document, error) {
	parts, err := prepare(ctx, plan, o)
	if err != nil {
		return nil, err
	}
	defer parts.close()
	defer calm()()
	r := parts.run
	watch := newObserver(r, o)
	if err := parts.live(ctx, watch); err != nil {
		return nil, err
	}
	if r.recorder == nil {
		return nil, parts.unusable(ctx)
	}
	document, err := parts.document(watch, o)
	return document, errors.Join(err, r.evidence.close(r.pools))
}

// live is the life of a run: its transport drives it, it is watched, and Ctrl-C ends it.
func (p *parts) live(ctx context.Context, watch *observer) error {
	r := p.run
	p.director.onLoad = watch.begin
	if !watch.live && !watch.idle() {
		p.director.onSecond = watch.look
	}
	finished := make(chan struct{})
	var group errgroup.Group
	group.Go(func() error {
		defer close(finished)
		return r.transport.Run()
	})
	group.Go(func() error {
		select {
		case <-ctx.Done():
			r.stop(results.EndInterrupted)
		case <-finished:
		}
		return nil
	})
	group.Go(func() error { watch.watch(finished); return nil })
	return group.Wait()
}

// unusable is the error of a run that did not begin: its preflights have all failed, or took too long.
func (p *parts) unusable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.run.tooLate {
		return planError("--start-at %s: the preflight ended after that; give an instant further ahead", p.run.plan.StartAt)
	}
	e := &TargetError{Target: targetNames(p.run.plan)}
	for _, f := range p.director.flights {
		if f.offer != nil {
			continue
		}
		reason := f.reason()
		if len(e.Reasons) == 0 {
			e.Advice = counsel(reason)
		}
		if len(p.director.flights) > 1 || !strings.Contains(e.Target, f.endpoint.String()) {
			reason = f.endpoint.String() + ": " + reason
		}
		e.Reasons = append(e.Reasons, reason)
	}
	return e
}

// intended is how many slots the run was to send by the end of its load.
func (r *run) intended() int64 {
	if r.end == results.EndComplete && !r.slots.closed && r.slots.limited() {
		return r.slots.total()
	}
	return r.slots.dueBy(timing.Instant(r.loadEnd.Load()))
}

// settle enters the slots that were due and that no worker ever had time for into the books.
func (r *run) settle() {
	for k := r.slots.claimed(); k < r.intended(); k++ {
		r.unfinished(r.pools[0], r.slots.share.Slot(k), -1, timing.Slot{Due: r.slots.due(k)})
	}
}

// unfinished enters a slot that was due and never begun; worker is -1 where none held it. It may have been too late
// to be begun already.
func (r *run) unfinished(p *pool, slot int64, worker int, t timing.Slot) {
	t.Ended = max(r.drained, timing.Instant(r.loadEnd.Load()))
	t.Due = min(t.Due, t.Ended)
	outcome := timing.Unfinished
	if worker < 0 && r.patience.over(timing.Slot{Due: t.Due, Claimed: t.Ended}, t.Ended) {
		outcome = timing.Dropped
	}
	p.end(slot, worker, record.SlotEnd{Timing: t, Outcome: outcome})
}
