package sink

import (
	"net/netip"
	"sync"
	"time"

	"mailmill/loadgen/timing"
)

// A meter tells whether something happens more often than it should: more than a second's
// worth at once, or above the rate for longer (the generic cell rate algorithm of ITU-T
// I.371). What is over does not count, so that the rate of the rest is the one allowed.
type meter struct {
	interval  time.Duration // between two at the rate
	perSource bool

	mu  sync.Mutex
	due map[netip.Addr]timing.Instant // when the next would be due at the rate
}

// maxMetered is how many sources a meter remembers at most.
const maxMetered = 1 << 16

func newMeter(perSecond float64, perSource bool) *meter {
	return &meter{
		interval: max(1, time.Duration(float64(time.Second)/perSecond)), perSource: perSource,
		due: map[netip.Addr]timing.Instant{},
	}
}

// over counts an event, and reports whether it is one too many.
func (m *meter) over(now timing.Instant, source netip.Addr) bool {
	if !m.perSource {
		source = netip.Addr{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	due := max(m.due[source], now)
	if due.Sub(now)+m.interval > max(time.Second, m.interval) {
		return true
	}
	if len(m.due) >= maxMetered {
		m.forget(now)
	}
	m.due[source] = due.Add(m.interval)
	return false
}

// forget drops the sources that have been quiet: to be due in the past is to be new. If
// none was, it drops all: that is the price of a bound.
func (m *meter) forget(now timing.Instant) {
	for source, due := range m.due {
		if due <= now {
			delete(m.due, source)
		}
	}
	if len(m.due) >= maxMetered {
		clear(m.due)
	}
}
