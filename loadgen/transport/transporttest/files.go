package transporttest

import (
	"os"
	"testing"
	"time"
)

// openFiles counts the process's descriptors; 0 where the system does not tell.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// checkFiles fails t if more descriptors are open than before. Other tests of
// the process may be opening some, so it looks again for a while.
func checkFiles(t *testing.T, before int) {
	t.Helper()
	after := openFiles()
	for range 50 {
		if after <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
		after = openFiles()
	}
	t.Errorf("%d descriptors were open before, %d are now", before, after)
}
