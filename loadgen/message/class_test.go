package message

import (
	"bytes"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// classes are classes of those weights, told apart by their senders.
func classes(weights ...float64) []ClassConfig {
	out := make([]ClassConfig, len(weights))
	for i, w := range weights {
		out[i] = plain
		out[i].Weight = w
	}
	return out
}

// Over any stretch of slots, each class has its share of them but for a few.
func TestClassesHaveTheirShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(0.01, 100), 1, 6).Draw(t, "weights")
		seed := rapid.Uint64().Draw(t, "seed")
		first := rapid.Int64Range(0, 1e12).Draw(t, "first")
		length := rapid.Int64Range(1, 20_000).Draw(t, "length")
		s, err := New(Config{Seed: seed, Classes: classes(weights...)})
		if err != nil {
			t.Fatal(err)
		}
		var sum float64
		for _, w := range weights {
			sum += w
		}
		counts := make([]float64, len(weights))
		for n := first; n < first+length; n++ {
			counts[s.classOf(n).index]++
		}
		for i, w := range weights {
			if want := w / sum * float64(length); math.Abs(counts[i]-want) > 8 {
				t.Fatalf("class %d of %v has %v of %d slots, want %.1f", i, weights, counts[i], length, want)
			}
		}
	})
}

func TestTheClassFollowsTheSeed(t *testing.T) {
	var sequences [2]string
	for i := range sequences {
		s, err := New(Config{Seed: uint64(i), Classes: classes(1, 1)})
		if err != nil {
			t.Fatal(err)
		}
		var m Mail
		for n := range int64(64) {
			s.Fill(n, at, &m)
			sequences[i] += string(rune('a' + m.Class()))
		}
	}
	if sequences[0] == sequences[1] {
		t.Errorf("two seeds have the classes %s", sequences[0])
	}
}

// What BDAT sends is what a server has of DATA.
func TestChunkedContentIsAsItIs(t *testing.T) {
	for _, data := range []string{"", ".\n..\n.x\n", ".F: g\nFrom: a@b\n.G: h\n\n.\n\n.y", "Subject: x\n\n"} {
		c := plain
		if data != "" {
			c.Data = []byte(data)
		}
		c.Headers = []string{".X: {n}. .{n}"}
		want := receive(t, wire(newSource(t, c), 3))
		c.Chunked = true
		s := newSource(t, c)
		if got := wire(s, 3); !bytes.Equal(got, want) {
			t.Errorf("%q: got\n%q\nwant\n%q", data, got, want)
		}
		var m Mail
		if s.Fill(3, at, &m); m.Size() != int64(len(want)) {
			t.Errorf("%q: it has %d octets, and says %d", data, len(want), m.Size())
		}
	}
}
