package main

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailmill/profiles"
	"mailmill/results"
)

// reportOptions are what the command report takes.
type reportOptions struct{ format string }

// AddFlags adds the flags of the options.
func (o *reportOptions) AddFlags(fs *pflag.FlagSet) {
	o.format = "text"
	fs.Var(as("text|json", profiles.Choice(&o.format, "text", "json")), "format", "What stdout shows: a summary, or the whole document.")
	group(fs, "Report", "format")
}

func (p *program) reportCommand() *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:         "report FILE",
		Short:       "Show the result of an earlier run",
		Long:        "Show the result document of an earlier run. It measures nothing, and its exit code is about the file alone.",
		Example:     "  mailmill report results/nightly.json",
		Args:        exactly(1, "one FILE"),
		Annotations: map[string]string{exitNote: exitHelp(0, 1, 2)},
		RunE:        func(_ *cobra.Command, args []string) error { return p.runReport(&o, args[0]) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func (p *program) runReport(o *reportOptions, file string) error {
	document, err := loadDocument(file)
	if err != nil {
		return err
	}
	return p.show(document, o.format, file)
}

// loadDocument reads a document that the user named.
func loadDocument(file string) (*results.Document, error) {
	document, err := results.Load(file)
	var path *fs.PathError
	if errors.As(err, &path) {
		return nil, usagef("%s: %v; give the result document of a run", quoted(file), path.Err)
	} else if err != nil {
		return nil, usagef("%v", err)
	}
	return document, nil
}
