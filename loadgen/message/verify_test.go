package message

import (
	"bytes"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// verify holds a message's signature against the published key.
func verify(t testing.TB, message []byte, record string) error {
	t.Helper()
	options := &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "mill._domainkey.example.com" {
			t.Errorf("the key of %s is looked up", name)
		}
		return []string{record}, nil
	}}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(message), options)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d signatures, %v", len(found), err)
	}
	if found[0].Domain != "example.com" || found[0].Time.Unix() != at.Unix() {
		t.Errorf("the signature is of %s at %v", found[0].Domain, found[0].Time)
	}
	return found[0].Err
}

func TestSignatures(t *testing.T) {
	template := plain
	template.Template = "testdata/order.eml"
	file := plain
	file.Data = []byte("From: a@b\nSubject: s\n\n.\n..\n.x \t\n\n\n")
	odd := plain
	odd.Data = []byte("To: a@b\nFrom: a@b\nTo: c@d\nSubject: no\u00a0break,  and\u2003wide\n\nx\n")
	none := plain
	none.Size = Fixed(0)
	chunked := rich(t)
	chunked.Chunked = true
	for _, algorithm := range []string{"rsa", "ed25519"} {
		key, record := keyPair(t, algorithm)
		for what, c := range map[string]ClassConfig{"plain": plain, "rich": rich(t), "a template": template, "a file": file, "fields twice, and spaces of Unicode": odd, "no body": none, "chunked": chunked} {
			c.DKIM = DKIM{key, "example.com", "mill"}
			s := newSource(t, c)
			for n := range int64(10) {
				var m Mail
				s.Fill(n, at, &m)
				message := append(m.AppendHead(nil), m.Body()...)
				if !c.Chunked {
					message = receive(t, message)
				}
				if err := verify(t, message, record); err != nil {
					t.Fatalf("%s, %s: slot %d: %v", algorithm, what, n, err)
				}
				if m.Size() != int64(len(message)) {
					t.Errorf("%s, %s: slot %d has %d octets, and says %d", algorithm, what, n, len(message), m.Size())
				}
				if err := verify(t, append(message, "more\r\n"...), record); err == nil {
					t.Errorf("%s, %s: a longer body is verified", algorithm, what)
				}
				if err := verify(t, bytes.Replace(message, []byte("\r\nFrom: "), []byte("\r\nFrom: x"), 1), record); err == nil {
					t.Errorf("%s, %s: another author is verified", algorithm, what)
				}
			}
			if cost := s.Signing(); cost.Messages != 10 || cost.Time <= 0 {
				t.Errorf("%s, %s: %+v, want 10 messages and their time", algorithm, what, cost)
			}
		}
	}
}
