package sink

import (
	"slices"
	"sync"
)

// The two sizes of chunk that content is held in: most mail fits the small one,
// and large mail does not make long lists.
const (
	smallChunk = 4 << 10
	largeChunk = 64 << 10
)

// chunkSlack is more than the scanner can append beyond what it is given: the
// CR that it may have kept back.
const chunkSlack = 8

func chunkRoom(chunk []byte) int { return cap(chunk) - len(chunk) - chunkSlack }

// A memory hands out the chunks that content is held in, up to a limit over all
// sessions. A session that gets none is queued and woken when there may be some.
//
// With every chunk held by content that is still arriving, all would wait for
// each other. So one session at a time may go over the limit: its message ends at
// last, and then another may. The bound is the limit and one message, and a
// quarter of the limit in spare chunks.
type memory struct {
	mu       sync.Mutex
	limit    int64
	used     int64
	kept     int64 // in spare chunks
	favoured *session
	queue    []*session
	small    [][]byte
	large    [][]byte
}

// take returns an empty chunk. Without one, s is queued for a Wake.
func (m *memory) take(s *session, size int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	fits := m.used+int64(size) <= m.limit
	if !fits && m.favoured == nil {
		m.favoured, s.favoured = s, true
	}
	if !fits && !s.favoured {
		if !s.queued {
			s.queued = true
			m.queue = append(m.queue, s)
		}
		return nil
	}
	m.used += int64(size)
	spare := m.spare(size)
	if n := len(*spare); n > 0 {
		chunk := (*spare)[n-1]
		*spare = (*spare)[:n-1]
		m.kept -= int64(size)
		return chunk[:0]
	}
	return make([]byte, 0, size)
}

func (m *memory) spare(size int) *[][]byte {
	if size == smallChunk {
		return &m.small
	}
	return &m.large
}

// give takes chunks back, and wakes as many sessions as they may serve.
func (m *memory) give(chunks [][]byte) {
	m.mu.Lock()
	freed := int64(0)
	for _, c := range chunks {
		size := int64(cap(c))
		freed += size
		if m.kept+size <= m.limit/4 {
			spare := m.spare(cap(c))
			*spare = append(*spare, c)
			m.kept += size
		}
	}
	m.used -= freed
	woken := m.next(int(freed / smallChunk))
	m.mu.Unlock()
	wake(woken)
}

// settle tells that s is done with its message, or has given up waiting. What it
// was favoured with, or woken for, goes to the next.
func (m *memory) settle(s *session) {
	m.mu.Lock()
	if s.favoured {
		m.favoured, s.favoured = nil, false
	}
	if s.queued {
		s.queued = false
		i := slices.Index(m.queue, s)
		m.queue = slices.Delete(m.queue, i, i+1)
	}
	woken := m.next(1)
	m.mu.Unlock()
	wake(woken)
}

// next takes up to n sessions off the queue.
func (m *memory) next(n int) []*session {
	n = min(n, len(m.queue))
	if n == 0 {
		return nil
	}
	woken := slices.Clone(m.queue[:n])
	for _, s := range woken {
		s.queued = false
	}
	m.queue = slices.Delete(m.queue, 0, n)
	return woken
}

func wake(sessions []*session) {
	for _, s := range sessions {
		s.waker.Wake()
	}
}
