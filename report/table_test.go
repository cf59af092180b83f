package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mailmill/results"
)

func TestTableLines(t *testing.T) {
	table := Table{
		Columns: []Column{{Name: "step"}, {Name: "n", Align: Right}, {Name: "text", Flex: true}},
		Rows:    [][]string{{"rcpt", "1,000", "one two three four five six seven eight nine ten"}, {"überlang", "7"}},
	}
	for _, row := range []struct {
		width int
		want  []string
	}{
		{60, []string{
			"step          n  text",
			"rcpt      1,000  one two three four five six seven eight",
			"                 nine ten",
			"überlang      7"}},
		{33, []string{
			"step          n  text",
			"rcpt      1,000  one two three",
			"                 four five six",
			"                 seven eight nin…",
			"überlang      7"}},
	} {
		if got := table.lines(row.width); !slices.Equal(got, row.want) {
			t.Errorf("in %d columns:\n%s\nwant\n%s", row.width, strings.Join(got, "\n"), strings.Join(row.want, "\n"))
		}
	}
}

func TestWrap(t *testing.T) {
	for _, row := range []struct {
		in   string
		most int
		want []string
	}{
		{"", 10, []string{""}},
		{"a  bb\nccc", 10, []string{"a bb ccc"}},
		{"takes 41.2 ms here", 10, []string{"takes", "41.2 ms", "here"}},
		{"0123456789abcdef x", 10, []string{"0123456789", "abcdef x"}},
		{"µs", 1, []string{"µ", "s"}},
	} {
		if got := wrap(row.in, row.most); !slices.Equal(got, row.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", row.in, row.most, got, row.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, row := range []struct{ got, want string }{
		{grouped(0), "0"}, {grouped(999), "999"}, {grouped(1000), "1,000"}, {grouped(1234567), "1,234,567"}, {grouped(-1000), "-1,000"},
		{rate(500), "500"}, {rate(1234.56), "1,234.6"}, {rate(0.04), "0"},
		{percent(0, 0), "–"}, {percent(0, 5), "0.00 %"}, {percent(1, 1_000_000), "<0.01 %"}, {percent(999_999, 1_000_000), ">99.99 %"}, {percent(1, 3), "33.33 %"}, {percent(3, 3), "100.00 %"},
		{octets(0), "0 octets"}, {octets(999), "999 octets"}, {octets(1500), "1.5 kB"}, {octets(123_456_789), "123 MB"}, {octets(999_999), "1.0 MB"}, {octets(5e15), "5000 TB"},
		{plural(1, "slot"), "1 slot"}, {plural(2000, "slot"), "2,000 slots"}, {times(1), "once"}, {times(2), "2 times"},
		{plain("a\x1b\"\\\u202e\xffé"), `a\x1b"\\u202e\xffé`},
	} {
		if row.got != row.want {
			t.Errorf("%q, want %q", row.got, row.want)
		}
	}
}

func TestOnlyTheMostFrequentKindsAreShown(t *testing.T) {
	d := goodRun(t)
	d.Replies, d.Faults = nil, nil
	for i := range int64(30) {
		d.Replies = append(d.Replies, results.Reply{Step: "rcpt", Code: 400 + int(i), Count: i + 1})
		d.Faults = append(d.Faults, results.Fault{Step: "rcpt", Kind: "timeout", Side: "server", Count: i + 1, Last: time.Duration(i)})
	}
	got := text(t, d, Options{})
	for _, words := range []string{"6 rarer kinds of reply in the document", "6 rarer kinds of fault in the document", "rcpt     429"} {
		if !strings.Contains(got, words) {
			t.Errorf("the report does not say %q:\n%s", words, got)
		}
	}
	if strings.Contains(got, "rcpt     405") {
		t.Error("the rarest kinds are shown")
	}
}

func TestLargeMessagesAreSpokenOf(t *testing.T) {
	d := goodRun(t)
	d.Counts.OctetsSent = d.Counts.Begun << 20
	if got := text(t, d, Options{}); !strings.Contains(got, "content ends in the kernel's send buffer") {
		t.Error("the report does not say where content ends")
	}
}
