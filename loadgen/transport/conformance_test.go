package transport_test

import (
	"net/netip"
	"testing"

	"mailmill/loadgen/transport/transporttest"
)

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// TestConformance holds every transport of this system to the contract.
func TestConformance(t *testing.T) {
	for name, open := range transporttest.Every() {
		t.Run(name, func(t *testing.T) { transporttest.Run(t, open) })
	}
}
