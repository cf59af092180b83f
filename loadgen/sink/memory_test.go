package sink

import (
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/transport"
)

func TestOversizedContentHoldsNoMemory(t *testing.T) {
	k := newSink(t, Config{Store: &memoryStore{}, MaxSize: 10_000})
	c := hello(t, k)
	c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
	c.send(strings.Repeat("x", 20_000))
	if k.memory.used != 0 {
		t.Errorf("%d octets held for content that will be refused", k.memory.used)
	}
	c.send("\r\n.\r\n")
	c.expect("250", "250", "354", "552 5.3.4")
}

// With little memory, sessions wait for each other's messages, and all get there.
func TestMemoryIsBoundedAndNobodyStarves(t *testing.T) {
	const sessions, size = 40, 3 * largeChunk
	k := newSink(t, Config{Store: &memoryStore{}, StoreMemory: largeChunk, StoreWorkers: 2})
	var all []*client
	for range sessions {
		c := hello(t, k)
		c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\n")
		c.expect("250", "250", "354")
		all = append(all, c)
	}
	for _, c := range all {
		c.send(strings.Repeat("x", size/2))
	}
	if limit := int64(largeChunk + size + largeChunk); k.memory.used > limit {
		t.Errorf("%d octets held, want at most %d", k.memory.used, limit)
	}
	if k.Counters().MemoryWaits == 0 {
		t.Error("nobody waited")
	}
	for _, c := range all {
		c.send(strings.Repeat("x", size/2) + "\r\n.\r\n")
	}
	deadline := time.Now().Add(20 * time.Second)
	for k.Counters().Messages < sessions && time.Now().Before(deadline) {
		for _, c := range all {
			select {
			case <-c.wakes:
				c.event(transport.Event{Kind: transport.Woken})
				c.receive()
			default:
			}
		}
		time.Sleep(100 * time.Microsecond)
	}
	for _, c := range all {
		c.expect("250 2.0.0")
	}
	if m := k.memory; m.used != 0 || m.favoured != nil || len(m.queue) != 0 {
		t.Errorf("left behind: %d octets, favoured %v, %d waiting", m.used, m.favoured != nil, len(m.queue))
	}
}

func TestMemoryOfALostSessionIsGivenOn(t *testing.T) {
	k := newSink(t, Config{Store: &memoryStore{}, StoreMemory: largeChunk})
	var all []*client
	for range 20 { // more than there are small chunks for
		c := hello(t, k)
		c.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\nx")
		all = append(all, c)
	}
	for _, c := range all[:19] {
		c.event(transport.Event{Kind: transport.Broken})
	}
	last := all[19]
	last.woken()
	last.send("\r\n.\r\n")
	last.woken()
	last.expect("250", "250", "354", "250")
	if m := k.memory; m.used != 0 || m.favoured != nil || len(m.queue) != 0 {
		t.Errorf("left behind: %d octets, favoured %v, %d waiting", m.used, m.favoured != nil, len(m.queue))
	}
}

func TestWaitForMemoryEndsIn421(t *testing.T) {
	k := newSink(t, Config{Store: &memoryStore{}, StoreMemory: largeChunk, DataTimeout: time.Minute})
	var last *client
	for range 20 {
		last = hello(t, k)
		last.send("MAIL FROM:<s@example.com>\r\nRCPT TO:<r@example.com>\r\nDATA\r\nx")
		last.expect("250", "250", "354")
	}
	last.wait(time.Minute)
	last.expect("421 4.3.1")
	if !last.closed {
		t.Error("not closed")
	}
}
