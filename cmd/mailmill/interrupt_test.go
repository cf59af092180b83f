package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mailmill/results"
)

// begin starts the program and waits for the first line on its stderr.
func begin(t *testing.T, args ...string) (cmd *exec.Cmd, rest io.Reader) {
	t.Helper()
	cmd = exec.Command("mailmill", args...)
	cmd.Dir = t.TempDir()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	r := bufio.NewReader(stderr)
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatalf("nothing on stderr: %v", err)
	}
	return cmd, r
}

// exitOf interrupts the program and returns its exit code.
func exitOf(t *testing.T, cmd *exec.Cmd, rest io.Reader) (code int, stderr string) {
	t.Helper()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(rest)
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

// One Ctrl-C ends the load; the result is written and says how the run ended.
func TestCtrlCEndsTheRunAndKeepsTheResult(t *testing.T) {
	cmd, rest := begin(t, "run", "--rate", "50/s", "--duration", "1m", "--out", "one.json")
	code, stderr := exitOf(t, cmd, rest)
	if code != exitInterrupted || !strings.Contains(stderr, "mailmill: interrupted; the result says so\n") {
		t.Errorf("exit code %d, stderr %s", code, stderr)
	}
	d, err := results.Load(filepath.Join(cmd.Dir, "one.json"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Verdict.End != results.EndInterrupted || d.Counts.Accepted == 0 || d.Books() != nil {
		t.Errorf("end %q, %d accepted, books %v", d.Verdict.End, d.Counts.Accepted, d.Books())
	}
}

// timeout(1) sends each signal twice: the result is written all the same.
func TestTwoSignalsAtOnceAreOne(t *testing.T) {
	cmd, rest := begin(t, "run", "--rate", "50/s", "--duration", "1m", "--out", "one.json")
	for range 2 {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	io.Copy(io.Discard, rest)
	cmd.Wait()
	if _, err := results.Load(filepath.Join(cmd.Dir, "one.json")); err != nil || cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("exit code %d, and the result: %v", cmd.ProcessState.ExitCode(), err)
	}
}

// A server that never answers keeps the run alive after one Ctrl-C; a second one
// ends it at once.
func TestSecondCtrlCStopsAtOnce(t *testing.T) {
	sink, stop, err := spawnSink("--behave", "accept: silence")
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	cmd, rest := begin(t, "run", sink, "--rate", "50/s", "--duration", "1m", "--out", "one.json")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(rest)
	for line := ""; !strings.Contains(line, "stopping"); {
		var err error
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("no line says that the run is stopping: %v", err)
		}
	}
	time.Sleep(echo)
	if code, _ := exitOf(t, cmd, lines); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat(filepath.Join(cmd.Dir, "one.json")); err == nil {
		t.Errorf("the result was written, so the program was not stopped at once")
	}
}
