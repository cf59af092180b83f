package sink

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"
)

// Whatever arrives, with everything on, the session does not panic, holds no more than it may,
// and ends.
func FuzzSession(f *testing.F) {
	for _, weapon := range weapons {
		f.Add("EHLO x\r\n"+weapon, uint8(0))
	}
	for _, sent := range places {
		f.Add("EHLO x\r\n"+sent, uint8(1))
	}
	f.Add("LHLO x\r\n"+envelope+"RCPT TO:<a@b.c>\r\nBDAT 3 LAST\r\nabc", uint8(2))
	f.Add(v2(0x21, 0x11, fourAddresses)+"EHLO x\r\n", uint8(4))
	f.Add("EHLO x\r\nAUTH OAUTHBEARER =\r\n\r\nAUTH XOAUTH2\r\n\r\nAUTH SCRAM-SHA-1 biwsbj11c2VyLHI9eA==\r\nYz1iaXdz\r\n", uint8(0))
	f.Add("EHLO x\r\nXCLIENT ADDR=192.0.2.1 LOGIN=x\r\nXFORWARD NAME=+0A\r\nMAIL FROM:<550_5.1.1@x>\r\n", uint8(8))
	f.Fuzz(func(t *testing.T, sent string, flags uint8) {
		const most = 64 << 10
		config := Config{
			MaxLine: 512, MaxSize: most, MaxRecipients: 5, StoreMemory: 256 << 10, AuthInClear: true, Accounts: []Account{{"user", "secret"}},
			TLS: &tls.Config{}, LMTP: flags&2 != 0, Proxy: flags&4 != 0, ReplyByAddress: flags&8 != 0, MaxReceived: 3, Greylist: time.Minute,
		}
		if flags&1 != 0 {
			config.Store, config.StoreWorkers = &memoryStore{}, 1
		}
		k := newSink(t, config)
		c := newClient(t, k)
		c.from("127.0.0.1:9")
		c.open()
		for rest := sent; rest != "" && !c.closed; {
			n := min(1+len(sent)/7, len(rest))
			c.send(rest[:n])
			rest = rest[n:]
		}
		if s := c.conv.(*session); s.tx != nil && len(s.tx.paths) > 64<<10 || k.memory != nil && k.memory.used > 512<<10 {
			t.Error("too much is held")
		}
		c.hangUp()
		for begin := c.now; !c.closed && c.now.Sub(begin) < time.Hour; {
			if s := c.conv.(*session); s.phase == storing {
				c.woken()
			}
			c.wait(time.Minute)
		}
		if said := c.said(); !c.closed || strings.Contains(said, "\n\n") || k.Counters().Active != 0 {
			t.Errorf("closed %v, said %q", c.closed, said)
		}
	})
}
