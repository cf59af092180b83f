package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

func TestEveryCommandExplainsItself(t *testing.T) {
	root := (&program{args: []string{"mailmill"}}).command()
	for _, cmd := range root.Commands() {
		switch {
		case cmd.Short == "" || cmd.Long == "" || cmd.Example == "":
			t.Errorf("%s: what it does, or an example, is missing", cmd.Name())
		case cmd.Annotations[exitNote] == "":
			t.Errorf("%s: the exit codes are missing", cmd.Name())
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			switch {
			case annotation(f, groupNote) == "":
				t.Errorf("%s --%s stands under no heading", cmd.Name(), f.Name)
			case !strings.HasSuffix(f.Usage, "."):
				t.Errorf("%s --%s: no sentence: %s", cmd.Name(), f.Name, f.Usage)
			}
		})
	}
}

func TestHelpFitsItsWidth(t *testing.T) {
	for _, command := range []string{"run", "sink", "probe", "report", "merge", "version"} {
		var w bytes.Buffer
		if code := run([]string{command, "--help"}, nil, &w, &w); code != 0 {
			t.Errorf("%s --help: exit code %d", command, code)
		}
		inExamples := false
		for line := range strings.Lines(w.String()) {
			inExamples = line == "Examples:\n" || inExamples && line != "\n"
			if n := utf8.RuneCountInString(strings.TrimSpace(line)); n > helpWidth && !inExamples {
				t.Errorf("%s --help: %d columns: %s", command, n, line)
			}
		}
	}
}

func TestHelpFitsANarrowTerminal(t *testing.T) {
	cmd := (&program{args: []string{"mailmill"}}).runCommand()
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		for line := range strings.Lines(flagHelp(f, helpLeast)) {
			// A name that is longer than its column, and a word that cannot be broken, have a line to themselves.
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpLeast && len(strings.Fields(line)) > 2 {
				t.Errorf("--%s: %d columns: %s", f.Name, n, line)
			}
		}
	})
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct{ words, want string }{
		{"", ""},
		{"one two three", "one two|three"},
		{"unbreakable-word next", "unbreakable-word|next"},
	} {
		if got := strings.Join(wrap(tt.words, 8), "|"); got != tt.want {
			t.Errorf("%q became %q, want %q", tt.words, got, tt.want)
		}
	}
}
