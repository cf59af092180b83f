package schedule

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// A Poisson schedule is a Poisson process with the rate of a curve: many clients who
// know nothing of each other. With U₀ < U₁ < … the points of a Poisson process of
// rate 1 (the gaps between them are exponential with mean 1), slot n is due at
// Λ⁻¹(Uₙ): the curve is read at Uₙ where it would be read at n.
//
// Uₙ is a sum of n+1 draws, and yet no slot may depend on those before it having
// been asked for. So the draws come in blocks of a fixed length B, each from a
// generator seeded with (seed, number of the block), and a block is drawn from
// the outside in. First its length, the sum of B gaps, which has the gamma
// distribution with shape B. Then, only for a block that is asked for, its
// points: B gaps, stretched to that length. The two are independent, because
// a sum of exponential variates is independent of their shares in it (Devroye,
// Non-Uniform Random Variate Generation, 1986, chapter V.2), so the
// result is the same process as B gaps drawn one after the other.
//
//	 block 0        block 1     block 2
//	|--·-··----·--·|-·--·-···--|----·---··--|      one draw for each length;
//	0              G₀          G₀+G₁               B for the points of a block
//
// So slot 10⁹ costs 10⁹/B draws the first time, not 10⁹, and slots in their order
// cost one draw each.
type Poisson struct {
	curve Curve
	seed  uint64

	// recent holds the blocks asked for last, by their number modulo its length:
	// workers ask for slots that are near each other.
	recent [4]atomic.Pointer[block]

	mu     sync.Mutex
	starts []float64 // starts[b] is where block b begins; grown as far as needed
}

var _ Schedule = (*Poisson)(nil)

// blockLength is B.
const blockLength = 1024

// A block holds the due times of the slots from number*blockLength on. It never
// changes.
type block struct {
	number int64
	due    [blockLength]time.Duration
}

// NewPoisson returns the Poisson process over a curve. The same seed gives the same
// process.
func NewPoisson(seed uint64, over Curve) *Poisson {
	return &Poisson{curve: over, seed: seed, starts: []float64{0}}
}

// At implements [Schedule].
func (p *Poisson) At(n int64) time.Duration {
	number := n / blockLength
	recent := &p.recent[number%int64(len(p.recent))]
	b := recent.Load()
	if b == nil || b.number != number {
		b = p.draw(number)
		recent.Store(b)
	}
	return b.due[n%blockLength]
}

// draw makes a block. Two goroutines that make the same one make equal ones.
func (p *Poisson) draw(number int64) *block {
	start := p.start(number)
	rng := p.generator(number)
	length := gamma(rng, blockLength)
	var points [blockLength]float64
	sum := 0.0
	for i := range points {
		sum += rng.ExpFloat64()
		points[i] = sum
	}
	b := &block{number: number}
	for i, point := range points {
		b.due[i] = p.curve.inverse(start + length*(point/sum))
	}
	return b
}

// start returns where a block begins.
func (p *Poisson) start(number int64) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	for have := int64(len(p.starts)); have <= number; have++ {
		length := gamma(p.generator(have-1), blockLength)
		p.starts = append(p.starts, p.starts[have-1]+length)
	}
	return p.starts[number]
}

// generator returns the source of all draws of a block.
func (p *Poisson) generator(number int64) *rand.Rand {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[0:], p.seed)
	binary.LittleEndian.PutUint64(seed[8:], uint64(number))
	return rand.New(rand.NewChaCha8(seed))
}

// Count implements [Schedule]. It is the integral of the rate only in the mean.
func (p *Poisson) Count(d time.Duration) int64 {
	// The block whose start is the last before d holds the last slot before d, so
	// that only its points have to be drawn.
	starts := count(func(number int64) time.Duration { return p.curve.inverse(p.start(number)) }, math.MaxInt64, d)
	first := max(0, starts-1) * blockLength
	return first + int64(sort.Search(blockLength, func(i int) bool { return p.At(first+int64(i)) >= d }))
}

// String describes the schedule.
func (p *Poisson) String() string { return p.curve.String() + ", Poisson arrivals" }

// gamma draws from the gamma distribution with a shape of at least 1 and scale 1
// (Marsaglia and Tsang, A Simple Method for Generating Gamma Variables, ACM
// Transactions on Mathematical Software 26, 2000).
func gamma(rng *rand.Rand, shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v *= v * v
		if math.Log(1-rng.Float64()) < x*x/2+d*(1-v+math.Log(v)) {
			return d * v
		}
	}
}
