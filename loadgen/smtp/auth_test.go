package smtp

import (
	"bytes"
	"strings"
	"testing"
)

func TestParseAuth(t *testing.T) {
	for _, test := range []struct {
		arg, mechanism string
		initial        string
		none           bool
	}{
		{arg: "PLAIN AHVzZXIAc2VjcmV0", mechanism: "PLAIN", initial: "AHVzZXIAc2VjcmV0"},
		{arg: "plain\t =", mechanism: "plain", initial: "="},
		{arg: "LOGIN", mechanism: "LOGIN", none: true},
		{arg: "", mechanism: "", none: true},
	} {
		mechanism, initial := ParseAuth([]byte(test.arg))
		if string(mechanism) != test.mechanism || string(initial) != test.initial || (initial == nil) != test.none {
			t.Errorf("%q: %q, %q, want %q, %q", test.arg, mechanism, initial, test.mechanism, test.initial)
		}
	}
}

func TestDecodeInitial(t *testing.T) {
	for line, want := range map[string]string{
		"=":                "",
		"AHVzZXIAc2VjcmV0": "\x00user\x00secret",
		"dXNlcg==":         "user",
		"":                 "",
	} {
		if got, err := DecodeInitial([]byte(line)); err != nil || got == nil || string(got) != want {
			t.Errorf("%q: %q, %v, want %q", line, got, err, want)
		}
	}
	for _, line := range []string{"!!!!", "=AAA", "dXNlcg", "dXNlcg=", "dXNlcg===", "dXNl\rcg==", "dXNl\ncg==", "dXNlch==", " dXNlcg=="} {
		if got, err := DecodeInitial([]byte(line)); err != ErrBase64 || got != nil {
			t.Errorf("%q: %q, %v, want %v", line, got, err, ErrBase64)
		}
	}
	if _, err := DecodeResponse([]byte("=")); err != ErrBase64 {
		t.Errorf("= as a later response: %v, want %v", err, ErrBase64)
	}
}

func TestAppendChallengeIsOneLine(t *testing.T) {
	if got := AppendChallenge([]byte("x"), nil); string(got) != "x334 \r\n" {
		t.Errorf("an empty challenge: %q", got)
	}
	long := AppendChallenge(nil, bytes.Repeat([]byte{0}, 3000))
	if want := "334 " + strings.Repeat("AAAA", 1000) + "\r\n"; string(long) != want {
		t.Errorf("a long challenge: %.20q and %d octets in all, want %d", long, len(long), len(want))
	}
}
