package message

import (
	"bytes"
	"compress/gzip"
	"testing"
)

// synthesize makes the bodies of a size.
func synthesize(seed uint64, size int) [][]byte {
	b := &binder{run: Config{Seed: seed}}
	return b.texts(size, func(int) []byte { return nil })
}

func TestBodiesHaveTheirSize(t *testing.T) {
	sizes := []int{100_000, 1 << 20, 5 << 20}
	for size := range 500 {
		if size != 1 {
			sizes = append(sizes, size)
		}
	}
	for _, size := range sizes {
		for _, body := range synthesize(1, size) {
			if len(body) != size {
				t.Fatalf("a body of %d octets has %d", size, len(body))
			}
			checkLines(t, body)
		}
	}
}

func checkLines(t *testing.T, body []byte) {
	t.Helper()
	if len(body) > 0 && !bytes.HasSuffix(body, []byte("\r\n")) {
		t.Fatalf("a body ends in %q", body[max(0, len(body)-10):])
	}
	for line := range bytes.SplitAfterSeq(body, []byte("\r\n")) {
		text := bytes.TrimSuffix(line, []byte("\r\n"))
		if len(text) > 78 || !isASCII(text) || bytes.ContainsAny(text, "\r\n") || bytes.HasPrefix(text, []byte(".")) {
			t.Fatalf("a body of %d octets has the line %q", len(body), line)
		}
	}
}

func TestBodiesFollowTheSeed(t *testing.T) {
	a, b, other := synthesize(1, 4096), synthesize(1, 4096), synthesize(2, 4096)
	seen := map[string]bool{}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			t.Errorf("body %d differs from itself", i)
		}
		if bytes.Equal(a[i], other[i]) || seen[string(a[i])] {
			t.Errorf("body %d is that of another seed or slot", i)
		}
		seen[string(a[i])] = true
	}
	if len(a) != maxBodies {
		t.Errorf("%d bodies, want %d", len(a), maxBodies)
	}
}

func TestLargeBodiesAreFew(t *testing.T) {
	for size, want := range map[int]int{maxBodiesTotal / 4: 4, maxBodiesTotal: 1, 4 * maxBodiesTotal: 1} {
		if got := len(synthesize(1, size)); got != want {
			t.Errorf("%d bodies of %d octets, want %d", got, size, want)
		}
	}
}

// TestBodiesCompressLikeMail holds the ratio of plain and compressed size between 2 and
// 4, where English prose is. A repeated line would reach a hundred, random octets 1.
func TestBodiesCompressLikeMail(t *testing.T) {
	for _, size := range []int{16 << 10, 64 << 10, 1 << 20} {
		var compressed bytes.Buffer
		w := gzip.NewWriter(&compressed)
		body := synthesize(1, size)[0]
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		ratio := float64(size) / float64(compressed.Len())
		t.Logf("%d octets compress %.2f times", size, ratio)
		if ratio < 2 || ratio > 4 {
			t.Errorf("%d octets compress %.2f times, want 2 to 4", size, ratio)
		}
	}
}
