package smtp

import "testing"

func TestSeverity(t *testing.T) {
	for _, tt := range []struct {
		code Code
		want string
	}{
		{200, "positive completion"},
		{250, "positive completion"},
		{354, "positive intermediate"},
		{421, "transient negative"},
		{599, "permanent negative"},
		{0, "severity(0)"},
		{650, "severity(6)"},
	} {
		if got := tt.code.Severity().String(); got != tt.want {
			t.Errorf("severity of %d = %q, want %q", tt.code, got, tt.want)
		}
	}
}

func TestParseEnhanced(t *testing.T) {
	none := Enhanced(0)
	for _, tt := range []struct {
		text, why string
		want      Enhanced
		rest      string
	}{
		{"2.1.0 Ok", "the usual", MakeEnhanced(2, 1, 0), "Ok"},
		{"5.7.26 no", "two digits", MakeEnhanced(5, 7, 26), "no"},
		{"4.999.999 x", "the largest", MakeEnhanced(4, 999, 999), "x"},
		{"2.0.0", "nothing behind it", MakeEnhanced(2, 0, 0), ""},
		{"2.0.0 ", "an empty text", MakeEnhanced(2, 0, 0), ""},
		{"2.0.0   Ok", "more spaces", MakeEnhanced(2, 0, 0), "Ok"},
		{"", "nothing", none, ""},
		{"Ok", "a word", none, "Ok"},
		{"3.0.0 x", "class 3 does not exist", none, "3.0.0 x"},
		{"1.2.3.4 is blocked", "an address", none, "1.2.3.4 is blocked"},
		{"5.2.3.4 is blocked", "an address that begins with a class", none, "5.2.3.4 is blocked"},
		{"2.1 x", "a version", none, "2.1 x"},
		{"2.1. x", "no detail", none, "2.1. x"},
		{"2..1 x", "no subject", none, "2..1 x"},
		{"2.1.0x", "no space", none, "2.1.0x"},
		{"2.1000.0 x", "four digits of subject", none, "2.1000.0 x"},
		{"2.1.1000 x", "four digits of detail", none, "2.1.1000 x"},
		{"52.1.0 x", "two digits of class", none, "52.1.0 x"},
		{"2.1.", "cut off", none, "2.1."},
	} {
		e, rest, ok := ParseEnhanced([]byte(tt.text))
		if e != tt.want || string(rest) != tt.rest || ok != (tt.want != none) {
			t.Errorf("%s: ParseEnhanced(%q) = %v, %q, %v", tt.why, tt.text, e, rest, ok)
		}
	}
}

func TestEnhancedIsWrittenAsItIsRead(t *testing.T) {
	for _, e := range []Enhanced{MakeEnhanced(2, 0, 0), MakeEnhanced(4, 7, 12), MakeEnhanced(5, 999, 999)} {
		if got, _, ok := ParseEnhanced(e.Append(nil)); !ok || got != e {
			t.Errorf("%v was read as %v", e, got)
		}
	}
	if got := Enhanced(0).String(); got != "" {
		t.Errorf("no code is written %q", got)
	}
	if got := MakeEnhanced(5, 1, 10).String(); got != "5.1.10" {
		t.Errorf("5.1.10 is written %q", got)
	}
}

func TestEnhancedMeaning(t *testing.T) {
	for _, tt := range []struct {
		e    Enhanced
		want string
	}{
		{MakeEnhanced(5, 1, 1), "bad destination mailbox address"},
		{MakeEnhanced(4, 1, 1), "bad destination mailbox address"},
		{MakeEnhanced(5, 1, 10), "recipient address has null MX"},
		{MakeEnhanced(4, 5, 3), "too many recipients"},
		{MakeEnhanced(5, 7, 30), "REQUIRETLS support required"},
		{MakeEnhanced(2, 0, 0), "other undefined status"},
		{MakeEnhanced(5, 9, 9), ""},
		{MakeEnhanced(5, 1, 11), ""},
	} {
		if got := tt.e.Meaning(); got != tt.want {
			t.Errorf("meaning of %v = %q, want %q", tt.e, got, tt.want)
		}
	}
}

// The registry numbers details from 0 without gaps, so a missing row shows.
func TestEnhancedTableHasNoGaps(t *testing.T) {
	for subject, details := range []int{1, 11, 5, 7, 8, 7, 10, 31} {
		for detail := range details {
			if MakeEnhanced(5, subject, detail).Meaning() == "" {
				t.Errorf("X.%d.%d has no meaning", subject, detail)
			}
		}
	}
}
