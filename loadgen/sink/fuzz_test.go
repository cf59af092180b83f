package sink

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// Whatever arrives, and in whatever pieces, the session says the same, counts the
// same and ends the same.
func FuzzPieces(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.dialogue")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		var sent strings.Builder
		for line := range strings.Lines(string(text)) {
			if said, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "C: "); ok {
				sent.WriteString(said + "\r\n")
			}
		}
		f.Add(sent.String(), 7)
	}
	f.Add("HELO a\r\nMAIL FROM:<>\r\nRCPT TO:<r@b.c>\r\nDATA\r\n.\r\r\n.\n\r\n..\r\n\r\n.\r\nNOOP"+strings.Repeat("x", 600)+"\r\r\nRSET\r\n", 1)
	f.Fuzz(func(t *testing.T, sent string, size int) {
		type end struct {
			said     string
			closed   bool
			counters Counters
		}
		config := Config{
			Hostname: "h.example", MaxLine: 512, MaxSize: 1000, MaxRecipients: 3, Seed: 1,
			Behaviours: parseBehaviours(t, "rcpt: 450 30%", "accept: 451 30%", "noop: drop 5%", "rset: twice 30%", "vrfy: omit 30%", "mail: split 20%", "ehlo: close 5%"),
		}
		talk := func(size int) (e end) {
			k := newSink(t, config)
			c := dial(t, k)
			for rest := sent; rest != ""; {
				n := min(size, len(rest))
				c.send(rest[:n])
				rest = rest[n:]
			}
			e.said, e.closed, e.counters = c.said(), c.closed, k.Counters()
			return e
		}
		whole := talk(len(sent) + 1)
		for _, n := range []int{1, 1 + (size&0x7fffffff)%64} {
			if pieces := talk(n); !reflect.DeepEqual(pieces, whole) {
				t.Errorf("in pieces of %d octets: %+v\nwhole: %+v", n, pieces, whole)
			}
		}
	})
}
