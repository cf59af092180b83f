package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Columns of help.
const (
	helpWidth  = 100 // where the terminal is as wide, or there is none
	helpLeast  = 60  // on a narrower terminal lines break
	helpIndent = 28  // where the words about a flag begin
)

// columnsOf is how wide help is that goes to w.
func columnsOf(w io.Writer) int {
	if s := screenOf(w, nil); s.file != nil {
		return min(max(s.width(), helpLeast), helpWidth)
	}
	return helpWidth
}

// exitNote is the annotation of a command that holds its exit codes.
const exitNote = "exit"

// showHelp writes the help of a command: what it does, how it is called, its
// flags under their headings, and its exit codes.
func showHelp(cmd *cobra.Command, _ []string) {
	w := cmd.OutOrStdout()
	width := columnsOf(w)
	fmt.Fprintf(w, "%s\n\nUsage:\n  %s\n", about(cmd, width), usage(cmd))
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	showCommands(w, cmd)
	for _, heading := range headings(cmd.Flags()) {
		fmt.Fprintf(w, "\n%s:\n", heading)
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if headingOf(f) == heading && !f.Hidden {
				fmt.Fprint(w, flagHelp(f, width))
			}
		})
	}
	if codes := cmd.Annotations[exitNote]; codes != "" {
		words := "Every flag is an environment variable too: " + variableOf(cmd, &pflag.Flag{}) + " and its name in capitals, _ for -. A flag wins."
		fmt.Fprintf(w, "\n%s\n", strings.Join(wrap(words, width), "\n"))
		fmt.Fprintf(w, "\nExit codes:\n%s", codes)
	}
}

// about is what a command says of itself. Commands that cobra brings have texts with
// lines of their own.
func about(cmd *cobra.Command, width int) string {
	switch {
	case cmd.Long == "":
		return cmd.Short
	case strings.Contains(cmd.Long, "\n"):
		return strings.TrimSpace(cmd.Long)
	}
	return strings.Join(wrap(cmd.Long, width), "\n")
}

func usage(cmd *cobra.Command) string {
	if cmd.HasAvailableSubCommands() {
		return cmd.CommandPath() + " COMMAND [flags]"
	}
	return cmd.UseLine()
}

func showCommands(w io.Writer, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	fmt.Fprintf(w, "\nCommands:\n")
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			fmt.Fprintf(w, "  %-12s %s\n", c.Name(), c.Short)
		}
	}
}

// headings returns the headings of flags, in the order in which flags were added;
// those without one come last.
func headings(fs *pflag.FlagSet) []string {
	fs.SortFlags = false
	var all []string
	fs.VisitAll(func(f *pflag.Flag) {
		if h := headingOf(f); !slices.Contains(all, h) && h != otherFlags && !f.Hidden {
			all = append(all, h)
		}
	})
	return append(all, otherFlags)
}

const otherFlags = "Other"

func headingOf(f *pflag.Flag) string {
	if h := annotation(f, groupNote); h != "" {
		return h
	}
	return otherFlags
}

// flagHelp explains one flag in lines of width columns: its name and value, what it does, its unit and its
// default.
func flagHelp(f *pflag.Flag, width int) string {
	value, words := pflag.UnquoteUsage(f)
	spec := "  --" + f.Name
	if f.Shorthand != "" {
		spec = "  -" + f.Shorthand + ", --" + f.Name
	}
	if f.NoOptDefVal == "" && value != "" {
		spec += " " + value
	}
	var facts []string
	if unit := annotation(f, unitNote); unit != "" {
		facts = append(facts, unit)
	}
	if f.DefValue != "" && f.NoOptDefVal == "" {
		facts = append(facts, "default "+f.DefValue)
	}
	if len(facts) > 0 {
		words += " (" + strings.Join(facts, "; ") + ")"
	}
	lines := wrap(words, width-helpIndent)
	if len(spec) >= helpIndent {
		lines = slices.Insert(lines, 0, "")
	}
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			spec = ""
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-*s%s", helpIndent, spec, line), " ") + "\n")
	}
	return b.String()
}

// wrap breaks words into lines of at most width octets.
func wrap(words string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(words) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
