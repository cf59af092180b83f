package sink

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// startTLS answers STARTTLS (RFC 3207 section 4). Octets that came with it were to be
// taken for protected ones: that is an attack, and the end of the session.
func (s *session) startTLS(t *turn, _ smtp.Line) {
	switch {
	case s.standing&secure != 0:
		s.say(t, sayAlreadySecure)
	case len(t.rest()) > 0:
		s.loop.StartTLSInjections++
		s.sayLast(t, sayInjection)
	default:
		s.say(t, sayStartTLS)
		s.secureNext()
	}
}

// secureNext makes the handshake what comes next.
func (s *session) secureNext() { s.phase = securing }

// awaitTLS waits for the handshake. Octets that came after STARTTLS and before its 220
// had left are as bad as those that came with it.
func (s *session) awaitTLS(t *turn) bool {
	switch {
	case s.shaking:
		return false
	case !s.delayed && !s.sink.config.ImplicitTLS && len(t.rest()) > 0:
		s.loop.StartTLSInjections++
		s.leave(transport.Now)
		return false
	}
	r, later := s.behave(t, s.sink.rules[timing.TLS])
	if !later && r != nil {
		s.loop.Behaved++
		s.misbehave(t, r)
	}
	return false
}

// shake begins the handshake.
func (s *session) shake(a *transport.Action, t *turn) {
	s.shaking = true
	s.patience(t)
	a.Do, a.TLS = transport.StartTLS, &transport.TLS{Config: s.sink.config.TLS, Server: true}
	if s.forged != nil {
		a.TLS.Config = s.forged
	}
}

// secured goes on when the handshake is complete. What was known of the client by STARTTLS
// is forgotten (RFC 3207 section 4.2).
func (s *session) secured(t *turn) transport.Action {
	s.loop.TLSSessions++
	s.shaking = false
	s.peer = t.peer
	s.standing |= secure
	s.gates &^= tlsGate
	if t.peer.TLS != nil && len(t.peer.TLS.VerifiedChains) > 0 {
		s.standing |= certified
	}
	if s.sink.config.ImplicitTLS {
		s.phase, s.early = opening, len(t.in) > 0
	} else {
		s.phase, s.stage, s.esmtp = commands, connected, false
		s.patience(t)
	}
	return s.advance(t)
}

// certificateNames returns what the client's certificate calls it: the addresses and
// domains, then the common name.
func certificateNames(state *tls.ConnectionState) (names []string) {
	if state == nil || len(state.VerifiedChains) == 0 {
		return nil
	}
	leaf := state.PeerCertificates[0]
	names = append(append(names, leaf.EmailAddresses...), leaf.DNSNames...)
	if leaf.Subject.CommonName != "" {
		names = append(names, leaf.Subject.CommonName)
	}
	return names
}

// SelfSigned makes a certificate for a host, which nobody vouches for. It holds for a year.
func SelfSigned(host string) (tls.Certificate, error) {
	return certify(host, time.Now().AddDate(1, 0, 0), net.IPv4(127, 0, 0, 1), net.IPv6loopback)
}

// faultyTLS returns the settings of c with a certificate that does not hold. kind is one of
// faultyCertificates. None of them is signed by anybody, so that untrusted needs no more.
func faultyTLS(c *Config, kind string) *tls.Config {
	host, expires, addresses := c.Hostname, time.Now().AddDate(1, 0, 0), []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	switch kind {
	case "expired":
		expires = time.Now().Add(-24 * time.Hour)
	case "wrong-name":
		host, addresses = "somebody-else.example", nil
	}
	faulty := c.TLS.Clone()
	certificate, err := certify(host, expires, addresses...)
	if err != nil { // without one no handshake succeeds, which is a fault too
		faulty.Certificates = nil
		return faulty
	}
	faulty.Certificates = []tls.Certificate{certificate}
	return faulty
}

// certify makes a certificate that is its own authority.
func certify(host string, expires time.Time, addresses ...net.IP) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(expires.UnixNano()), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: expires.AddDate(-1, 0, -1), NotAfter: expires,
		IPAddresses: addresses,
		IsCA:        true, BasicConstraintsValid: true, // so that a client can take it for its own authority
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
