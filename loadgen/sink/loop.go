package sink

import (
	"sync"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A loop is what the sessions of one event loop share: counters, spare
// envelopes, and the turn. Its lock is held for the length of one event. Where a
// loop runs one session at a time it is never contended (10 ns); where goroutines
// drive sessions it keeps them apart; and it lets Counters look at any time.
type loop struct {
	mu       sync.Mutex
	sessions uint64 // accepted so far: part of a session's seed
	counts
	turn   turn
	params mailParameters // of the MAIL being read; here for the same reason as the turn
	spare  []*transaction
}

// A turn is the handling of one event: what came, how much of it was used, and
// what is to be said. It lives in the loop, since handlers called through tables
// would move one on the stack to the heap.
type turn struct {
	now   timing.Instant
	in    []byte
	used  int
	out   []byte
	last  smtp.Code // of the last reply said
	peer  *transport.Peer
	waker transport.Waker
	// address is that of the command under way, for patterns; nil: none.
	address []byte
}

// rest returns the octets not yet used.
func (t *turn) rest() []byte { return t.in[t.used:] }

// room is how much of the scratch must be free for a turn to go on. It is above
// any reply but a long HELP or EHLO, for which append makes room.
const room = 1024

// open reports whether another reply fits. A client that pipelines without end
// gets its replies in pieces of the size of the scratch, each when the one
// before has been taken.
func (t *turn) open() bool { return cap(t.out)-len(t.out) >= room || len(t.out) == 0 }

// maxSpare and maxSpareOctets bound what a loop keeps for reuse.
const (
	maxSpare       = 256
	maxSpareOctets = 16 << 10
)

// take returns an empty transaction.
func (l *loop) take() *transaction {
	if n := len(l.spare); n > 0 {
		tx := l.spare[n-1]
		l.spare = l.spare[:n-1]
		return tx
	}
	return &transaction{}
}

// give takes a transaction back. Its chunks have been released.
func (l *loop) give(tx *transaction) {
	if len(l.spare) == maxSpare || cap(tx.paths) > maxSpareOctets {
		return
	}
	clear(tx.boxes)
	clear(tx.fates)
	*tx = transaction{paths: tx.paths[:0], boxes: tx.boxes[:0], fates: tx.fates[:0]}
	l.spare = append(l.spare, tx)
}
