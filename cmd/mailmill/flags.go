package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailmill/profiles"
)

// Annotations of flags.
const (
	groupNote     = "group"     // the heading in help
	unitNote      = "unit"      // what a bare number means
	separatorNote = "separator" // lies between values in an environment variable
	settingNote   = "setting"   // a setting of package profiles
)

func annotation(f *pflag.Flag, note string) string {
	if values := f.Annotations[note]; len(values) > 0 {
		return values[0]
	}
	return ""
}

func annotate(f *pflag.Flag, note, text string) {
	if text == "" {
		return
	}
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[note] = []string{text}
}

// A placeholder is a flag's value with the word that stands for it in help.
type placeholder struct {
	pflag.Value
	word string
}

// Type implements pflag.Value: help shows it.
func (p placeholder) Type() string { return p.word }

func as(word string, v pflag.Value) pflag.Value { return placeholder{v, word} }

// addSwitch adds a flag that is on where it is named.
func addSwitch(fs *pflag.FlagSet, at *bool, name, usage string) {
	fs.VarPF(profiles.Switch(at), name, "", usage).NoOptDefVal = "true"
}

// group puts flags under a heading of help.
func group(fs *pflag.FlagSet, heading string, names ...string) {
	for _, name := range names {
		annotate(fs.Lookup(name), groupNote, heading)
	}
}

// separated says how several values of flags stand in an environment variable.
func separated(fs *pflag.FlagSet, separator string, names ...string) {
	for _, name := range names {
		annotate(fs.Lookup(name), separatorNote, separator)
	}
}

// addSettings adds a flag for every setting of a run.
func addSettings(fs *pflag.FlagSet) profiles.Flags {
	given := profiles.AddFlags(fs)
	for _, s := range profiles.Settings {
		f := fs.Lookup(s.Name)
		annotate(f, settingNote, s.Name)
		annotate(f, groupNote, string(s.Group))
		annotate(f, unitNote, s.Unit)
	}
	return given
}

// flagError turns what pflag says into one line.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return usagef("%s", shortFlagError(err))
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	name := unknown.GetSpecifiedName()
	if near := profiles.Nearest(name, names); near != "" {
		return usagef("unknown flag --%s; did you mean --%s?", name, near)
	}
	return usagef("unknown flag %s; see %s --help", strings.Repeat("-", min(2, len(name)))+name, cmd.CommandPath())
}

// shortFlagError leaves out what pflag puts before the reason.
func shortFlagError(err error) string {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return "--" + invalid.GetFlag().Name + ": " + quoted(invalid.GetValue()) + ": " + reason(err)
	}
	return err.Error()
}

// reason returns the innermost text of an error.
func reason(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
