package report

import (
	"strings"
	"testing"
	"time"

	"mailmill/results"
)

func TestWhatWasNegotiatedIsALine(t *testing.T) {
	d := results.New()
	if negotiated(d) != nil {
		t.Error("a plain run has something to say of TLS or AUTH")
	}
	d.TLS = []results.Handshake{{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Resumed: true, Count: 1200}, {Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Count: 300}}
	d.Logins = []results.Login{{Mechanism: "SCRAM-SHA-256", Count: 1500}}
	until := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	d.Target.Certificates = []results.Certificate{{Subject: "CN=mx\x1b[2J", NotAfter: until}, {Subject: "CN=mx\x1b[2J", NotAfter: until}}
	var text strings.Builder
	if err := Text(&text, d, Options{Width: 400}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`TLS        1,500 handshakes, 1,200 resumed: TLS 1.3 TLS_AES_128_GCM_SHA256 resumed (1,200), TLS 1.3 TLS_AES_128_GCM_SHA256 (300); ` +
			`certificate of "CN=mx\x1b[2J" until 2027-01-02, not verified` + "\n",
		"AUTH       SCRAM-SHA-256 (1,500)\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report lacks %s:\n%s", want, text.String())
		}
	}
}
