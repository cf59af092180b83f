package message

import (
	"bytes"
	"cmp"
	"math"
	"strings"

	"mailmill/loadgen/smtp"
)

// golden is 2^64 divided by the golden ratio, made odd.
//
// The fractions of its multiples lie as evenly as those of any number can (Weyl's
// sequence): after N slots a class has its share of them but for a few, and so has
// every stretch of slots and every share of a run.
const golden = 0x9E3779B97F4A7C15

// share divides the sequence among the classes by their weights.
func (s *Source) share(classes []ClassConfig) {
	var sum, upTo float64
	for _, c := range classes {
		sum += cmp.Or(c.Weight, 1)
	}
	for i, c := range classes {
		upTo += cmp.Or(c.Weight, 1)
		s.classes[i].below = fraction(upTo / sum)
	}
	s.classes[len(classes)-1].below = math.MaxUint64
}

// fraction is a part of 2^64, which stands for 1.
func fraction(of float64) uint64 {
	if of >= 1 {
		return math.MaxUint64
	}
	return uint64(of*(1<<32)) << 32
}

// classOf is the class of slot n: a function of the number and the seed.
func (s *Source) classOf(n int64) *class {
	at := uint64(n)*golden + s.offset
	i := 0
	for at > s.classes[i].below {
		i++
	}
	return &s.classes[i]
}

// mix scatters the bits of x (the finalizer of SplitMix64): numbers that follow
// each other become numbers that have nothing in common.
func mix(x uint64) uint64 {
	x += golden
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// unwrap takes transparency and the end of mail data away from what was prepared.
func (k *class) unwrap() {
	begins := true // a line
	for i := range k.head {
		p := &k.head[i]
		if p.kind != fixed {
			begins = false
			continue
		}
		text := p.text
		p.text, p.stuffed = string(unstuff([]byte(text), begins)), 0
		begins = strings.HasSuffix(text, "\n")
	}
	for i, body := range k.bodies {
		k.bodies[i] = unstuff(body[:len(body)-len(smtp.EndOfData)], true)
	}
}

// unstuff undoes transparency. begins tells that wire begins a line.
func unstuff(wire []byte, begins bool) []byte {
	if begins {
		wire = bytes.TrimPrefix(wire, []byte("."))
	}
	return bytes.ReplaceAll(wire, []byte("\r\n."), []byte("\r\n"))
}
