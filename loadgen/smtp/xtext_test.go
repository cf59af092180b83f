package smtp

import "testing"

func TestParseXtext(t *testing.T) {
	for in, want := range map[string]string{
		"":                "",
		"r+2Bx@b.example": "r+x@b.example",
		"a+3d+20+0Ab":     "a= \nb",
		"[UNAVAILABLE]":   "[UNAVAILABLE]",
	} {
		if got, err := ParseXtext([]byte(in)); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"+", "+2", "+2G", "a b", "a=b", "\x7f", "ü", "x\n"} {
		if got, err := ParseXtext([]byte(in)); err != ErrXtext {
			t.Errorf("%q: %q, %v, want %v", in, got, err, ErrXtext)
		}
	}
}

func TestXtextIsReadBack(t *testing.T) {
	for in, want := range map[string]string{
		"":               "",
		"user@a.example": "user@a.example",
		"a+b=c":          "a+2Bb+3Dc",
		"a b\x00\x7fü":   "a+20b+00+7F+C3+BC",
	} {
		got := AppendXtext([]byte("x"), []byte(in))[1:]
		if back, err := ParseXtext(got); string(got) != want || err != nil || string(back) != in {
			t.Errorf("%q became %q, want %q; read back %q, %v", in, got, want, back, err)
		}
	}
}
