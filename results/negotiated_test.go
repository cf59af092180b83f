package results

import (
	"slices"
	"testing"
)

func TestWhatWasNegotiatedIsAddedUp(t *testing.T) {
	full, resumed := Handshake{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256"}, Handshake{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Resumed: true}
	times := func(h Handshake, n int64) Handshake { h.Count = n; return h }
	m := &merging{sum: New(), docs: []*Document{
		{TLS: []Handshake{times(full, 2), times(resumed, 1)}, Logins: []Login{{Mechanism: "PLAIN", Count: 3}}},
		{},
		{TLS: []Handshake{times(resumed, 4)}, Logins: []Login{{Mechanism: "LOGIN", Count: 5}, {Mechanism: "PLAIN", Count: 1}}},
	}}
	m.negotiated()
	if want := []Handshake{times(resumed, 5), times(full, 2)}; !slices.Equal(m.sum.TLS, want) {
		t.Errorf("handshakes are %v, want %v", m.sum.TLS, want)
	}
	if want := []Login{{Mechanism: "LOGIN", Count: 5}, {Mechanism: "PLAIN", Count: 4}}; !slices.Equal(m.sum.Logins, want) {
		t.Errorf("logins are %v, want %v", m.sum.Logins, want)
	}
	if m.docs[0].TLS[0].Count != 2 {
		t.Error("a source was changed")
	}
}
