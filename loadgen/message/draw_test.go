package message

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// A lottery draws by weight: the parts of its fields sum up to the weights.
func TestLotteryIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(0, 100), 1, 50).Draw(t, "weights")
		weights[rapid.IntRange(0, len(weights)-1).Draw(t, "one")] += 1
		var sum float64
		for _, w := range weights {
			sum += w
		}
		l := newLottery(weights)
		got := make([]float64, len(weights))
		for i := range weights {
			own := float64(l[i].own) / (1 << 32)
			got[i] += own / float64(len(weights))
			got[l[i].other] += (1 - own) / float64(len(weights))
		}
		for i, w := range weights {
			if math.Abs(got[i]-w/sum) > 1e-6 {
				t.Fatalf("weight %d of %v is drawn with %v, want %v", i, weights, got[i], w/sum)
			}
		}
	})
}

func TestLotteryPicksByItsFields(t *testing.T) {
	l := newLottery([]float64{1, 0, 2, 1})
	counts := make([]int, 4)
	k := key(7)
	for n := range int64(40_000) {
		counts[l.pick(k.draw(n))]++
	}
	for i, want := range []int{10_000, 0, 20_000, 10_000} {
		if math.Abs(float64(counts[i]-want)) > 500 {
			t.Errorf("%v are drawn, want about 10000, 0, 20000, 10000", counts)
			break
		}
	}
}

func TestOrder(t *testing.T) {
	for _, s := range []string{"turn", "random", "zipf:1.1", "zipf:2"} {
		if o, err := ParseOrder(s); err != nil || o.String() != s {
			t.Errorf("%s became %v, %v", s, o, err)
		}
	}
	for s, want := range map[string]string{
		"first":   "not an order; write turn, random or zipf:1.1",
		"zipf:0":  `"0" is no exponent; write zipf:1.1, above 0 and up to 10`,
		"zipf:":   `"" is no exponent; write zipf:1.1, above 0 and up to 10`,
		"zipf:99": `"99" is no exponent; write zipf:1.1, above 0 and up to 10`,
	} {
		if _, err := ParseOrder(s); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", s, err, want)
		}
	}
}

// Two purposes, two classes and two seeds have nothing in common.
func TestKeysDiffer(t *testing.T) {
	seen := map[key]bool{}
	for seed := range uint64(4) {
		for class := range 4 {
			for what := drawContent; what < drawField+4; what++ {
				k := Config{Seed: seed}.key(class, what)
				if seen[k] {
					t.Fatalf("seed %d, class %d, purpose %d has the key of another", seed, class, what)
				}
				seen[k] = true
			}
		}
	}
}
