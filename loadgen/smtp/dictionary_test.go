package smtp

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// replyTable is testdata/reply_table.json: the dictionary and the per-command
// table as they were gathered from the RFCs and from servers.
type replyTable struct {
	Codes []struct {
		Code                         Code
		Meaning, Kind, Source, Where string
	}
	Steps map[string]map[string]any
}

func readReplyTable(t *testing.T) (table replyTable) {
	t.Helper()
	text, err := os.ReadFile("testdata/reply_table.json")
	if err == nil {
		err = json.Unmarshal(text, &table)
	}
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestDictionarySaysWhatTheTableSays(t *testing.T) {
	table := readReplyTable(t)
	kinds := map[string]Class{"S": Success, "I": Intermediate, "F": Failure, "E": Error}
	var listed []Code
	for _, want := range table.Codes {
		got, ok := Lookup(want.Code)
		if !ok || got != (Entry{want.Code, kinds[want.Kind], want.Meaning, want.Source, want.Where}) {
			t.Errorf("%d: %+v, want %+v", want.Code, got, want)
		}
		if want.Code.Meaning() != want.Meaning {
			t.Errorf("meaning of %d = %q, want %q", want.Code, want.Code.Meaning(), want.Meaning)
		}
		listed = append(listed, want.Code)
	}
	for code := Code(0); code < 1000; code++ {
		if !slices.Contains(listed, code) && code.Meaning() != "" {
			t.Errorf("%d has a meaning, and no row in the table", code)
		}
	}
}

func TestDictionaryGoesFrom211To556(t *testing.T) {
	if first, last := dictionary[0].Code, dictionary[len(dictionary)-1].Code; first != 211 || last != 556 {
		t.Errorf("the dictionary goes from %d to %d", first, last)
	}
	for i, e := range dictionary {
		if i > 0 && e.Code <= dictionary[i-1].Code {
			t.Errorf("%d stands behind %d", e.Code, dictionary[i-1].Code)
		}
		if e.Meaning == "" || e.Source == "" || e.Where == "" {
			t.Errorf("%d is not fully described: %+v", e.Code, e)
		}
		if s := e.Code.Severity(); s < PositiveCompletion || s > PermanentNegative || strings.HasPrefix(s.String(), "severity(") {
			t.Errorf("%d has no severity", e.Code)
		}
	}
}

func TestClassifySaysWhatTheTableSays(t *testing.T) {
	table := readReplyTable(t)
	if len(table.Steps) != int(NumCommands) {
		t.Errorf("the table has %d commands, want %d", len(table.Steps), NumCommands)
	}
	columns := map[string]Class{"S": Success, "I": Intermediate, "F": Failure, "E": Error, "X": Tolerated}
	for cmd := range NumCommands {
		step, ok := table.Steps[cmd.String()]
		if !ok {
			t.Errorf("the table has no row %s", cmd)
		}
		want := map[Code]Class{}
		for column, class := range columns {
			for _, code := range step[column].([]any) {
				want[Code(code.(float64))] = class
			}
		}
		for code := Code(0); code < 1000; code++ {
			class, listed := want[code]
			if !listed {
				class = unlisted(cmd, code)
			}
			if got := Classify(cmd, code); got != class {
				t.Errorf("%d to %s is classified %s, want %s", code, cmd, got, class)
			}
		}
	}
}

// unlisted is RFC 5321 section 4.3.2 for codes that a command's row leaves out.
func unlisted(cmd Command, code Code) Class {
	if code == 421 || cmd != CmdConnect && (code == 500 || code == 501) {
		return Error
	}
	return Unexpected
}

func TestNamesOutsideTheTables(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{Command(200).String(), "command(200)"},
		{Class(200).String(), "class(200)"},
		{Malformation(200).String(), "malformation(200)"},
		{ReplyTooLong.String(), "reply too long"},
		{SyntaxError(200).Error(), "syntax error 200"},
		{Verb(200).String(), "unknown"},
		{Classify(NumCommands, 250).String(), "unexpected"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
