package loadgen

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailmill/loadgen/message"
	"mailmill/loadgen/smtp"
	"mailmill/profiles"
)

// keyFile is a private key in a file.
func keyFile(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMessagesAreSigned(t *testing.T) {
	var heard []string
	sim := scenario{
		plan: func(p *profiles.Plan) {
			p.Messages = 3
			p.DKIM = message.DKIM{KeyFile: keyFile(t), Domain: "signer.example", Selector: "mill"}
		},
		content: func(slot int64, octets []byte) { heard = append(heard, string(octets)) },
	}.play(t)
	if g := sim.document.Generator; len(heard) != 3 || g.Signed != 3 || g.SignTime <= 0 {
		t.Fatalf("%d messages were heard, %d signed in %v", len(heard), g.Signed, g.SignTime)
	}
	for _, octets := range heard {
		if !strings.HasPrefix(octets, "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/simple; d=signer.example;\r\n\ts=mill; t=") {
			t.Errorf("a message begins with %.100q", octets)
		}
	}
}

// Every message that was heard tells which slot it is, and its body is what was sent.
func TestDeliveredMessagesAreKnownByTheirMarks(t *testing.T) {
	seen := map[int64]bool{}
	scenario{
		plan: func(p *profiles.Plan) { p.Messages, p.Template = 20, "testdata/template.eml" },
		content: func(slot int64, octets []byte) {
			octets = bytes.TrimSuffix(octets, []byte(smtp.EndOfData)) // no line begins with a dot
			if m, err := message.ReadMark(octets); err != nil || m.Slot != slot {
				t.Errorf("slot %d: slot %d, %v", slot, m.Slot, err)
			}
			seen[slot] = true
		},
	}.play(t)
	if len(seen) != 20 {
		t.Errorf("%d messages were heard, want 20", len(seen))
	}
}

// What cannot be read is told before any traffic.
func TestFilesThatCannotBeReadEndARun(t *testing.T) {
	for what, row := range map[string]struct {
		plan func(*profiles.Plan)
		want string
	}{
		"a corpus":          {func(p *profiles.Plan) { p.Corpus = "testdata/none" }, "corpus: stat testdata/none: "},
		"a template":        {func(p *profiles.Plan) { p.Template = "testdata/none" }, "template: open testdata/none: "},
		"addresses":         {func(p *profiles.Plan) { p.To = "@testdata/none" }, "forward-path: open testdata/none: "},
		"sizes":             {func(p *profiles.Plan) { p.Size, _ = message.ParseQuantity("@testdata/none", profiles.ParseSize) }, "size: open testdata/none: "},
		"a key":             {func(p *profiles.Plan) { p.DKIM = message.DKIM{KeyFile: "testdata/none", Domain: "a", Selector: "b"} }, "dkim key testdata/none: open testdata/none: "},
		"addresses of none": {func(p *profiles.Plan) { p.To = "@testdata/two.mbox" }, "forward-path: testdata/two.mbox:"},
	} {
		plan := testPlan()
		row.plan(&plan)
		_, err := newSource(plan, strings.NewReader(""), plan.StartAt.At)
		var fault *PlanError
		if !errors.As(err, &fault) || !strings.HasPrefix(err.Error(), row.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", what, err, row.want)
		}
	}
}

// A dry run shows a corpus's first message.
func TestADryRunOfACorpus(t *testing.T) {
	plan := testPlan()
	plan.Corpus = "testdata/two.mbox"
	var out strings.Builder
	if err := DryRun(io.Writer(&out), plan); err != nil || !strings.Contains(out.String(), "Subject: the first\n") {
		t.Errorf("%v:\n%s", err, out.String())
	}
}
