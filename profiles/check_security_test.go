package profiles

import (
	"strings"
	"testing"
)

func TestWhatOfTargetsTLSAndLoginsIsRefused(t *testing.T) {
	const plain, secure = "smtp://127.0.0.1:1", "smtps://127.0.0.1:1"
	for _, tt := range []struct {
		name  string
		flags Flags
		want  string // "" is taken
	}{
		{"several targets", Flags{"target": {plain, "lmtp+unix:///run/lmtp", "mx:example.com"}}, ""},
		{"one of them is none", Flags{"target": {plain, "lmtps://h"}}, `--target: target "lmtps://h": the scheme lmtps is not supported; use lmtp+starttls`},
		{"both families", Flags{"target": {plain}, "ipv4": {"true"}, "ipv6": {"true"}}, "--ipv4: no address is of both families"},
		{"resolving a name anew", Flags{"target": {plain, "localhost"}, "dns": {"session"}}, ""},
		{"resolving what is an address", Flags{"target": {plain}, "dns": {"session"}}, "--dns: no target has a name to resolve"},
		{"a key without a certificate", Flags{"target": {secure}, "tls-key": {"k"}}, "--tls-key: a key without a certificate"},
		{"versions the wrong way round", Flags{"target": {secure}, "tls-min": {"1.3"}, "tls-max": {"1.2"}}, "--tls-min: no version lies between 1.3 and 1.2"},
		{"a version that there is not", Flags{"target": {secure}, "tls-min": {"1.4"}}, `--tls-min: "1.4": not one of 1.0, 1.1, 1.2, 1.3`},
		{"trusting somebody and anybody", Flags{"target": {secure}, "tls-ca": {"f"}, "tls-insecure": {"true"}}, "--tls-insecure: any certificate is taken"},
		{"TLS for nobody", Flags{"target": {plain}, "tls-insecure": {"true"}}, "--tls-insecure: no target has TLS"},
		{"TLS for one of two", Flags{"target": {plain, "submission://h"}, "tls-insecure": {"true"}}, ""},
		{"a suite of TLS 1.3", Flags{"target": {secure}, "tls-ciphers": {"TLS_AES_128_GCM_SHA256"}}, "the suites of TLS 1.3 cannot be chosen in Go"},
		{"a suite in small letters", Flags{"target": {secure}, "tls-ciphers": {"tls_ecdhe_rsa_with_aes_128_gcm_sha256"}}, ""},
		{"no share", Flags{"target": {secure}, "tls-resume": {"0.5"}}, `--tls-resume: "0.5": not a share; write 80%`},
		{"more than all", Flags{"target": {secure}, "tls-resume": {"101%"}}, "a share is from 0% to 100%"},
		{"a mechanism that is misspelt", Flags{"auth-users": {"f"}, "auth": {"SCRAM-SHA256"}}, "did you mean SCRAM-SHA-256?"},
		{"mechanisms in order", Flags{"auth-users": {"f"}, "auth": {"plain", "login"}}, ""},
		{"any mechanism, and one", Flags{"auth-users": {"f"}, "auth": {"auto", "plain"}}, "--auth: auto is the choice among all"},
		{"a mechanism for nobody", Flags{"auth": {"plain"}}, "--auth: nobody logs in: give auth-users"},
		{"EXTERNAL needs no users", Flags{"target": {secure}, "auth": {"external"}}, ""},
		{"users and message from one place", Flags{"auth-users": {"-"}, "data": {"-"}}, "--auth-users: standard input holds either the users or the message"},
		{"several names", Flags{"helo": {"a.example.com", "[127.0.0.1]", "@names"}}, ""},
		{"one of them is none", Flags{"helo": {"a.example.com", "a b"}}, `--helo: "a b" is neither a domain nor an address literal`},
		{"claims of nobody", Flags{"target": {plain}, "proxy": {"v2"}}, ""},
		{"addresses for nothing", Flags{"target": {plain}, "client-addr": {"192.0.2.7"}}, "--client-addr: nothing would claim these addresses"},
		{"what is no network", Flags{"target": {plain}, "proxy": {"v1"}, "client-addr": {"192.0.2.0/40"}}, `--client-addr: "192.0.2.0/40" is no network`},
		{"an attribute of the other command", Flags{"target": {plain}, "xforward": {"LOGIN=x"}}, `--xforward: XFORWARD has no attribute "LOGIN"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(Sources{Flags: tt.flags})
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// No value comes back as another one.
func TestVersionsSuitesAndSharesComeBack(t *testing.T) {
	for name, text := range map[string]string{"tls-min": "1.1", "tls-max": "1.2", "tls-ciphers": "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "tls-resume": "33.3%", "auth": "PLAIN"} {
		var p Plan
		s, _ := Lookup(name)
		if err := s.Value(&p).Set(text); err != nil || s.Value(&p).String() != text {
			t.Errorf("%s: %s is written as %s, %v", name, text, s.Value(&p), err)
		}
	}
}
