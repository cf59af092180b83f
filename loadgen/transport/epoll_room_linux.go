package transport

import (
	"runtime"
	"sync"
)

// room keeps GOMAXPROCS above the number of loops that run in this process. A loop under load holds a
// processor all the time; without others beside it the collector, timers and everything else
// would wait until the scheduler takes one away, 10 ms later.
var room struct {
	mu    sync.Mutex
	base  int // GOMAXPROCS while no loop runs
	loops int
}

// makeRoom adds processors for n loops that begin, or takes them away for -n that have ended.
func makeRoom(n int) {
	room.mu.Lock()
	defer room.mu.Unlock()
	if room.loops == 0 {
		room.base = runtime.GOMAXPROCS(0)
	}
	room.loops += n
	runtime.GOMAXPROCS(room.base + room.loops)
}
