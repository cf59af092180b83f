package transporttest

import (
	"net"
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

// pollNetwork has the runtime open the descriptors of its network poller, which stay
// open, so that the first rule that needs them is not blamed.
func pollNetwork(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
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
