package report

import (
	"strings"
	"testing"
	"time"

	"mailmill/results"
)

// TestSlowestNameTheirContent: messages of a corpus are named, those that were made are not.
func TestSlowestNameTheirContent(t *testing.T) {
	d := results.New()
	d.Slowest = []results.Slow{
		{Slot: 1070, Service: 20 * time.Millisecond, Response: 25 * time.Millisecond, Content: "spam.mbox#3"},
		{Slot: 7, Service: time.Millisecond, Response: time.Millisecond},
	}
	var text strings.Builder
	if err := Text(&text, d, Options{}); err != nil {
		t.Fatal(err)
	}
	const want = "SLOWEST       service  response  content\nmessage 1070  20.0 ms   25.0 ms  spam.mbox#3\n"
	if !strings.Contains(text.String(), want) {
		t.Errorf("the report has no\n%s\nbut\n%s", want, text.String())
	}
	if strings.Contains(text.String(), "message 7") {
		t.Error("a message that was made is named")
	}
}
