package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailmill/loadgen"
	"mailmill/profiles"
	"mailmill/report"
	"mailmill/results"
)

// probeSettings are the settings that a probe has in common with a run.
var probeSettings = []string{
	"from", "helo", "tls-ca", "tls-server-name", "tls-cert", "tls-key", "tls-min", "tls-max", "tls-ciphers", "allow-public-target",
}

// probeOptions are what the command probe takes.
type probeOptions struct {
	plan                          profiles.Plan
	to, format                    string
	send, deep, noStartTLS, lines bool
	timeout                       time.Duration
}

// AddFlags adds the flags of the options.
func (o *probeOptions) AddFlags(fs *pflag.FlagSet) {
	fs.SortFlags = false
	o.plan, o.timeout, o.format = profiles.Default(), 10*time.Second, "text"
	fs.Var(as("MAILBOX", profiles.Text(&o.to)), "to", "Begin a mail transaction for this recipient, with a chunk where the server has CHUNKING, and end it with RSET: no message is handed over.")
	addSwitch(fs, &o.send, "send", "Send the recipient one small message, too.")
	addSwitch(fs, &o.deep, "deep", "Try also what an honest client does not do: a command that ends in LF alone, and a declared size above the limit.")
	addSwitch(fs, &o.noStartTLS, "no-starttls", "Stay in clear, also where the server offers STARTTLS.")
	fs.Var(as("D", profiles.Duration(&o.timeout)), "step-timeout", "Longest wait for the end of each step.")
	fs.Var(as("text|json", profiles.Choice(&o.format, "text", "json")), "format", "How it is shown: a screen, or a JSON object.")
	addSwitch(fs, &o.lines, "lines", "Show every line of the session too.")
	group(fs, "Probe", "to", "send", "deep", "no-starttls", "step-timeout", "format", "lines")
	for _, name := range probeSettings {
		s, _ := profiles.Lookup(name)
		value := s.Value(&o.plan)
		if s.Switch() {
			fs.VarPF(value, s.Name, "", s.Usage).NoOptDefVal = "true"
		} else {
			fs.Var(as(s.Placeholder, value), s.Name, s.Usage)
		}
		group(fs, "As of a run", name)
		separated(fs, s.Separator, name)
	}
}

func (p *program) probeCommand() *cobra.Command {
	var o probeOptions
	cmd := &cobra.Command{
		Use:   "probe TARGET",
		Short: "Look at one server, and show what it offers and does",
		Long: "Hold one session with TARGET and show on one screen what it says: its greeting, what it offers before TLS and in it and whether " +
			"it does that, its certificate, and how long each step took. No message is sent unless --send asks for one.",
		Example: "  mailmill probe 127.0.0.1:25\n  mailmill probe smtps://mail.example.com --tls-ca authority.pem\n" +
			"  mailmill probe 127.0.0.1:25 --to postmaster@example.com --lines",
		Args:        exactly(1, "one TARGET"),
		Annotations: map[string]string{exitNote: exitHelp(0, 1, 2, 3, 130)},
		RunE:        func(cmd *cobra.Command, args []string) error { return p.runProbe(cmd.Context(), &o, args[0]) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// runProbe holds the session and shows what came of it, also where the target cannot be used.
func (p *program) runProbe(ctx context.Context, o *probeOptions, target string) error {
	found, err := loadgen.Probe(ctx, target, loadgen.ProbeOptions{
		Plan: o.plan, To: o.to, Send: o.send, Deep: o.deep, NoStartTLS: o.noStartTLS, Timeout: o.timeout,
	})
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("interrupted before the server was seen: %w", err)
	}
	if len(found.Steps) == 0 {
		return err
	}
	if !o.lines {
		found.Lines = nil
	}
	return errors.Join(err, p.showProbe(found, o.format))
}

func (p *program) showProbe(found *results.Probe, format string) error {
	if format == "text" {
		screen := screenOf(p.stdout, p.environ)
		return report.Probe(p.stdout, found, report.Options{Width: screen.width(), Color: screen.color})
	}
	text, err := found.JSON()
	if err == nil {
		_, err = p.stdout.Write(text)
	}
	return err
}
