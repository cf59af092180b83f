package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"mailmill/profiles"
)

// run is the program as a function: it returns the exit code. Tests call it.
func run(args, environ []string, stdout, stderr io.Writer) int {
	p := &program{args: append([]string{"mailmill"}, args...), environ: environ, stdout: stdout, stderr: stderr}
	ctx, stop := interruptible(context.Background())
	defer stop()
	err := p.execute(ctx)
	p.complain(err)
	return exitCode(err)
}

// A program is the outside world of one call of mailmill.
type program struct {
	args           []string // with the program's name
	environ        environment
	stdout, stderr io.Writer
}

// execute finds the command of the arguments and runs it.
func (p *program) execute(ctx context.Context) error {
	root := p.command()
	root.SetArgs(p.args[1:])
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	return root.ExecuteContext(ctx)
}

// complain writes an error to stderr: a line for each of its lines.
func (p *program) complain(err error) {
	if err == nil {
		return
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		p.note("%s", line)
	}
}

// note writes one line about what mailmill does to stderr. A server's words may be
// in it, and must not steer a terminal.
func (p *program) note(format string, args ...any) {
	fmt.Fprintf(p.stderr, "mailmill: %s\n", strings.Map(printable, fmt.Sprintf(format, args...)))
}

// printable replaces what is not shown.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return unicode.ReplacementChar
}

// command returns the whole tree of commands.
func (p *program) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "mailmill",
		Short: "Put a mail server through the mill",
		Long: "mailmill runs SMTP mail transactions at a set rate and concurrency, times each step, " +
			"and reports latencies, replies and faults. It carries its own server to test with.",
		Example: "  mailmill run                              # 10 seconds against the built-in sink\n" +
			"  mailmill run 127.0.0.1:2525 --rate 500/s --duration 1m\n" +
			"  mailmill sink --listen 127.0.0.1:2525",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(p.runCommand(), p.sinkCommand(), p.probeCommand(), p.reportCommand(), p.mergeCommand(), p.profilesCommand(), p.versionCommand())
	root.SetHelpFunc(showHelp)
	root.SetFlagErrorFunc(flagError)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return p.environ.apply(cmd) }
	return root
}

// knownCommand refuses what is no command, with the one that may have been meant.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if near := profiles.Nearest(args[0], names); near != "" {
		return usagef("unknown command %q; did you mean %s?", args[0], near)
	}
	return usagef("unknown command %q; see mailmill --help", args[0])
}

// exactly asks for n arguments, named in words.
func exactly(n int, words string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("%s takes %s, and was given %d; see %s --help", cmd.Name(), words, len(args), cmd.CommandPath())
		}
		return nil
	}
}

// noArguments refuses arguments, for commands that have flags only.
var noArguments = exactly(0, "no argument")
