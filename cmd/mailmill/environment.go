package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailmill/profiles"
)

// An environment is "NAME=value" lines, as os.Environ returns them.
type environment []string

// get returns a variable; one that is empty counts as not set.
func (e environment) get(name string) string {
	for _, line := range slices.Backward(e) {
		if key, value, _ := strings.Cut(line, "="); key == name {
			return value
		}
	}
	return ""
}

// apply sets the flags of cmd that were not given from the environment. Settings
// of a run are left to package profiles, which reads them itself.
func (e environment) apply(cmd *cobra.Command) error {
	var wrong []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == "help" || isSetting(f) {
			return
		}
		variable := variableOf(cmd, f)
		for _, text := range separate(e.get(variable), f) {
			if err := f.Value.Set(text); err != nil {
				wrong = append(wrong, variable+": "+quoted(text)+": "+reason(err))
			}
		}
	})
	wrong = append(wrong, e.misspelt(cmd.Root())...)
	if len(wrong) > 0 {
		return usagef("%s", strings.Join(wrong, "\n"))
	}
	return nil
}

// sinkPrefix begins the variables of the sink. A run and its sink may share an environment, and
// names such as --timeout, --seed or --proxy mean other things to them.
const sinkPrefix = "sink-"

// variableOf returns the environment variable of a flag.
func variableOf(cmd *cobra.Command, f *pflag.Flag) string {
	if cmd.Name() == "sink" {
		return profiles.EnvName(sinkPrefix + f.Name)
	}
	return profiles.EnvName(f.Name)
}

// separate splits the values of a repeatable flag.
func separate(text string, f *pflag.Flag) []string {
	switch separator := annotation(f, separatorNote); {
	case text == "":
		return nil
	case separator == "":
		return []string{text}
	default:
		return strings.Split(text, separator)
	}
}

// misspelt tells of variables that are nobody's and look like somebody's. Others
// that begin with MAILMILL_ may be a script's own.
func (e environment) misspelt(root *cobra.Command) []string {
	var names []string
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, variableOf(cmd, f)[len(profiles.EnvPrefix):]) })
	}
	var wrong []string
	for _, line := range e {
		variable, value, _ := strings.Cut(line, "=")
		name, ours := strings.CutPrefix(variable, profiles.EnvPrefix)
		if !ours || value == "" || slices.Contains(names, name) {
			continue
		}
		if near := profiles.Nearest(name, names); near != "" {
			wrong = append(wrong, variable+": no setting has this name; did you mean "+profiles.EnvPrefix+near+"?")
		}
	}
	return wrong
}

func isSetting(f *pflag.Flag) bool { return annotation(f, settingNote) != "" }
