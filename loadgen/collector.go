package loadgen

import (
	"os"
	"runtime"
	"runtime/debug"
)

// calmGC is how much the heap may grow before the collector runs, in percent. A run keeps a few MiB and throws little
// away; at the default of 100 the collector stops it every second or two, and where the machine is busy
// a stop takes longer than many a reply.
const calmGC = 400

// calm collects what was left before the run, and then lets the collector run less often, unless GOGC says
// how often.
func calm() (restore func()) {
	runtime.GC()
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(calmGC)
	return func() { debug.SetGCPercent(before) }
}
