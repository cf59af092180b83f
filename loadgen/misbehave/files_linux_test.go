package misbehave

import "os"

// openFiles counts the process's descriptors.
func openFiles() int {
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(all)
}
