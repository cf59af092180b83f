package profiles

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// A TLSPlan says how sessions with TLS shake hands.
type TLSPlan struct {
	// TLSCA is the file of the certificates that are trusted; "" is the system's.
	TLSCA string
	// TLSServerName is the name that the server's certificate must have; "" is the target's.
	TLSServerName string
	// TLSInsecure takes any certificate.
	TLSInsecure bool
	// TLSCert and TLSKey are the files of the client's certificate and its key; "" is none.
	TLSCert, TLSKey string
	// TLSMin and TLSMax bound the version, as crypto/tls has it.
	TLSMin, TLSMax TLSVersion
	// TLSCiphers are the suites of TLS 1.2 and before; none are Go's.
	TLSCiphers []TLSCipher
	// TLSResume is the share of the sessions that resume an earlier one, from 0 to 1.
	TLSResume float64
}

// A TLSVersion is a version of TLS as crypto/tls has it.
type TLSVersion uint16

// tlsVersions are the versions by their names.
var tlsVersions = []string{"1.0", "1.1", "1.2", "1.3"}

// String returns the version as 1.2.
func (v TLSVersion) String() string {
	if i := int(v) - tls.VersionTLS10; i >= 0 && i < len(tlsVersions) {
		return tlsVersions[i]
	}
	return ""
}

func parseTLSVersion(s string) (TLSVersion, error) {
	i := slices.Index(tlsVersions, strings.TrimPrefix(strings.ToLower(s), "tls"))
	if i < 0 {
		return 0, fmt.Errorf("not one of %s", strings.Join(tlsVersions, ", "))
	}
	return TLSVersion(tls.VersionTLS10 + i), nil
}

// A TLSCipher is a cipher suite of TLS 1.2 or before, as crypto/tls numbers it.
type TLSCipher uint16

// String returns the suite's name, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.
func (c TLSCipher) String() string { return tls.CipherSuiteName(uint16(c)) }

// parseTLSCipher reads the name of a suite. Those of TLS 1.3 are not ours to choose.
func parseTLSCipher(s string) (TLSCipher, error) {
	var names []string
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		switch old := slices.Min(suite.SupportedVersions) < tls.VersionTLS13; {
		case strings.EqualFold(suite.Name, s) && old:
			return TLSCipher(suite.ID), nil
		case strings.EqualFold(suite.Name, s):
			return 0, fmt.Errorf("the suites of TLS 1.3 cannot be chosen in Go; leave it out, or set tls-max to 1.2")
		case old:
			names = append(names, suite.Name)
		}
	}
	return 0, fmt.Errorf("not a cipher suite%s; one is TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", didYouMean(strings.ToUpper(s), names))
}

var tlsSettings = []Setting{
	{Name: "tls-ca", Placeholder: "FILE", Group: TLSGroup,
		Usage: "Trust the certificates in this PEM file, in place of the system's.",
		Value: func(p *Plan) pflag.Value { return Text(&p.TLSCA) }},
	{Name: "tls-server-name", Placeholder: "NAME", Group: TLSGroup,
		Usage: "Name that is asked for, and that the server's certificate must have, in place of the target's.",
		Value: func(p *Plan) pflag.Value { return Text(&p.TLSServerName) }},
	{Name: "tls-insecure", Default: "false", Group: TLSGroup,
		Usage: "Take any certificate. The sessions are secret, and nobody knows who is at the other end.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.TLSInsecure) }},
	{Name: "tls-cert", Placeholder: "FILE", Group: TLSGroup,
		Usage: "Certificate of the client, with its chain, in PEM.",
		Value: func(p *Plan) pflag.Value { return Text(&p.TLSCert) }},
	{Name: "tls-key", Placeholder: "FILE", Group: TLSGroup,
		Usage: "Its key in PEM; without it, it is in the file of the certificate.",
		Value: func(p *Plan) pflag.Value { return Text(&p.TLSKey) }},
	{Name: "tls-min", Placeholder: "VERSION", Default: "1.2", Group: TLSGroup,
		Usage: "Oldest version of TLS.", Unit: strings.Join(tlsVersions, ", "),
		Value: func(p *Plan) pflag.Value {
			return value(&p.TLSMin, "version", parseTLSVersion, TLSVersion.String)
		}},
	{Name: "tls-max", Placeholder: "VERSION", Default: "1.3", Group: TLSGroup,
		Usage: "Newest version of TLS.",
		Value: func(p *Plan) pflag.Value {
			return value(&p.TLSMax, "version", parseTLSVersion, TLSVersion.String)
		}},
	{Name: "tls-ciphers", Placeholder: "SUITE", Group: TLSGroup, Separator: ",",
		Usage: "Cipher suite of TLS 1.2 and before, by its name in the registry; repeatable. Go does not let those of TLS 1.3 be chosen.",
		Value: func(p *Plan) pflag.Value {
			return &list[TLSCipher]{at: &p.TLSCiphers, separator: ",", parse: parseTLSCipher, format: TLSCipher.String}
		}},
	{Name: "tls-resume", Placeholder: "SHARE", Default: "0%", Group: TLSGroup,
		Usage: "Share of the sessions that resume an earlier one, and so save most of the handshake. The others are full handshakes.",
		Value: func(p *Plan) pflag.Value { return value(&p.TLSResume, "share", parsePercentage, formatPercentage) }},
}
