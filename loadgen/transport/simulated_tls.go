package transport

import (
	"bytes"
	"crypto/tls"

	"mailmill/loadgen/timing"
)

// simulatedHello is what each side of a simulated handshake says: the client
// first. It begins like a handshake record, so that it is told from other octets.
var simulatedHello = []byte("\x16\x03\x03\x00\x05hello")

// shake implements carrier.
func (a *actor) shake(t *TLS, in []byte) {
	a.tls, a.hello = t, in
	if !t.Server {
		a.out().write(simulatedHello)
	}
}

// shakeOn goes on with a handshake.
func (a *actor) shakeOn() bool {
	in, now := a.in(), a.Now()
	n := min(in.arrived, max(0, len(simulatedHello)-len(a.hello)))
	a.hello = append(a.hello, in.hear(n)...)
	switch {
	case !bytes.HasPrefix(simulatedHello, a.hello):
		a.out().send(segment{fin: true})
		a.shakeFailed(timing.Fault{Kind: timing.TLSFailed, Text: "first record does not look like a TLS handshake"})
	case len(a.hello) == len(simulatedHello):
		if a.tls.Server {
			a.out().write(simulatedHello)
		}
		a.secured(now, tls.ConnectionState{
			Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256,
			HandshakeComplete: true, ServerName: a.tls.Config.ServerName,
		})
	case in.rst:
		a.shakeFailed(timing.Fault{Kind: timing.Reset, Text: "connection reset by peer"})
	case in.fin:
		a.shakeFailed(timing.Fault{Kind: timing.ClosedEarly, Text: "closed by the peer"})
	default:
		return false
	}
	return true
}

func (a *actor) shakeFailed(f timing.Fault) {
	a.detach()
	a.failed(a.Now(), f)
}
