package message

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// golden is 2^64 divided by the golden ratio, made odd.
const golden = 0x9E3779B97F4A7C15

// mix scatters the bits of x (the finalizer of SplitMix64): numbers that follow
// each other become numbers that have nothing in common.
func mix(x uint64) uint64 {
	x += golden
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// A purpose is what is drawn, so that no two draws of a slot are alike.
type purpose uint64

const (
	drawContent purpose = 1 + iota
	drawFrom
	drawNull
	drawTo
	drawUnknown
	drawRecipients
	drawDomain
	drawField // and further ones, for each field {rand}
)

// A key decides what all slots draw for one purpose.
type key uint64

func (run Config) key(class int, what purpose) key {
	return key(mix(mix(run.Seed) + uint64(class)<<32 + uint64(what)))
}

// draw is number n of the key's draws: one of 2^64, each as likely as any other.
func (k key) draw(n int64) uint64 { return mix(uint64(k) + uint64(n)*golden) }

// chance tells whether draw n falls into a part of 2^64.
func (k key) chance(n int64, share uint64) bool { return share > 0 && k.draw(n) < share }

// fraction is a part of 2^64, which stands for 1.
func fraction(of float64) uint64 {
	if of >= 1 {
		return math.MaxUint64
	}
	return uint64(of*(1<<32)) << 32
}

// scale makes a number below n of a draw.
func scale(draw, n uint64) uint64 {
	below, _ := bits.Mul64(draw, n)
	return below
}

// A lottery draws one of several things by their weights, in the time of one look
// (Walker's alias method): each thing has a field of the same size, of which a part is its
// own and the rest another's. None at all is no lottery.
type lottery []lot

// A lot is a field.
type lot struct {
	own   uint32 // of 2^32
	other uint32
}

// newLottery makes the lottery of weights, of which none is below 0 and one is above.
func newLottery(weights []float64) lottery {
	l := make(lottery, len(weights))
	var sum float64
	for _, w := range weights {
		sum += w
	}
	var small, large []uint32
	left := make([]float64, len(weights))
	for i, w := range weights {
		left[i] = w / sum * float64(len(weights))
		l[i] = lot{math.MaxUint32, uint32(i)}
		if left[i] < 1 {
			small = append(small, uint32(i))
		} else {
			large = append(large, uint32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, g := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		l[s] = lot{uint32(fraction(left[s]) >> 32), g}
		if left[g] -= 1 - left[s]; left[g] < 1 {
			large = large[:len(large)-1]
			small = append(small, g)
		}
	}
	return l
}

// pick makes an index of a draw.
func (l lottery) pick(draw uint64) int {
	index, rest := bits.Mul64(draw, uint64(len(l)))
	if one := l[index]; uint32(rest>>32) >= one.own {
		return int(one.other)
	}
	return int(index)
}

// An Order is how the members of a list are taken. The zero Order takes them in turn.
type Order struct {
	kind orderKind
	zipf float64 // the exponent
}

type orderKind uint8

const (
	inTurn orderKind = iota
	atRandom
	byZipf
)

// maxZipf bounds the exponent: above it nearly everything is the first of the list.
const maxZipf = 10

// ParseOrder reads "turn", "random" or "zipf:1.1", in which member k of the list,
// counted from 1, is drawn k^-1.1 times as often as the first.
func ParseOrder(s string) (Order, error) {
	exponent, zipf := strings.CutPrefix(s, "zipf:")
	switch {
	case s == "" || s == "turn":
		return Order{}, nil
	case s == "random":
		return Order{kind: atRandom}, nil
	case zipf:
		x, err := strconv.ParseFloat(exponent, 64)
		if err != nil || !(x > 0 && x <= maxZipf) {
			return Order{}, fmt.Errorf("%q is no exponent; write zipf:1.1, above 0 and up to %d", exponent, maxZipf)
		}
		return Order{byZipf, x}, nil
	}
	return Order{}, fmt.Errorf("not an order; write turn, random or zipf:1.1")
}

// String writes the order as ParseOrder reads it.
func (o Order) String() string {
	switch o.kind {
	case atRandom:
		return "random"
	case byZipf:
		return "zipf:" + strconv.FormatFloat(o.zipf, 'g', -1, 64)
	}
	return "turn"
}

// zipfWeights are the weights of n ranks.
func zipfWeights(n int, exponent float64) []float64 {
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = math.Pow(float64(i+1), -exponent)
	}
	return weights
}
