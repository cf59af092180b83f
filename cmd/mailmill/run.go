package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailmill/loadgen"
	"mailmill/profiles"
	"mailmill/results"
)

// runOptions are what the command run takes besides the settings of the plan.
type runOptions struct {
	settings profiles.Flags
	profile  string
	dryRun   bool
	print    bool
	quiet    bool
	strict   bool
	out      string
	format   string
}

// AddFlags adds the flags of the options.
func (o *runOptions) AddFlags(fs *pflag.FlagSet) {
	fs.SortFlags = false
	o.settings = addSettings(fs)
	fs.Var(as("NAME|FILE", profiles.Text(&o.profile)), "profile", "Read settings from a profile: one of those that come with mailmill ("+
		strings.Join(profiles.Names(), ", ")+"), or a YAML file whose keys are the flags' names. A flag wins over it, and holds for every class of traffic that it has.")
	addSwitch(fs, &o.dryRun, "dry-run", "Show what would be done, and open no connection.")
	addSwitch(fs, &o.print, "print-plan", "Print every setting with where it came from, as a profile that can be run again, and run nothing.")
	o.out, o.format = "results/", "text"
	fs.Var(as("FILE|FOLDER", profiles.Text(&o.out)), "out", "Where the result document goes: a file, a folder, - for stdout in place of the summary, or none. "+
		"In a folder (one that exists, or a name that ends in /) it gets a name of its own.")
	fs.Var(as("text|json", profiles.Choice(&o.format, "text", "json")), "format", "What stdout shows: a summary, or the whole document.")
	addSwitch(fs, &o.quiet, "quiet", "No progress, and no notes, on stderr.")
	addSwitch(fs, &o.strict, "strict", "Exit with 20 for a degraded run too.")
	group(fs, "Run", "profile", "dry-run", "print-plan", "out", "format", "quiet", "strict")
}

func (p *program) runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run [TARGET...]",
		Short: "Put load on a mail server and report what it did",
		Long: "Run mail transactions against TARGET, or against the built-in sink where there is none, and report " +
			"latencies step by step, replies and faults. Without --rate the loop is closed: each worker begins its next " +
			"message when it has ended one. With --rate messages are due by the clock, and a late one counts from when " +
			"it was due.",
		Example: "  mailmill run\n" +
			"  mailmill run 127.0.0.1:25 --concurrency 50 --messages 10000\n" +
			"  mailmill run 127.0.0.1:25 --rate 500/s --duration 1m --size 4k --recipients 3\n" +
			"  mailmill run --profile bench.yaml --out results/nightly.json",
		Annotations: map[string]string{exitNote: exitHelp(0, 1, 2, 3, 10, 12, 20, 130)},
		RunE:        func(cmd *cobra.Command, args []string) error { return p.runRun(cmd.Context(), &o, args) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// runRun loads the plan, runs it, and hands its document on.
func (p *program) runRun(ctx context.Context, o *runOptions, args []string) error {
	plan, err := p.loadPlan(o, args)
	if err != nil {
		return err
	}
	if o.print {
		_, err := p.stdout.Write(plan.YAML())
		return err
	}
	if o.dryRun {
		return loadgen.DryRun(p.stdout, plan)
	}
	out, err := openDestination(o.out)
	if err != nil {
		return err
	}
	beside, err := openEvidence(out, plan.Raw)
	if err != nil {
		return err
	}
	p.appoint(o, &plan)
	document, err := p.measure(ctx, o, plan, beside)
	if err != nil {
		beside.discard() // it is not whole
	}
	if document != nil {
		err = errors.Join(err, p.publish(document, publication{out, beside.companions, label(plan), o.format, o.quiet}))
	}
	if err != nil {
		return err
	}
	return judge(document, o.strict)
}

// appoint fixes the instant at which a run that is to wait begins.
func (p *program) appoint(o *runOptions, plan *profiles.Plan) {
	at := plan.StartAt.Instant(time.Now())
	if at.IsZero() {
		return
	}
	plan.StartAt = profiles.Start{At: at.UTC()}
	if !o.quiet && at.After(time.Now()) {
		p.note("the load begins at %s", plan.StartAt)
	}
}

// loadPlan loads the plan, with TARGET as one of its flags.
func (p *program) loadPlan(o *runOptions, args []string) (profiles.Plan, error) {
	if len(args) > 0 {
		if given := o.settings["target"]; len(given) > 0 && !slices.Equal(given, args) {
			return profiles.Plan{}, usagef("TARGET %s and --target %s differ; give one of them", quoted(args[0]), quoted(given[0]))
		}
		o.settings["target"] = args
	}
	return profiles.Load(profiles.Sources{Flags: o.settings, Environ: p.environ, Profile: o.profile})
}

// measure runs the plan and shows how it goes.
func (p *program) measure(ctx context.Context, o *runOptions, plan profiles.Plan, beside *evidence) (*results.Document, error) {
	options := loadgen.Options{Transcript: p.stderr, Tool: tool(), Argv: p.args, Input: os.Stdin, Log: beside.log, Rows: beside.rows}
	if !o.quiet {
		live := newProgress(p.stderr, p.environ)
		options.Progress, options.ProgressEvery, options.Transcript = live.show, live.every(), live
		defer live.end()
	}
	return loadgen.Run(ctx, plan, options)
}
