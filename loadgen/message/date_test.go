package message

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDateIsThatOfRFC5322(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		second := rapid.Int64Range(0, 253402300799).Draw(t, "second") // 1970 to 9999
		want := time.Unix(second, 0).UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")
		if got := string(appendDate(nil, second)); got != want || len(got) != dateLength {
			t.Fatalf("%q, want %q of %d octets", got, want, dateLength)
		}
	})
}

func TestDigits(t *testing.T) {
	p := part{kind: number}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Min(0).Draw(t, "n")
		if got, want := digits(n), len(p.append(nil, place{number: n})); got != want {
			t.Fatalf("%d has %d digits, want %d", n, got, want)
		}
	})
}

func BenchmarkDate(b *testing.B) {
	scratch := make([]byte, 0, dateLength)
	b.ReportAllocs()
	second := int64(1_800_000_000)
	for b.Loop() {
		appendDate(scratch, second)
		second++
	}
}
