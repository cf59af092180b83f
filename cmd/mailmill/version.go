package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is that of the program; the result document names its own format.
const version = "0.1.0"

// tool is the program's name, version and build, as documents hold it.
func tool() string {
	return fmt.Sprintf("mailmill %s (%s%s, %s/%s)", version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// revision returns the commit that was built, with a comma; "" where unknown.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	if commit == "" {
		return ""
	}
	return commit + changed + ", "
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		Short:       "Print the version",
		Long:        "Print the version of mailmill, and how it was built.",
		Example:     "  mailmill version",
		Args:        noArguments,
		Annotations: map[string]string{exitNote: exitHelp(0, 2)},
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.stdout, tool())
			return err
		},
	}
}
