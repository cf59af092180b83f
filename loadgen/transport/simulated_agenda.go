package transport

import "mailmill/loadgen/timing"

// A happening is something that happens at an instant of a simulation.
type happening interface{ happen(*Simulated) }

// An entry is a happening with its instant. Those of one instant happen in the
// order in which they were put down.
type entry struct {
	at     timing.Instant
	number uint64
	what   happening
}

func (e *entry) before(f *entry) bool { return e.at < f.at || e.at == f.at && e.number < f.number }

// An agenda is what is to happen: a 4-ary heap.
type agenda struct {
	heap   []entry
	number uint64
}

// push puts a happening down.
func (a *agenda) push(at timing.Instant, what happening) {
	a.number++
	e := entry{at, a.number, what}
	a.heap = append(a.heap, e)
	i := len(a.heap) - 1
	for i > 0 && e.before(&a.heap[(i-1)/4]) {
		a.heap[i] = a.heap[(i-1)/4]
		i = (i - 1) / 4
	}
	a.heap[i] = e
}

// pop takes the first entry off. There must be one.
func (a *agenda) pop() entry {
	first, last := a.heap[0], a.heap[len(a.heap)-1]
	a.heap[len(a.heap)-1] = entry{}
	a.heap = a.heap[:len(a.heap)-1]
	if len(a.heap) > 0 {
		a.sink(last)
	}
	return first
}

// sink puts e where the first entry was, and lets it sink to its place.
func (a *agenda) sink(e entry) {
	i := 0
	for {
		least := 4*i + 1
		if least >= len(a.heap) {
			break
		}
		for k := least + 1; k < min(4*i+5, len(a.heap)); k++ {
			if a.heap[k].before(&a.heap[least]) {
				least = k
			}
		}
		if e.before(&a.heap[least]) {
			break
		}
		a.heap[i] = a.heap[least]
		i = least
	}
	a.heap[i] = e
}
