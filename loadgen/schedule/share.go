package schedule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A Share is one machine's part of a run: share M of N (0 <= M < N) takes the slots
// M, M+N, M+2N and so on, so that together the shares take each slot once. The zero
// Share is the whole run.
type Share struct{ M, N int64 }

// maxShares keeps the numbers of slots far from their end.
const maxShares = 1_000_000

// ParseShare returns the share of a text such as "0/4". Shares are counted from 0.
func ParseShare(s string) (Share, error) {
	first, second, found := strings.Cut(s, "/")
	m, err := strconv.ParseInt(first, 10, 64)
	n, err2 := strconv.ParseInt(second, 10, 64)
	switch {
	case !found || err != nil || err2 != nil:
		return Share{}, errors.New("not a share m/N; the shares of a run in 4 are 0/4, 1/4, 2/4 and 3/4")
	case n < 1 || n > maxShares:
		return Share{}, fmt.Errorf("a run has 1 to %d shares", maxShares)
	case m < 0 || m >= n:
		return Share{}, fmt.Errorf("shares are counted from 0: 0/%d to %d/%d", n, n-1, n)
	}
	return Share{m, n}, nil
}

// Whole tells whether the share is all of the run.
func (s Share) Whole() bool { return s.of() == 1 }

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

// String returns the share as ParseShare reads it, "0/4"; "" for the zero Share.
func (s Share) String() string {
	if s.N == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.M, s.N)
}
