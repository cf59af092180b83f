package main

import (
	"bytes"
	"errors"
	"testing"
)

// What a server said may be part of an error.
func TestErrorsCannotSteerATerminal(t *testing.T) {
	var stderr bytes.Buffer
	p := &program{stderr: &stderr}
	p.complain(errors.New("greeting: \x1b[2J\r554 no\nsecond line"))
	if want := "mailmill: greeting: \uFFFD[2J\uFFFD554 no\nmailmill: second line\n"; stderr.String() != want {
		t.Errorf("%q, want %q", stderr.String(), want)
	}
}

// In the program as a function nothing is read from the process it runs in.
func TestTheEnvironmentIsTheCallersOwn(t *testing.T) {
	t.Setenv("MAILMILL_RATE", "nonsense")
	var stdout, stderr bytes.Buffer
	if code := run([]string{"run", "--dry-run"}, []string{"MAILMILL_FROM=a@example.net"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d, %s", code, stderr.String())
	}
	if !bytes.Contains(stdout.Bytes(), []byte("MAIL FROM:<a@example.net>")) {
		t.Errorf("the variable was not used: %s", stdout.String())
	}
}
