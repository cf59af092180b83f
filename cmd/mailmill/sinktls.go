package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"mailmill/loadgen/sink"
)

// serverTLS returns the server's side of TLS; nil is none.
func (o *protocolOptions) serverTLS(host string) (*tls.Config, error) {
	if o.tls == "" {
		return nil, o.needlessTLS()
	}
	certificate, err := loadCertificate(o.tls, host)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tlsVersion(o.tlsMin), MaxVersion: tlsVersion(o.tlsMax)}
	switch old := c.MaxVersion != 0 && c.MaxVersion < tls.VersionTLS12; {
	case c.MaxVersion != 0 && c.MaxVersion < c.MinVersion:
		return nil, fmt.Errorf("no version is at least %s and at most %s", o.tlsMin, o.tlsMax)
	case old && c.MinVersion == 0: // else the library's own lowest version, 1.2, leaves none
		c.MinVersion = tls.VersionTLS10
	}
	if c.CipherSuites, err = cipherSuites(o.tlsCiphers); err != nil {
		return nil, err
	}
	if o.clientCA == "" {
		return c, nil
	}
	text, err := os.ReadFile(o.clientCA)
	if err != nil {
		return nil, err
	}
	c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, x509.NewCertPool()
	if !c.ClientCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate in PEM", o.clientCA)
	}
	return c, nil
}

// needlessTLS tells of what is said of TLS where there is none.
func (o *protocolOptions) needlessTLS() error {
	switch {
	case o.clientCA != "":
		return errors.New("--tls-client-ca needs a certificate of the server's own")
	case o.tlsMin != "" || o.tlsMax != "" || len(o.tlsCiphers) > 0:
		return errors.New("--tls-min, --tls-max and --tls-cipher need a certificate of the server's own")
	}
	return nil
}

// tlsVersions are the versions of TLS, from 1.0 on.
var tlsVersions = []string{"1.0", "1.1", "1.2", "1.3"}

// tlsVersion returns the number of a version; 0 leaves it to the library.
func tlsVersion(name string) uint16 {
	i := slices.Index(tlsVersions, name)
	if i < 0 {
		return 0
	}
	return tls.VersionTLS10 + uint16(i)
}

// cipherSuites returns the numbers of cipher suites; nil leaves them to the library.
func cipherSuites(names []string) (ids []uint16, err error) {
	known := append(tls.CipherSuites(), tls.InsecureCipherSuites()...)
	for _, name := range names {
		i := slices.IndexFunc(known, func(s *tls.CipherSuite) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("cipher suite %q is not known; write it as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", name)
		}
		ids = append(ids, known[i].ID)
	}
	return ids, nil
}

func loadCertificate(value, host string) (tls.Certificate, error) {
	if value == "self-signed" {
		return sink.SelfSigned(host)
	}
	cert, key, found := strings.Cut(value, ",")
	if !found {
		return tls.Certificate{}, fmt.Errorf("%q is neither self-signed nor CERT,KEY", value)
	}
	return tls.LoadX509KeyPair(cert, key)
}
