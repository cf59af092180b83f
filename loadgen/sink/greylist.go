package sink

import (
	"bytes"
	"hash/maphash"
	"sync"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// A greylist defers mail of a client, reverse-path and forward-path that it has not seen
// together before, until some time has passed (RFC 6647). It remembers hashes, in two
// generations, so that its memory is bounded whatever comes.
type greylist struct {
	delay time.Duration
	seed  maphash.Seed

	mu         sync.Mutex
	young, old map[uint64]timing.Instant // first seen
}

// maxGreylisted is how much a generation remembers.
const maxGreylisted = 1 << 18

func newGreylist(delay time.Duration) *greylist {
	if delay == 0 {
		return nil
	}
	return &greylist{delay: delay, seed: maphash.MakeSeed(), young: map[uint64]timing.Instant{}}
}

// defers notes three that came together, and reports whether it is too early for them.
func (g *greylist) defers(now timing.Instant, client string, from []byte, to smtp.Path) bool {
	var h maphash.Hash
	h.SetSeed(g.seed)
	h.WriteString(client)
	h.WriteByte('\n')
	h.Write(bytes.ToLower(from))
	h.WriteByte('\n')
	h.Write(appendKey(nil, to))
	key := h.Sum64()

	g.mu.Lock()
	defer g.mu.Unlock()
	first, seen := g.young[key]
	if !seen {
		first, seen = g.old[key]
	}
	if seen {
		return now.Sub(first) < g.delay
	}
	if len(g.young) >= maxGreylisted {
		g.young, g.old = map[uint64]timing.Instant{}, g.young
	}
	g.young[key] = now
	return true
}

// greylisted reports whether a recipient of the open mail transaction is to come back later.
func (s *session) greylisted(t *turn, to smtp.Path) bool {
	from, _, _ := bytes.Cut(s.tx.paths, []byte{'\n'})
	return s.sink.greylist.defers(t.now, s.address(), from, to)
}
