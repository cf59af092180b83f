package record

import (
	"maps"
	"testing"
)

// What was negotiated adds up over shards and classes, and a look at a run under way keeps nothing of the one before.
func TestWhatWasNegotiatedAddsUp(t *testing.T) {
	r := New(Config{Classes: 2, Shards: 2})
	full, resumed := Handshake{Version: 0x304, Cipher: 0x1301}, Handshake{Version: 0x304, Cipher: 0x1301, Resumed: true}
	r.Shard(0).Handshake(0, full)
	r.Shard(1).Handshake(0, full)
	r.Shard(1).Handshake(1, resumed)
	r.Shard(0).LoggedIn(1, "PLAIN")
	r.Shard(1).LoggedIn(1, "SCRAM-SHA-256")
	for range 2 {
		r.SoFar(1)
	}
	for _, totals := range []*Totals{r.SoFar(2), r.Finish()} {
		if !maps.Equal(totals.TLS, map[Handshake]int64{full: 2, resumed: 1}) || totals.Handshakes != 3 {
			t.Errorf("handshakes: %v, in all %d", totals.TLS, totals.Handshakes)
		}
		if !maps.Equal(totals.Logins, map[string]int64{"PLAIN": 1, "SCRAM-SHA-256": 1}) || len(totals.Classes[0].Logins) != 0 {
			t.Errorf("logins: %v, of the first class %v", totals.Logins, totals.Classes[0].Logins)
		}
	}
}
