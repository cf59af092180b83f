package record

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"mailmill/loadgen/timing"
)

// latenciesLikeAServers are log-normal around 400 µs: what counts in a benchmark is
// how many cache lines of the counts they touch.
func latenciesLikeAServers(n int) []time.Duration {
	random := rand.New(rand.NewPCG(1, 2))
	d := make([]time.Duration, n)
	for i := range d {
		d[i] = time.Duration(400e3 * (1 + random.ExpFloat64()) * (0.8 + 0.4*random.Float64()))
	}
	return d
}

func BenchmarkHistogram(b *testing.B) {
	d := latenciesLikeAServers(1 << 14)
	b.Run("ours", func(b *testing.B) {
		var h Histogram
		for i := 0; b.Loop(); i++ {
			h.Record(d[i&(len(d)-1)])
		}
	})
	b.Run("library", func(b *testing.B) {
		h := hdrhistogram.New(1, int64(Highest), 3)
		for i := 0; b.Loop(); i++ {
			if h.RecordValue(int64(d[i&(len(d)-1)])) != nil {
				b.Fatal("out of range")
			}
		}
	})
}

// mixes are sequences of reply codes as servers send them.
var mixes = []struct {
	name string
	code func(i int) uint16
}{
	{"one code a step", func(int) uint16 { return 250 }},
	{"greylisting, one in two", func(i int) uint16 { return [2]uint16{250, 450}[rand.IntN(2)] }},
	{"hostile, 4000 keys", func(i int) uint16 { return uint16(200 + rand.IntN(4000)) }},
}

func BenchmarkReply(b *testing.B) {
	steps := []timing.Step{timing.Greeting, timing.EHLO, timing.Mail, timing.Rcpt, timing.Data, timing.Accept, timing.RSET, timing.Quit}
	text := []byte("2.1.0 Ok")
	d := latenciesLikeAServers(1 << 14)
	for _, m := range mixes {
		codes := make([]uint16, 1<<14)
		for i := range codes {
			codes[i] = m.code(i)
		}
		b.Run(m.name, func(b *testing.B) {
			s := New(Config{Origin: 1, Shards: 1, Classes: 1, KeyCap: 1 << 15}).Shard(0)
			for i := 0; b.Loop(); i++ {
				j := i & (len(d) - 1)
				k := ReplyKey{Step: steps[i%len(steps)], Code: codes[j], Enhanced: 0x200000}
				now := timing.Instant(i)
				s.Reply(k, timing.Span{Step: k.Step, Begin: now, End: now.Add(d[j])}, d[j], true, text)
			}
		})
	}
}

func BenchmarkEnd(b *testing.B) {
	d := latenciesLikeAServers(1 << 14)
	s := New(Config{Origin: 1, Shards: 1, Classes: 1}).Shard(0)
	for i := 0; b.Loop(); i++ {
		due := timing.Instant(1 + i*16_667)
		begun := due.Add(d[(i+7)&(len(d)-1)] / 100)
		s.End(SlotEnd{
			Timing:  timing.Slot{Due: due, Claimed: due - 100, Begun: begun, Ended: begun.Add(d[i&(len(d)-1)])},
			Outcome: timing.Accepted, Begun: true, RecipientsAccepted: 1, Octets: 1024,
		})
	}
}

func BenchmarkBegin(b *testing.B) {
	s := New(Config{Origin: 1, Shards: 1, Classes: 1}).Shard(0)
	for i := 0; b.Loop(); i++ {
		s.Begin(timing.Instant(1 + i*16_667))
	}
}
