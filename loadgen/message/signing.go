package message

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"mailmill/loadgen/smtp"
)

// A DKIM says how messages are signed (RFC 6376). The zero DKIM signs none.
type DKIM struct {
	// KeyFile is a private key in PEM: RSA, or Ed25519 (RFC 8463).
	KeyFile string
	// Domain and Selector are where the public key is: Selector._domainkey.Domain.
	Domain, Selector string
}

// Signing is what signatures cost so far.
type Signing struct {
	Messages int64
	Time     time.Duration
}

// A signer signs the messages of a class. Libraries for it take the time from the
// clock, so that a slot's message would be another in each run, and read the
// whole body again for each message, where here its hash is at hand.
type signer struct {
	key    crypto.Signer
	hash   crypto.Hash // that Sign is told of: none for Ed25519
	before string      // the field up to its time
	count  atomic.Int64
	nanos  atomic.Int64
}

// signedFields are those that a signature covers where they are there (RFC 6376
// section 5.4.1). The mark is not among them: what it says is covered by the others.
var signedFields = []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}

func newSigner(d DKIM) (*signer, error) {
	for what, name := range map[string]string{"domain": d.Domain, "selector": d.Selector} {
		if _, rest, err := smtp.ParseDomain([]byte(name), false); err != nil || len(rest) > 0 || name[0] == '[' {
			return nil, fmt.Errorf("dkim %s %q: not a domain; the public key is at SELECTOR._domainkey.DOMAIN", what, name)
		}
	}
	key, err := readKey(d.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("dkim key %s: %w", d.KeyFile, err)
	}
	s := &signer{key: key, hash: crypto.SHA256}
	algorithm := "rsa-sha256"
	if _, ok := key.(ed25519.PrivateKey); ok {
		algorithm, s.hash = "ed25519-sha256", 0
	}
	s.before = "DKIM-Signature: v=1; a=" + algorithm + "; c=relaxed/simple; d=" + d.Domain + ";\r\n\ts=" + d.Selector + "; t="
	return s, nil
}

// minRSA is the shortest key that may sign (RFC 8301 section 3.2).
const minRSA = 1024

func readKey(file string) (crypto.Signer, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no PEM in it; write '-----BEGIN PRIVATE KEY-----' and so on, without a password")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, checkRSA(key)
	}
	parsed, _ := x509.ParsePKCS8PrivateKey(block.Bytes) // nil if it is none
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		return key, checkRSA(key)
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, fmt.Errorf("a %s that is no private key for RSA or Ed25519; it must be without a password", strings.ToLower(block.Type))
}

func checkRSA(key *rsa.PrivateKey) error {
	if key.N.BitLen() < minRSA {
		return fmt.Errorf("%d bits; a signature needs %d at least (RFC 8301)", key.N.BitLen(), minRSA)
	}
	return nil
}

// sign gives a message its signature. It allocates, and takes what public-key
// cryptography takes: about 20 µs for Ed25519, a millisecond for RSA with 2048 bits.
func (s *signer) sign(m *Mail) {
	began := time.Now()
	head := m.appendContent(make([]byte, 0, 2048))
	hash := m.content.bodyHash
	if v := m.content.varying; v != nil {
		hash = m.bodyHash()
	}
	h, _ := splitMessage(head)
	sum := sha256.New()
	var names []string
	for _, name := range signedFields {
		if i := h.lastIndex(name); i >= 0 { // of several fields of a name the last (RFC 6376 section 5.4.2)
			names = append(names, name)
			sum.Write(relaxed(h[i].parts[0].plain))
		}
	}
	field := strconv.AppendInt([]byte(s.before), m.second, 10)
	field = append(append(field, ";\r\n\th="...), strings.Join(names, ":")...)
	field = append(append(field, ";\r\n\tbh="...), hash...)
	field = append(field, ";\r\n\tb="...)
	sum.Write(bytes.TrimSuffix(relaxed(string(field)), []byte("\r\n")))
	signature, err := s.key.Sign(nil, sum.Sum(nil), s.hash)
	if err != nil {
		panic("message: a DKIM key that was checked cannot sign: " + err.Error())
	}
	m.signature = appendFolded(field, base64.StdEncoding.EncodeToString(signature))
	s.nanos.Add(int64(time.Since(began)))
	s.count.Add(1)
}

// appendFolded appends base64 in lines of 72 octets, and the end of the field.
func appendFolded(dst []byte, text string) []byte {
	const line = 72
	for len(text) > line {
		dst = append(append(dst, text[:line]...), "\r\n\t"...)
		text = text[line:]
	}
	return append(append(dst, text...), "\r\n"...)
}

// relaxed is a field in the relaxed canonical form (RFC 6376 section 3.4.2).
func relaxed(field string) []byte {
	name, value, _ := strings.Cut(field, ":")
	out := append([]byte(strings.ToLower(strings.TrimRight(name, " \t"))), ':')
	words := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) }) // no space of Unicode
	return append(append(out, strings.Join(words, " ")...), "\r\n"...)
}

// bodyHash is the hash of a body in the simple canonical form (RFC 6376 section 3.4.3),
// in base64: without the empty lines at its end.
func bodyHash(pieces ...[]byte) string {
	body := bytes.Join(pieces, nil)
	for bytes.HasSuffix(body, []byte("\r\n\r\n")) {
		body = body[:len(body)-2]
	}
	if len(body) == 0 {
		body = []byte("\r\n")
	}
	sum := sha256.Sum256(body)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// bodyHash is that of a body with parts of the message's own.
func (m *Mail) bodyHash() string {
	var d digester
	d.gather(m)
	return bodyHash(d.scratch, m.content.varying.rest)
}
