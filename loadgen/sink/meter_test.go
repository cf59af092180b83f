package sink

import (
	"net/netip"
	"testing"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

func TestMeterAllowsItsRateAndNoMore(t *testing.T) {
	for _, test := range []struct {
		perSecond float64
		asked     time.Duration // between two events
		allowed   int           // in 100 s
	}{
		{100, time.Millisecond, 100*100 + 99},
		{100, 20 * time.Millisecond, 100 * 50},
		{0.5, 100 * time.Millisecond, 50},
		{1, 100 * time.Millisecond, 100},
	} {
		m := newMeter(test.perSecond, false)
		allowed := 0
		for now := timing.Instant(0); now < timing.Instant(100*time.Second); now = now.Add(test.asked) {
			if !m.over(now, netip.Addr{}) {
				allowed++
			}
		}
		if allowed != test.allowed {
			t.Errorf("%v/s, asked each %v: %d were not over, want %d", test.perSecond, test.asked, allowed, test.allowed)
		}
	}
}

func TestMeterKeepsSourcesApart(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	m := newMeter(1, true)
	for _, test := range []struct {
		source netip.Addr
		over   bool
	}{{a, false}, {a, true}, {b, false}, {b, true}} {
		if got := m.over(1e9, test.source); got != test.over {
			t.Errorf("%v: over %v, want %v", test.source, got, test.over)
		}
	}
	all := newMeter(1, false)
	if all.over(1e9, a) || !all.over(1e9, b) {
		t.Error("the rate in all is kept for each source")
	}
}

func TestMeterAndGreylistAreBounded(t *testing.T) {
	m := newMeter(1, true)
	g := newGreylist(time.Second)
	for i := range 2*maxGreylisted + maxMetered {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		if i < 3*maxMetered {
			m.over(1e9, a)
		}
		g.defers(1e9, a.String(), nil, smtp.Path{Local: []byte("r")})
	}
	if len(m.due) > maxMetered || len(g.young)+len(g.old) > 2*maxGreylisted {
		t.Errorf("%d sources and %d+%d greylisted are remembered", len(m.due), len(g.young), len(g.old))
	}
}
