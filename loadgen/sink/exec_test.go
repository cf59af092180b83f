//go:build unix

package sink

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shell is a store that runs a shell script for each message.
func shell(script string) *Exec { return &Exec{Command: []string{"/bin/sh", "-c", script}} }

func TestExitStatusIsTheVerdict(t *testing.T) {
	for _, test := range []struct {
		script string
		want   Verdict
	}{
		{"exit 0", Stored()},
		{"cat >/dev/null; echo done", Stored()},
		{"exit 75", TryLater("Delivery command says try later")},
		{"echo busy; exit 75", TryLater("busy")},
		{"exit 1", Refused("Delivery command exited with 1")},
		{"printf 'no \\033[31msuch\\r\\nuser\\n' >&2; exit 67", Refused("no [31msuch")},
		{"kill -9 $$", TryLater("Delivery command was killed")},
	} {
		if got := shell(test.script).Deliver(context.Background(), message("x\r\n", "r@example.com")); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.script, got, test.want)
		}
	}
	none := &Exec{Command: []string{filepath.Join(t.TempDir(), "none")}}
	if got := none.Deliver(context.Background(), message("x\r\n", "r@example.com")); got.Code != 451 {
		t.Errorf("a command that is not there: %+v", got)
	}
}

func TestCommandIsToldOfTheMessage(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	t.Setenv("OUT", out)
	t.Setenv("MAILMILL_PASSWORD", "secret")
	m := message("Subject: =?utf-8?Q?gr=C3=B6=C3=9Fe?=\r\n\r\nbody\r\n", "a@example.com", "b@example.com")
	m.HELO = "evil\x00\nname"
	x := shell(`{ for v in SENDER RECIPIENT RECIPIENTS CLIENT_ADDRESS HELO SUBJECT SIZE QUEUE_ID MESSAGE_NUMBER; do
		eval "echo $v=\$$v"; done; cat; echo "$MAILMILL_PASSWORD"; } >"$OUT"`)
	if v := x.Deliver(context.Background(), m); v.Code != 250 {
		t.Fatalf("%+v", v)
	}
	got, err := os.ReadFile(out)
	want := `SENDER=s@example.com
RECIPIENT=a@example.com
RECIPIENTS=a@example.com b@example.com
CLIENT_ADDRESS=192.0.2.1
HELO=evilname
SUBJECT=größe
SIZE=` + strconv.FormatInt(m.Size, 10) + `
QUEUE_ID=7
MESSAGE_NUMBER=7
` + "Subject: =?utf-8?Q?gr=C3=B6=C3=9Fe?=\r\n\r\nbody\r\n\n"
	if err != nil || string(got) != want {
		t.Errorf("%v: %q, want %q", err, got, want)
	}
}

// A command that does not read its input must not matter, however long that is.
func TestCommandNeedNotReadItsInput(t *testing.T) {
	m := message(strings.Repeat("x", 1<<20), "r@example.com")
	if v := shell("exit 0").Deliver(context.Background(), m); v.Code != 250 {
		t.Errorf("%+v", v)
	}
}

func TestCommandThatTakesTooLongIsKilledWithItsChildren(t *testing.T) {
	pid := filepath.Join(t.TempDir(), "pid")
	t.Setenv("PIDFILE", pid)
	x := shell(`sleep 60 & echo $! >"$PIDFILE"; wait`)
	x.Timeout = 300 * time.Millisecond
	if v := x.Deliver(context.Background(), message("x\r\n", "r@example.com")); v != TryLater("Delivery command took too long") {
		t.Errorf("%+v", v)
	}
	data, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if gone(child) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is still there", child)
}

// gone reports whether a process has ended, even if nobody has asked for its status.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestExecInASession(t *testing.T) {
	k := newSink(t, Config{Store: shell(`case $SUBJECT in bad) exit 1;; later) exit 75;; esac`), StoreWorkers: 2})
	c := hello(t, k)
	for subject, want := range map[string]string{"good": "250 2.0.0 Ok: queued as ", "bad": "554 5.3.0", "later": "451 4.3.0"} {
		c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
		c.expect("250", "250", "354")
		c.send("Subject: " + subject + "\r\n\r\n.\r\n")
		c.woken()
		c.expect(want)
	}
}
