package results

import (
	"math"
	"math/big"
	"time"
)

// setMoments draws mean and deviation from the sum of the samples and the sum of
// their squares, if they are known: squares is not nil.
func (l *Latency) setMoments(sum uint64, squares *big.Int) {
	if squares == nil || l.Count == 0 {
		return
	}
	l.Sum, l.Squares = sum, squares.String()
	l.Mean = time.Duration(math.Round(float64(sum) / float64(l.Count)))
	// n·Σx² − (Σx)² cancels almost to nothing when times lie close together, so it
	// is taken before any rounding.
	whole := new(big.Int).SetUint64(sum)
	spread := new(big.Int).Mul(squares, big.NewInt(l.Count))
	variance, _ := new(big.Float).SetInt(spread.Sub(spread, whole.Mul(whole, whole))).Float64()
	l.StdDev = time.Duration(math.Round(math.Sqrt(max(0, variance)) / float64(l.Count)))
}

// moments returns the sum of the samples and of their squares. For a document that
// does not hold them they are what its mean and deviation come from, but for the
// rounding of those two.
func (l *Latency) moments() (sum uint64, squares *big.Int) {
	if squares, ok := new(big.Int).SetString(l.Squares, 10); ok {
		return l.Sum, squares
	}
	squares = square(l.Mean)
	squares.Add(squares, square(l.StdDev)).Mul(squares, big.NewInt(l.Count))
	return uint64(l.Mean) * uint64(l.Count), squares
}

func square(d time.Duration) *big.Int {
	n := big.NewInt(int64(d))
	return n.Mul(n, n)
}
