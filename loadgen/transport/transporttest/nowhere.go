package transporttest

import (
	"net/netip"

	"mailmill/loadgen/transport"
)

// Nowhere is an address that never answers (of TEST-NET-1, RFC 5737). Real
// transports are not let dial it; a simulated one under test must be told to
// leave it unanswered.
var Nowhere = transport.Endpoint{Addr: netip.MustParseAddrPort("192.0.2.1:25")}

// nowhere is an address that does not answer a dial.
func (s *stage) nowhere() transport.Endpoint {
	s.Helper()
	if s.simulated() {
		return Nowhere
	}
	return fullListener(s.T)
}
