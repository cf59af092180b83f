package transport

import "mailmill/loadgen/timing"

// timers is a heap of conversations by the instant at which each is to be
// looked at: 4-ary, because sifting down then touches half as many cache lines
// as a binary heap does.
//
// A conversation has at most one entry. Deadlines are lazy: an Until that moves
// away leaves the entry where it is, and the entry moves when it comes up, so
// a step with its 30 s time-out costs no heap work. Only an Until that comes nearer moves it at once.
type timers []*conn

// next is the instant of the first entry; Never if there is none.
func (t timers) next() timing.Instant {
	if len(t) == 0 {
		return timing.Never
	}
	return t[0].armed
}

// arm makes sure that c is looked at no later than at c.until.
func (t *timers) arm(c *conn) {
	switch {
	case c.until == 0:
	case c.heap < 0:
		c.armed = c.until
		c.heap = int32(len(*t))
		*t = append(*t, c)
		t.up(c.heap)
	case c.until < c.armed:
		c.armed = c.until
		t.up(c.heap)
	}
}

// due returns a conversation whose Until has passed, or nil if none has.
func (t *timers) due(now timing.Instant) *conn {
	for len(*t) > 0 && (*t)[0].armed <= now {
		c := (*t)[0]
		switch {
		case c.until == 0:
			t.remove(c)
		case c.until > now:
			c.armed = c.until
			t.down(0)
		default:
			t.remove(c)
			return c
		}
	}
	return nil
}

// remove takes c off the heap.
func (t *timers) remove(c *conn) {
	if c.heap < 0 {
		return
	}
	h, i := *t, c.heap
	last := int32(len(h) - 1)
	h[i] = h[last]
	h[i].heap = i
	h[last] = nil
	*t = h[:last]
	c.heap = -1
	if i < last {
		t.up(i)
		t.down(i)
	}
}

func (t *timers) up(i int32) {
	h := *t
	c := h[i]
	for i > 0 {
		parent := (i - 1) / 4
		if h[parent].armed <= c.armed {
			break
		}
		h[i] = h[parent]
		h[i].heap = i
		i = parent
	}
	h[i] = c
	c.heap = i
}

func (t *timers) down(i int32) {
	h := *t
	c := h[i]
	for {
		first := 4*i + 1
		if first >= int32(len(h)) {
			break
		}
		least := first
		for k := first + 1; k < min(first+4, int32(len(h))); k++ {
			if h[k].armed < h[least].armed {
				least = k
			}
		}
		if c.armed <= h[least].armed {
			break
		}
		h[i] = h[least]
		h[i].heap = i
		i = least
	}
	h[i] = c
	c.heap = i
}
