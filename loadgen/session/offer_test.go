package session

import (
	"reflect"
	"testing"

	"mailmill/loadgen/smtp"
)

// offering is what a server offers that says these lines.
func offering(t *testing.T, lines string) *Offer {
	t.Helper()
	var p smtp.Parser
	var r smtp.Reply
	n, bad := p.Next([]byte(lines), &r)
	if n != len(lines) || bad != smtp.WellFormed {
		t.Fatalf("%q is not one reply", lines)
	}
	return newOffer(r)
}

func TestOffers(t *testing.T) {
	o := offering(t, "250-host\r\n250-PIPELINING\r\n250-size 1000\r\n250-8BITMIME\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-SMTPUTF8\r\n"+
		"250-DSN\r\n250-LIMITS MAILMAX=3 RCPTMAX=2\r\n250-STARTTLS\r\n250-AUTH=plain\r\n250-AUTH PLAIN LOGIN\r\n250-XCLIENT NAME ADDR\r\n250 XFORWARD name\r\n")
	if all := extension(1<<len(extensions) - 1); o.extensions != all || !o.has(all) {
		t.Errorf("%v, want %v", o.extensions, all)
	}
	got := []any{o.limits, o.mechanisms, o.client, o.forward}
	want := []any{smtp.Limits{Mail: 3, Rcpt: 2}, []string{"PLAIN", "LOGIN"}, []string{"NAME", "ADDR"}, []string{"NAME"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if bare := offering(t, "250 host\r\n"); bare.extensions != 0 || bare.has(size) || !bare.has(0) {
		t.Errorf("a server without extensions offers %v", bare.extensions)
	}
	if words := (chunking | binaryMIME).String(); words != "CHUNKING and BINARYMIME" {
		t.Errorf("the words are %q", words)
	}
}
