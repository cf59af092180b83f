package loadgen

import (
	"crypto/tls"

	"mailmill/loadgen/record"
	"mailmill/results"
)

// negotiated enters what sessions agreed on with the server before any mail.
func (r *run) negotiated(d *results.Document, t *record.Totals) {
	for i := range t.Classes {
		name := ""
		if i < len(r.classes) {
			name = r.classes[i].name
		}
		for h, n := range t.Classes[i].TLS {
			d.TLS = append(d.TLS, results.Handshake{Class: name, Version: tls.VersionName(h.Version), Cipher: tls.CipherSuiteName(h.Cipher),
				Resumed: h.Resumed, Count: n})
		}
		for mechanism, n := range t.Classes[i].Logins {
			d.Logins = append(d.Logins, results.Login{Class: name, Mechanism: mechanism, Count: n})
		}
	}
	results.SortHandshakes(d.TLS)
	results.SortLogins(d.Logins)
}

// certificate is what the server showed in a preflight's handshake; ok is false where there was none.
func (p *preflight) certificate() (c results.Certificate, ok bool) {
	state := p.session.TLS()
	if state == nil || len(state.PeerCertificates) == 0 {
		return c, false
	}
	leaf := state.PeerCertificates[0]
	c = results.Certificate{Address: p.endpoint.String(), Subject: leaf.Subject.String(), Issuer: leaf.Issuer.String(),
		Names: leaf.DNSNames, NotAfter: leaf.NotAfter.UTC(), Verified: len(state.VerifiedChains) > 0}
	for _, ip := range leaf.IPAddresses {
		c.Names = append(c.Names, ip.String())
	}
	return c, true
}
