package message

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// addressBook is a file of so many addresses, each with its weight.
func addressBook(t testing.TB, count int) string {
	t.Helper()
	var text strings.Builder
	for i := range count {
		fmt.Fprintf(&text, "customer%d@d%d.example.com,%d\n", i, i%100, 1+i%7)
	}
	path := filepath.Join(t.TempDir(), "addresses.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sources are plans of different cost.
func sources(t testing.TB) map[string]*Source {
	t.Helper()
	listed := plain
	listed.To, listed.ToOrder = "@"+addressBook(t, 100_000), order(t, "random")
	drawn := plain
	drawn.Size = Quantity{low: 500, high: 1500}
	template := listed
	template.Name, template.Template = "template", "testdata/order.eml"
	all := rich(t)
	all.To, all.ToOrder = listed.To, listed.ToOrder
	out := map[string]*Source{}
	for name, c := range map[string][]ClassConfig{
		"plain": {plain}, "addresses": {listed}, "sizes": {drawn}, "template": {template},
		"classes": {plain, plain, plain}, "rich": {all}, "everything": {template, listed, drawn},
	} {
		s, err := New(Config{Seed: 1, Run: "r", Classes: c})
		if err != nil {
			t.Fatal(err)
		}
		out[name] = s
	}
	return out
}

// spend does all that a session asks a message for.
func spend(s *Source, n int64, m *Mail, scratch []byte) (octets int) {
	s.Fill(n, at, m)
	octets = len(m.AppendReversePath(scratch)) + len(m.AppendMailParams(scratch)) + int(m.Size())
	if m.EightBit() || m.UTF8() || m.Binary() {
		octets++
	}
	for i := range m.NumRecipients() {
		octets += len(m.AppendForwardPath(scratch, i)) + len(m.AppendRcptParams(scratch, i))
	}
	return octets + len(m.AppendHead(scratch)) + len(m.Body())
}

func TestMessagesAllocateNothing(t *testing.T) {
	scratch := make([]byte, 0, 16<<10)
	for name, s := range sources(t) {
		var m Mail
		n, octets := int64(0), 0
		allocs := testing.AllocsPerRun(2000, func() {
			octets += spend(s, n, &m, scratch)
			n++
		})
		if allocs >= 0.01 || octets == 0 { // the pool of digests may be emptied by the collector
			t.Errorf("%s: %v allocations for each message, want 0", name, allocs)
		}
	}
}

// BenchmarkFill is what a slot costs when it is claimed, and BenchmarkContent all that a
// message is asked for in a mail transaction.
func BenchmarkFill(b *testing.B) {
	for name, s := range sources(b) {
		b.Run(name, func(b *testing.B) {
			var m Mail
			b.ReportAllocs()
			n := int64(0)
			for b.Loop() {
				s.Fill(n, at, &m)
				n++
			}
		})
	}
}

func BenchmarkContent(b *testing.B) {
	for name, s := range sources(b) {
		b.Run(name, func(b *testing.B) {
			scratch := make([]byte, 0, 16<<10)
			var m Mail
			b.ReportAllocs()
			n := int64(0)
			for b.Loop() {
				spend(s, n, &m, scratch)
				n++
			}
		})
	}
}

// BenchmarkNew is what a list of 100,000 addresses costs before the run.
func BenchmarkNew(b *testing.B) {
	c := plain
	c.To, c.ToOrder = "@"+addressBook(b, 100_000), order(b, "random")
	b.ReportAllocs()
	for b.Loop() {
		newSource(b, c)
	}
}
