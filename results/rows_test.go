package results

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
)

func TestRowsAreCSV(t *testing.T) {
	var b bytes.Buffer
	w := NewRowWriter(&b)
	for _, r := range []Row{
		{Slot: 7, Due: 5, Claimed: -3, Begun: 6, Ended: 9, Outcome: "accepted", RecipientsAccepted: 2, RecipientsDeferred: 1, Octets: 1024, Loop: 1, Worker: 12},
		{Slot: 8, Class: "bulk, \"slow\"", Due: 10, Claimed: None, Begun: None, Ended: 20, Outcome: "unfinished", Loop: 0, Worker: -1},
	} {
		if err := w.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"slot class due_ns claimed_ns begun_ns ended_ns outcome recipients_accepted recipients_deferred recipients_rejected recipients_failed octets loop worker",
		"7  5 -3 6 9 accepted 2 1 0 0 1024 1 12",
		`8 bulk,_"slow" 10   20 unfinished 0 0 0 0 0 0 `,
	}
	for i, row := range got {
		row[1] = strings.ReplaceAll(row[1], " ", "_")
		if line := strings.Join(row, " "); i >= len(want) || line != want[i] {
			t.Errorf("row %d is %q, want %q", i, line, slices.Concat(want, make([]string, i))[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

func TestNoRowsAreAHeader(t *testing.T) {
	var b bytes.Buffer
	if err := NewRowWriter(&b).Flush(); err != nil || b.String() != rowHeader+"\n" {
		t.Errorf("no rows are %q, %v", &b, err)
	}
}

func TestRowsAreWrittenInBlocks(t *testing.T) {
	writes := 0
	w := NewRowWriter(counted(func(b []byte) { writes++ }))
	for range 10_000 {
		if err := w.Write(&Row{Outcome: "accepted"}); err != nil {
			t.Fatal(err)
		}
	}
	if writes < 2 || writes > 20 {
		t.Errorf("10000 rows are written in %d blocks", writes)
	}
	room := full(rowBlock)
	w = NewRowWriter(&room)
	var err error
	for range 10_000 {
		if err = w.Write(&Row{}); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a full disk is told as %v", err)
	}
}

type counted func([]byte)

func (c counted) Write(b []byte) (int, error) { c(b); return len(b), nil }
