package loadgen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailmill/loadgen/message"
	"mailmill/profiles"
)

// A dry run is held with a server that offers what the plan needs, and it ends, whatever that is.
func TestADryRunOffersWhatThePlanNeeds(t *testing.T) {
	nul := filepath.Join(t.TempDir(), "nul.eml")
	if err := os.WriteFile(nul, []byte("Subject: x\n\na\x00b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		what string
		plan func(*profiles.Plan)
		want string
	}{
		{"chunks", func(p *profiles.Plan) { p.Chunk = 4096 }, "S: 250 CHUNKING\nC: MAIL FROM:<sender0@example.com>\n"},
		{"a path in UTF-8", func(p *profiles.Plan) { p.To = "ü@example.com" },
			"S: 250-8BITMIME\nS: 250 SMTPUTF8\nC: MAIL FROM:<sender0@example.com> BODY=8BITMIME SMTPUTF8\n"},
		{"groups", func(p *profiles.Plan) { p.Pipeline = true }, "C: RCPT TO:<user0@example.com>\nC: DATA\nS: 250 (ok)\n"},
		{"a NUL in chunks", func(p *profiles.Plan) { p.Corpus, p.Chunk = nul, 4096 }, " BODY=BINARYMIME\n"},
		{"a NUL without chunks", func(p *profiles.Plan) { p.Corpus = nul }, "-- nothing of the message is sent: it cannot be, as the plan has it\n"},
		{"nothing", func(p *profiles.Plan) { p.Size = message.Fixed(0) }, "S: 250 (ok, no extensions)\n"},
	} {
		plan := testPlan()
		row.plan(&plan)
		var out strings.Builder
		if err := DryRun(&out, plan); err != nil || !strings.Contains(out.String(), row.want) {
			t.Errorf("a dry run of %s: %v\n%s\nwithout %q", row.what, err, out.String(), row.want)
		}
	}
}
