//go:build unix

package sink

import (
	"os/exec"
	"syscall"
)

// killAll makes a time-out kill what the command started, too.
func killAll(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
