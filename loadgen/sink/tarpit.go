package sink

import "time"

// tarpitMost is the longest that a tarpit holds a command.
const tarpitMost = 30 * time.Second

// sticks holds each command of a client that was refused before, the longer the more often.
// It reports whether the session is to wait, which it is once for each command.
func (s *session) sticks(t *turn) bool {
	if s.errors == 0 {
		return false
	}
	if s.stuck {
		s.stuck = false
		return false
	}
	s.loop.Tarpitted++
	s.stuck = true
	s.resume = t.now.Add(min(time.Duration(s.errors)*s.sink.config.Tarpit, tarpitMost))
	return true
}
