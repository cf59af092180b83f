package report

import (
	"strings"
	"testing"
)

func TestSignaturesHaveALine(t *testing.T) {
	d := goodRun(t)
	d.Generator.Signed, d.Generator.SignTime = 2000, 50*ms
	got := strings.Join(strings.Fields(text(t, d, Options{Width: 80})), " ")
	if want := "2,000 messages signed in 50.0 ms, 25.0 µs each, which no step has in it"; !strings.Contains(got, want) {
		t.Errorf("no line says %q:\n%s", want, got)
	}
}
