package sink

import (
	"fmt"
	"strings"
	"testing"
)

// Chunks are content as it is: no dot is taken out, no line end is looked for.
func TestChunksAreStoredAsTheyCame(t *testing.T) {
	content := "Subject: c\r\n\r\n..a\r\n.\r\n\x00\n" + strings.Repeat(".\r\n", 40<<10)
	cut := len(content) / 3
	sent := fmt.Sprintf("BDAT %d\r\n%sBDAT %d LAST\r\n%s", cut, content[:cut], len(content)-cut, content[cut:])
	for name, size := range map[string]int{"whole": len(sent), "in pieces of 7 octets": 7, "in pieces of 4096": 4096} {
		t.Run(name, func(t *testing.T) {
			store := &memoryStore{}
			c := hello(t, newSink(t, Config{Store: store, MaxSize: int64(len(content))}))
			c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\n")
			c.expect("250 2.1.0", "250 2.1.5")
			for rest := sent; rest != ""; {
				n := min(size, len(rest))
				c.send(rest[:n])
				rest = rest[n:]
			}
			c.expect("250 2.0.0")
			c.woken()
			c.expect("250 2.0.0")
			want := fmt.Sprintf("192.0.2.1 client.example <s@example.com> %q %q %d", []string{"r@example.com"}, content, len(content))
			if len(store.messages) != 1 || store.messages[0] != want {
				t.Errorf("stored %.200q, want %.200q", store.messages, want)
			}
		})
	}
}

// A chunk's size says nothing about the memory it takes.
func TestLargeChunkTakesNoMemoryBeforeItComes(t *testing.T) {
	store := &memoryStore{}
	k := newSink(t, Config{Store: store, MaxSize: -1})
	c := hello(t, k)
	c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nBDAT 1000000000000 LAST\r\nabc")
	c.expect("250", "250")
	if k.memory.used > largeChunk {
		t.Errorf("%d octets are held for 3", k.memory.used)
	}
	c.hangUp()
	if n := k.Counters(); !c.closed || k.memory.used != 0 || n.Abandoned != 1 || n.Messages != 0 {
		t.Errorf("closed %v, %d octets held, counters %+v", c.closed, k.memory.used, n)
	}
}

func TestBadChunkSizesEndTheSession(t *testing.T) {
	for _, size := range []string{"9223372036854775807", "-1", "+5", "0x10", "1e3", "", "5 MORE", "5LAST", "99999999999999999999999"} {
		c := hello(t, newSink(t, Config{}))
		c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nBDAT " + size + "\r\n")
		if c.expect("250", "250", "501 5.5.4"); !c.closed {
			t.Errorf("open after BDAT %s", size)
		}
	}
}
