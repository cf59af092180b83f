package message

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
)

// pemFile is a file with a key.
func pemFile(t testing.TB, kind string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return write(t, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

// keyPair is a file with a private key, and the TXT record of the public one.
func keyPair(t testing.TB, algorithm string) (file, record string) {
	t.Helper()
	var private crypto.Signer
	var public []byte
	var err error
	if algorithm == "rsa" {
		key, fault := rsa.GenerateKey(rand.Reader, 2048)
		private, err = key, fault
		public = x509.MarshalPKCS1PublicKey(&key.PublicKey)
	} else {
		key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
		private, public = key, key.Public().(ed25519.PublicKey)
	}
	if err != nil {
		t.Fatal(err)
	}
	if algorithm == "rsa" {
		if public, err = x509.MarshalPKIXPublicKey(private.Public()); err != nil {
			t.Fatal(err)
		}
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	return pemFile(t, "PRIVATE KEY", der, err), "v=DKIM1; k=" + algorithm + "; p=" + base64.StdEncoding.EncodeToString(public)
}

// A signed slot is the same message whenever it is made.
func TestSignaturesAreRepeated(t *testing.T) {
	for _, algorithm := range []string{"rsa", "ed25519"} {
		c := plain
		key, _ := keyPair(t, algorithm)
		c.DKIM = DKIM{key, "example.com", "mill"}
		if a, b := wire(newSource(t, c), 5), wire(newSource(t, c), 5); !bytes.Equal(a, b) {
			t.Errorf("%s: two signatures of one slot:\n%s\n%s", algorithm, a, b)
		}
	}
}

func TestKeysAreRefused(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(curve)
	good, _ := keyPair(t, "ed25519")
	tests := []struct {
		what string
		dkim DKIM
		want string
	}{
		{"a file that is not there", DKIM{"/nowhere/key", "example.com", "a"}, "dkim key /nowhere/key: open /nowhere/key: no such file or directory"},
		{"a file of something else", DKIM{write(t, "hello"), "example.com", "a"}, ": no PEM in it; write '-----BEGIN PRIVATE KEY-----' and so on, without a password"},
		{"a key of another kind", DKIM{pemFile(t, "PRIVATE KEY", der, err), "example.com", "a"}, ": a private key that is no private key for RSA or Ed25519; it must be without a password"},
		{"a key with a password", DKIM{pemFile(t, "ENCRYPTED PRIVATE KEY", []byte("x"), nil), "example.com", "a"}, ": a encrypted private key that is no"},
		{"no domain", DKIM{good, "a b", "a"}, `dkim domain "a b": not a domain; the public key is at SELECTOR._domainkey.DOMAIN`},
		{"no selector", DKIM{good, "example.com", ""}, `dkim selector "": not a domain; the public key is at SELECTOR._domainkey.DOMAIN`},
	}
	for _, test := range tests {
		c := plain
		c.DKIM = test.dkim
		if _, err := New(alone(c)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.what, err, test.want)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	for _, algorithm := range []string{"rsa", "ed25519"} {
		b.Run(algorithm, func(b *testing.B) {
			c := plain
			key, _ := keyPair(b, algorithm)
			c.DKIM = DKIM{key, "example.com", "mill"}
			s := newSource(b, c)
			var m Mail
			n := int64(0)
			for b.Loop() {
				s.Fill(n, at, &m)
				n++
			}
		})
	}
}
