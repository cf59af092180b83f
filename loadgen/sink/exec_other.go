//go:build !unix

package sink

import "os/exec"

// killAll has nothing to set where there are no process groups: the command
// itself is killed.
func killAll(*exec.Cmd) {}
