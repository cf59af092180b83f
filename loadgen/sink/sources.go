package sink

import (
	"net/netip"
	"sync"
)

// sources counts the open sessions of each address.
type sources struct {
	mu   sync.Mutex
	open map[netip.Addr]int
}

// enter counts a session, and reports whether it is within the most there may be.
func (s *sources) enter(a netip.Addr, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[netip.Addr]int{}
	}
	s.open[a]++
	return s.open[a] <= most
}

// leave forgets a session.
func (s *sources) leave(a netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[a]--; s.open[a] <= 0 {
		delete(s.open, a)
	}
}
