package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mailmill/profiles"
)

func (p *program) profilesCommand() *cobra.Command {
	codes := map[string]string{exitNote: exitHelp(0, 1, 2)}
	cmd := &cobra.Command{
		Use:   "profiles",
		Short: "Show the profiles that come with mailmill, and check your own",
		Long: "A profile is a YAML file whose keys are the long flags of mailmill run. mailmill run --profile NAME|FILE " +
			"takes one that comes with mailmill, or a file.",
		Example: "  mailmill profiles list\n" +
			"  mailmill profiles show inbound-mx >mine.yaml\n" +
			"  mailmill profiles check mine.yaml\n" +
			"  mailmill profiles schema >mailmill.schema.json",
		Args:        knownCommand,
		Annotations: codes,
		RunE:        func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "List the profiles that come with mailmill", Annotations: codes,
			Args: noArguments, RunE: func(*cobra.Command, []string) error { return p.listProfiles() }},
		&cobra.Command{Use: "show NAME", Short: "Print a profile that comes with mailmill", Annotations: codes,
			Args: exactly(1, "one NAME"), RunE: func(_ *cobra.Command, args []string) error { return p.showProfile(args[0]) }},
		&cobra.Command{Use: "check FILE…", Short: "Check profiles, and send nothing", Annotations: codes,
			Long: "Check profiles as mailmill run would, with nothing from flags and the environment. All that is wrong is told at once, with its place.",
			Args: someFiles, RunE: func(_ *cobra.Command, args []string) error { return p.checkProfiles(args) }},
		&cobra.Command{Use: "schema", Short: "Print a JSON Schema of profiles, for editors", Annotations: codes,
			Args: noArguments, RunE: func(*cobra.Command, []string) error { _, err := p.stdout.Write(profiles.Schema()); return err }},
	)
	return cmd
}

func someFiles(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("profiles check takes the FILES to check, or names of profiles, and was given none")
	}
	return nil
}

// listProfiles prints each profile with what it models in a sentence.
func (p *program) listProfiles() error {
	const column = 24
	for _, name := range profiles.Names() {
		lines := wrap(profiles.Summary(name), columnsOf(p.stdout)-column)
		for i, line := range lines {
			if i > 0 {
				name = ""
			}
			if _, err := fmt.Fprintf(p.stdout, "%-*s%s\n", column, name, line); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *program) showProfile(name string) error {
	text, known := profiles.Source(name)
	if !known {
		if near := profiles.Nearest(name, profiles.Names()); near != "" {
			return usagef("no profile is called %s; did you mean %s?", quoted(name), near)
		}
		return usagef("no profile is called %s; there are %s", quoted(name), strings.Join(profiles.Names(), ", "))
	}
	_, err := p.stdout.Write(text)
	return err
}

// checkProfiles loads each profile, and says of each that is good what it comes to.
func (p *program) checkProfiles(files []string) error {
	var wrong []error
	for _, file := range files {
		plan, err := profiles.Load(profiles.Sources{Profile: file})
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		classes := "1 class"
		if n := len(plan.Traffic()); n > 1 {
			classes = fmt.Sprintf("%d classes", n)
		}
		fmt.Fprintf(p.stdout, "%s is good: %s of traffic, plan %s\n", file, classes, plan.SHA256()[:16])
	}
	return errors.Join(wrong...)
}
