//go:build !linux

package misbehave

// openFiles is not known here: 0 is never more than before.
func openFiles() int { return 0 }
