package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailmill/loadgen"
	"mailmill/loadgen/timing"
	"mailmill/profiles"
)

// probeSteps are the steps after which a probe can end.
var probeSteps = []string{
	timing.Connect.String(), timing.Greeting.String(), timing.EHLO.String(), timing.Mail.String(), timing.Rcpt.String(), timing.Data.String(), timing.Accept.String(),
}

// probeOptions are what the command probe takes.
type probeOptions struct {
	quitAfter      string
	from, to, helo string
	timeout        time.Duration
	allowPublic    bool
}

// AddFlags adds the flags of the options.
func (o *probeOptions) AddFlags(fs *pflag.FlagSet) {
	fs.SortFlags = false
	plan := profiles.Default()
	o.quitAfter, o.from, o.to, o.helo, o.timeout = "accept", plan.From, "user@example.com", plan.HELO, 30*time.Second
	fs.Var(as("STEP", profiles.Choice(&o.quitAfter, probeSteps...)), "quit-after",
		"Last step before QUIT: "+strings.Join(probeSteps, ", ")+". With accept one whole message is sent; with ehlo none.")
	fs.Var(as("MAILBOX", profiles.Text(&o.from)), "from", "Reverse-path, without angle brackets.")
	fs.Var(as("MAILBOX", profiles.Text(&o.to)), "to", "Forward-path, without angle brackets.")
	fs.Var(as("NAME", profiles.Text(&o.helo)), "helo", "Name that the client gives in EHLO: a domain or an address literal.")
	fs.Var(as("D", profiles.Duration(&o.timeout)), "timeout", "Longest wait for the end of each step.")
	addSwitch(fs, &o.allowPublic, "allow-public-target", "Allow a target outside loopback and private addresses. Only for servers that are yours.")
	group(fs, "Probe", "quit-after", "from", "to", "helo", "timeout", "allow-public-target")
}

func (p *program) probeCommand() *cobra.Command {
	var o probeOptions
	cmd := &cobra.Command{
		Use:         "probe TARGET",
		Short:       "Hold one session with a server, and show it step by step",
		Long:        "Hold one session with TARGET and show every reply, what it means, and how long it took. Nothing is measured for a report.",
		Example:     "  mailmill probe 127.0.0.1:25\n  mailmill probe 127.0.0.1:25 --quit-after rcpt --to postmaster@example.com",
		Args:        exactly(1, "one TARGET"),
		Annotations: map[string]string{exitNote: exitHelp(0, 1, 2, 3, 130)},
		RunE:        func(cmd *cobra.Command, args []string) error { return p.runProbe(cmd.Context(), &o, args[0]) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// runProbe holds the session and shows it on stdout.
func (p *program) runProbe(ctx context.Context, o *probeOptions, target string) error {
	step, _ := timing.ParseStep(o.quitAfter)
	return loadgen.Probe(ctx, p.stdout, target, loadgen.ProbeOptions{
		QuitAfter: step, From: o.from, To: o.to, HELO: o.helo, Timeout: o.timeout, AllowPublicTarget: o.allowPublic,
	})
}
