package loadgen

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"mailmill/loadgen/target"
	"mailmill/results"
)

// handshake is how the probe shakes hands: with anybody, since it looks at the certificate itself, and says what is wrong
// with it.
func (p *probe) handshake() *tls.Config {
	c := p.client.Clone()
	if c.ServerName == "" {
		c.ServerName = p.host()
	}
	c.InsecureSkipVerify = true
	return c
}

// host is the name that the certificate has to bear: that of the target, or of its mail exchanger.
func (p *probe) host() string {
	if p.target.MX && p.dial < len(p.hosts) {
		return p.hosts[p.dial]
	}
	return p.target.Host
}

// tls returns what is known of the handshake, which there now is.
func (p *probe) tls() *results.ProbeTLS {
	if p.found.TLS == nil {
		p.found.TLS = &results.ProbeTLS{Implicit: p.target.Security() == target.ImplicitTLS}
	}
	return p.found.TLS
}

// secured notes what a handshake agreed on.
func (p *probe) secured(state *tls.ConnectionState) {
	p.secure, p.hello = true, p.hello && p.target.Security() == target.Plain
	t := p.tls()
	t.Version, t.Cipher, t.Name = tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite), p.handshake().ServerName
	p.chain = state.PeerCertificates
}

// judge says whether the certificate holds. That is done when the session is over: the system's authorities take
// milliseconds to read, which would be counted as the server's.
func (p *probe) judge() {
	t := p.found.TLS
	switch {
	case t == nil || t.Fault != "":
		return
	case len(p.chain) == 0:
		t.Why = "the server showed no certificate"
		return
	}
	t.Certificate = certificate(p.chain[0])
	if err := verify(p.chain, t.Name, p.client.RootCAs, p.began); err != nil {
		t.Why = err.Error()
		return
	}
	t.Verified = true
}

// certificate notes what a certificate says.
func certificate(c *x509.Certificate) *results.ProbeCertificate {
	names := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return &results.ProbeCertificate{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(), Names: names, NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
	}
}

// verify says why the first certificate does not hold for a name. No roots are those of the system.
func verify(chain []*x509.Certificate, name string, roots *x509.CertPool, now time.Time) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: name, Roots: roots, Intermediates: between, CurrentTime: now})
	return err
}
