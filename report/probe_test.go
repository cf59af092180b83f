package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailmill/results"
)

var looked = time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)

// secured is a server whose keywords change with TLS.
func secured() *results.Probe {
	offer := func(auth string, more ...results.ProbeKeyword) *results.ProbeOffer {
		return &results.ProbeOffer{Domain: "mail.example.com", Keywords: append([]results.ProbeKeyword{
			{Name: "PIPELINING"}, {Name: "SIZE", Params: "0"}, {Name: "AUTH", Params: auth}}, more...)}
	}
	return &results.Probe{
		Target: "mx:example.com", Address: "127.0.0.1:25", Protocol: "SMTP", StartedAt: looked, Exchangers: []string{"10 mail.example.com", "20 mail2.example.com"},
		Steps: []results.ProbeStep{
			{Name: "connect", Took: 1500 * time.Microsecond}, {Name: "greeting", Replies: []results.ProbeReply{{Code: 220, Text: "one\ntwo\nthree\nfour"}}},
			{Name: "starttls", Replies: []results.ProbeReply{{Code: 220, Text: "go"}}},
		},
		Clear: offer("CRAM-MD5", results.ProbeKeyword{Name: "STARTTLS"}), Secure: offer("PLAIN LOGIN", results.ProbeKeyword{Name: "REQUIRETLS"}),
		Pipelining: &results.ProbeTrial{Held: true, Words: "3 commands in one write, 3 replies"},
		TLS: &results.ProbeTLS{
			Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Verified: true, Name: "mail.example.com",
			Certificate: &results.ProbeCertificate{Subject: "CN=mail.example.com", Issuer: "CN=An Authority,O=Example", Names: []string{"mail.example.com", "192.0.2.1"},
				NotBefore: looked.AddDate(0, -1, 0), NotAfter: looked.AddDate(0, 2, 0)},
		},
	}
}

func TestProbeScreens(t *testing.T) {
	for name, change := range map[string]func(*results.Probe){
		"verified": func(*results.Probe) {},
		"expired": func(d *results.Probe) {
			d.TLS.Verified, d.TLS.Why = false, "x509: certificate has expired or is not yet valid"
			d.TLS.Certificate.NotAfter = looked.AddDate(0, 0, -1)
		},
		"implicit": func(d *results.Probe) { d.Clear, d.TLS.Implicit = nil, true },
		"many-names": func(d *results.Probe) {
			for range 40 {
				d.TLS.Certificate.Names = append(d.TLS.Certificate.Names, "another.example.com")
			}
		},
		"hostile": func(d *results.Probe) {
			d.Steps[1].Replies[0].Text = "\x1b[2J\nInjected: \r\n" + strings.Repeat("x", 500)
			d.Clear.Keywords[0] = results.ProbeKeyword{Name: strings.Repeat("LONG", 100), Params: "\x07\x1b]0;title\x07"}
			d.TLS.Certificate.Subject = "CN=\x1b[31m"
			d.Lines = []results.ProbeLine{{From: "S", Text: "220 \x1b[2J"}, {From: "C", Text: "QUIT"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := secured()
			change(d)
			var out bytes.Buffer
			if err := Probe(&out, d, Options{}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				if strings.ContainsAny(strings.TrimSuffix(line, "\n"), "\x1b\x07\r") || width(line) > 81 {
					t.Errorf("not for a screen: %q", line)
				}
			}
			path := filepath.Join("testdata", "probe-"+name+".txt")
			if *update {
				if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil || out.String() != string(want) {
				t.Errorf("%v: not what %s has; -update writes it\n%s", err, path, out.String())
			}
		})
	}
}

func TestAProbeFitsANarrowScreen(t *testing.T) {
	var out bytes.Buffer
	if err := Probe(&out, secured(), Options{Width: 50}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if width(line) > 51 {
			t.Errorf("%d columns: %s", width(line)-1, line)
		}
	}
}
