package sink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// DefaultExecTimeout is how long a command may take where Exec says nothing. It is
// below the ten minutes a client waits for the reply (RFC 5321 section 4.5.3.2.6).
const DefaultExecTimeout = time.Minute

// An Exec is a store that runs one command for each message. The content is its
// standard input. Its exit status is the verdict: 0 is 250; 75 (EX_TEMPFAIL), a
// signal, a time-out, and a command that cannot be started are 451; any other is
// 554. The first line that a failing command wrote becomes the reply's text.
//
// The environment is mailmill's own without MAILMILL_ variables, and: SENDER, RECIPIENT (the first) and
// RECIPIENTS (all, a space between), CLIENT_ADDRESS, HELO, SUBJECT (decoded),
// SIZE, QUEUE_ID and MESSAGE_NUMBER.
type Exec struct {
	Command []string // the program and its arguments
	Timeout time.Duration
}

// exTempFail is EX_TEMPFAIL of sysexits.h.
const exTempFail = 75

// Check says what is missing.
func (x *Exec) Check() error {
	if len(x.Command) == 0 {
		return errors.New("delivery command: no program to run")
	}
	return nil
}

// Deliver implements Store.
func (x *Exec) Deliver(ctx context.Context, m *Message) Verdict {
	timeout := x.Timeout
	if timeout <= 0 {
		timeout = DefaultExecTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var output firstLine
	cmd := exec.CommandContext(ctx, x.Command[0], x.Command[1:]...)
	cmd.Env = append(ownEnvironment(), m.environment()...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = m.Content(), &output, &output
	cmd.WaitDelay = time.Second // for what the command left running with its output open
	killAll(cmd)
	return verdictOf(cmd.Run(), ctx.Err(), output.String())
}

// verdictOf maps how a command ended to a verdict. stopped is why it was killed.
func verdictOf(err, stopped error, output string) Verdict {
	text := func(or string) string {
		if output != "" {
			return output
		}
		return or
	}
	var exit *exec.ExitError
	switch {
	case stopped != nil:
		return TryLater("Delivery command took too long")
	case err == nil:
		return Stored()
	case errors.Is(err, exec.ErrWaitDelay):
		return Stored() // it exited with 0
	case !errors.As(err, &exit):
		return TryLater("Delivery command cannot be run")
	case exit.ExitCode() < 0:
		return TryLater("Delivery command was killed")
	case exit.ExitCode() == exTempFail:
		return TryLater(text("Delivery command says try later"))
	}
	return Refused(text(fmt.Sprintf("Delivery command exited with %d", exit.ExitCode())))
}

// ownEnvironment is mailmill's environment without its settings, passwords among
// them.
func ownEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MAILMILL_") })
}

// environment returns what the command is told about a message.
func (m *Message) environment() []string {
	var env []string
	set := func(name, value string) { env = append(env, name+"="+printable(value)) }
	set("SENDER", m.ReversePath)
	set("RECIPIENT", m.Recipients[0])
	set("RECIPIENTS", strings.Join(m.Recipients, " "))
	set("CLIENT_ADDRESS", m.Client)
	set("HELO", m.HELO)
	set("SUBJECT", m.Subject())
	set("SIZE", strconv.FormatInt(m.Size, 10))
	set("QUEUE_ID", m.ID)
	set("MESSAGE_NUMBER", strconv.FormatUint(m.Number, 10))
	return env
}

// printable leaves control characters out; a NUL would end the variable.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

// A firstLine keeps the start of what is written to it.
type firstLine struct{ text []byte }

// maxOutput is as much of a command's output as fits in a reply line.
const maxOutput = 200

// Write implements io.Writer.
func (f *firstLine) Write(p []byte) (int, error) {
	f.text = append(f.text, p[:min(len(p), maxOutput-len(f.text))]...)
	return len(p), nil
}

// String returns the first line.
func (f *firstLine) String() string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(f.text)), "\n")
	return printable(line)
}
