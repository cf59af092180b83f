package message

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"
	"testing"
)

func atoi(s string) (int, error) { return strconv.Atoi(s) }

// sumOf is the digest of all that a source sends in its first slots.
func sumOf(t testing.TB, c Config, slots int64) string {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	var m Mail
	for n := range slots {
		s.Fill(n*n, at, &m)
		writeMail(h, &m)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeMail(w io.Writer, m *Mail) {
	octets := append(m.AppendMailParams(m.AppendReversePath(nil)), '\n')
	for i := range m.NumRecipients() {
		octets = append(m.AppendRcptParams(m.AppendForwardPath(octets, i), i), '\n')
	}
	w.Write(append(m.AppendHead(octets), m.Body()...))
}

// TestSlotsAreFrozen holds that a slot is the same message on every machine, in every
// release: the sums were made once. A change here is one that users have to be told of.
func TestSlotsAreFrozen(t *testing.T) {
	template := plain
	template.Name, template.Template = "template", "testdata/order.eml"
	chunked := rich(t)
	chunked.Chunked, chunked.Sample, chunked.Name = true, "gtube", "chunked"
	tests := []struct {
		what    string
		classes []ClassConfig
		sum     string
	}{
		{"plain", []ClassConfig{plain}, "b62ff0c66842089912f8d1d3f70e3316b22ee07ef8aebb293fdc9455dbb4eb75"},
		{"rich", []ClassConfig{rich(t)}, "3a89db863e4ff0bb46a342da5fc224e52141fb94ba3de691286925e10973e433"},
		{"a template", []ClassConfig{template}, "e1abc4eae0fe51749e4fbe748ad8d189e8fef6a19949cc2e5e64018d78758072"},
		{"four classes", []ClassConfig{rich(t), plain, template, chunked}, "5f528a099d494808ebe0bd37f577cc0395a70d8fb2ef379be94ae878572ad27d"},
	}
	for _, test := range tests {
		if got := sumOf(t, Config{Seed: 7, Run: "frozen", Classes: test.classes}, 500); got != test.sum {
			t.Errorf("%s: the sum is %s, want %s", test.what, got, test.sum)
		}
	}
}

// What a class sends does not hang on the classes beside it, but for the slots that
// they leave to it.
func TestSeedAndRunDecide(t *testing.T) {
	c := Config{Seed: 1, Run: "a", Classes: []ClassConfig{rich(t), plain}}
	first := sumOf(t, c, 100)
	if sumOf(t, c, 100) != first {
		t.Error("one configuration makes two runs")
	}
	c.Run = "b"
	run := sumOf(t, c, 100)
	c.Run, c.Seed = "a", 2
	if seed := sumOf(t, c, 100); run == first || seed == first || run == seed {
		t.Error("two runs are alike")
	}
}
