package schedule

import "fmt"

// A Share is one machine's part of a run: share M of N (0 <= M < N) takes the slots
// M, M+N, M+2N and so on, so that together the shares take each slot once. The zero
// Share is the whole run.
type Share struct{ M, N int64 }

// of is N, with the zero Share made the one share of one.
func (s Share) of() int64 { return max(1, s.N) }

// Slot returns the number in the run of the k-th slot of the share (k >= 0).
func (s Share) Slot(k int64) int64 { return s.M + k*s.of() }

// Holds tells whether slot n of the run is in the share.
func (s Share) Holds(n int64) bool { return n%s.of() == s.M }

// Count returns how many of the first n slots of the run are in the share.
func (s Share) Count(n int64) int64 {
	if n <= s.M {
		return 0
	}
	return (n-1-s.M)/s.of() + 1
}

// String returns "share 2 of 4", counted from 1, or "" for a whole run.
func (s Share) String() string {
	if s.of() == 1 {
		return ""
	}
	return fmt.Sprintf("share %d of %d", s.M+1, s.N)
}
