package loadgen

import (
	"testing"

	"mailmill/loadgen/timing"
)

func TestCounsel(t *testing.T) {
	for _, row := range []struct{ reason, advice string }{
		{"connect: connection refused", "nobody listens on this port: look whether the server runs, and where"},
		{"connect: unreachable: no such file or directory", "there is no socket of this path"},
		{"connect: unreachable: no route to host", "look whether this machine reaches the address"},
		{"greeting: timeout", speechless},
		{"greeting: no reply within 10s", speechless},
		{`lhlo: the server answered 500 "Unknown command"`, "if it speaks SMTP, give a target of smtp://"},
		{`ehlo: the server answered 450 "later"`, ""},
		{"tls: first record does not look like a TLS handshake", "the server speaks in clear here: give a target of smtp+starttls:// or smtp://"},
		{"tls: first record does not look like a TLS handshake: the server speaks in clear here: give a target of smtp+starttls:// or smtp://", ""},
	} {
		if got := counsel(row.reason); got != row.advice {
			t.Errorf("the advice about %q is %q, want %q", row.reason, got, row.advice)
		}
	}
}

func TestAFaultInBrief(t *testing.T) {
	for _, row := range []struct {
		fault timing.Fault
		words string
	}{
		{timing.Fault{Kind: timing.Refused, Text: "connection refused"}, "connection refused"},
		{timing.Fault{Kind: timing.Timeout}, "timeout"},
		{timing.Fault{Kind: timing.Unreachable, Text: "no route to host"}, "unreachable: no route to host"},
		{timing.Fault{Kind: timing.TLSFailed, Text: "tls: bad record MAC"}, "tls: bad record MAC"},
		{timing.Fault{Kind: timing.TLSFailed, Text: "remote error: tls: bad certificate"}, "tls: remote error: tls: bad certificate"},
	} {
		if got := brief(row.fault); got != row.words {
			t.Errorf("%v in brief is %q, want %q", row.fault, got, row.words)
		}
	}
}
