package record

import "mailmill/loadgen/timing"

// A ReplyKey is what replies are counted by.
type ReplyKey struct {
	Class      uint8 // of traffic, by its index in the plan
	Step       timing.Step
	Code       uint16 // reply code; 0 where the cap on keys was met, see Config.KeyCap
	Enhanced   uint32 // enhanced status code, packed as package smtp does; 0 = none
	Unexpected bool   // the code is not one that the step allows
}

// packed returns the key as an integer that sorts by class, step, code, enhanced
// status code. It loses nothing: 8 + 8 + 16 + 31 + 1 bits, and an enhanced status
// code takes 23.
func (k ReplyKey) packed() uint64 {
	p := uint64(k.Class)<<56 | uint64(k.Step)<<48 | uint64(k.Code)<<32 | uint64(k.Enhanced&(1<<31-1))<<1
	if k.Unexpected {
		p |= 1
	}
	return p
}

// unpack is the inverse of packed.
func unpack(p uint64) ReplyKey {
	return ReplyKey{
		Class: uint8(p >> 56), Step: timing.Step(p >> 48), Code: uint16(p >> 32),
		Enhanced: uint32(p) >> 1, Unexpected: p&1 == 1,
	}
}

// A FaultKey is what faults are counted by.
type FaultKey struct {
	Class uint8
	Step  timing.Step
	Kind  timing.FaultKind
}

// packed returns the key as an integer that sorts by class, step, kind.
func (k FaultKey) packed() uint64 {
	return uint64(k.Class)<<16 | uint64(k.Step)<<8 | uint64(k.Kind)
}

// unpackFault is the inverse of packed.
func unpackFault(p uint64) FaultKey {
	return FaultKey{Class: uint8(p >> 16), Step: timing.Step(p >> 8), Kind: timing.FaultKind(p)}
}

// Seen says how often and when something occurred, with one example of its
// text, the first.
type Seen struct {
	Count       int64
	First, Last timing.Instant
	Example     string // at most 200 octets, as they came
}

const maxExample = 200

// sight is a Seen under its packed key.
type sight struct {
	key uint64
	Seen
}

// add counts one occurrence.
func (s *Seen) add(at timing.Instant) {
	s.Count++
	s.First = min(s.First, at)
	s.Last = max(s.Last, at)
}

// merge adds what from holds; the example of the earlier first stays.
func (s *Seen) merge(from *Seen) {
	if from.First < s.First {
		s.First, s.Example = from.First, from.Example
	}
	s.Count += from.Count
	s.Last = max(s.Last, from.Last)
}

// sights are counts by packed key.
type sights map[uint64]*sight

// new adds a key that was not seen before. The example is copied.
func (m sights) new(key uint64, at timing.Instant, example string) *sight {
	s := &sight{key: key, Seen: Seen{First: at, Last: at, Example: example}}
	m[key] = s
	return s
}
