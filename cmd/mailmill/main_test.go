package main

import (
	"bufio"
	"errors"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain puts the program, as it was built for the tests, into PATH.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mailmill": main})
}

// The scripts run the program from outside. Besides testscript's own commands they have
//
//	exits CODE mailmill …   runs the program and asks for this exit code
//	sink NAME FLAG…         starts a sink, with its address in $NAME
//	peer NAME http|closed   starts another server, or none, with its address in $NAME
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "sink": startSink, "peer": startPeer,
		},
	})
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

func startSink(ts *testscript.TestScript, _ bool, args []string) {
	address, stop, err := spawnSink(args[1:]...)
	ts.Check(err)
	ts.Defer(stop)
	ts.Setenv(args[0], address)
}

// spawnSink starts a sink on a free port and returns its address.
func spawnSink(flags ...string) (address string, stop func(), err error) {
	cmd := exec.Command("mailmill", append([]string{"sink", "--listen", "127.0.0.1:0"}, flags...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		cmd.Process.Kill()
		cmd.Wait()
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, err
	}
	return strings.TrimPrefix(strings.TrimSpace(line), "listening on "), stop, nil
}

func startPeer(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	if args[1] == "closed" {
		ts.Check(l.Close())
		return
	}
	ts.Defer(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Write([]byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"))
			c.Close()
		}
	}()
}
