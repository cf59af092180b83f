package results

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestFrozenVersion holds the promise of the format: what version 1 once wrote,
// every later mailmill reads, and says the same again.
func TestFrozenVersion(t *testing.T) {
	path := filepath.Join("testdata", "version1.json")
	d, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Check(); err != nil {
		t.Errorf("the frozen document contradicts itself: %v", err)
	}
	frozen, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(frozen, again) {
		t.Error("a frozen document is written differently today: names and meanings of a version never change; give new fields omitempty")
	}
}

func TestReadRefuses(t *testing.T) {
	for _, row := range []struct{ given, in, says string }{
		{"nothing", " \n", "empty"},
		{"markdown", "# title\nbody", `not JSON at line 1, column 1, where "# title\nbody" stands`},
		{"a broken object", "{\"format\": \"mailmill.result\",\n  oops}", "not JSON at line 2, column 3"},
		{"half a document", `{"format": "mailmill.result", "vers`, "where the end stands"},
		{"a list", `[1, 2]`, "not a mailmill result: JSON, but not an object"},
		{"other JSON", `{"name": "x"}`, `not a mailmill result: it has no "format"`},
		{"another format", `{"format": "k6", "version": 1}`, `its format is "k6"`},
		{"a newer version", `{"format": "mailmill.result", "version": 2}`, "version 2 of the format, this mailmill reads up to 1"},
		{"no version", `{"format": "mailmill.result"}`, "damaged: its version is"},
		{"version 1.5", `{"format": "mailmill.result", "version": 1.5}`, "damaged: its version is"},
		{"a wrong type inside", `{"format": "mailmill.result", "version": 1, "counts": {"begun": "x"}}`, "counts.begun holds a JSON string"},
		{"two documents", `{"format": "mailmill.result", "version": 1} {}`, "not JSON at line 1, column 45"},
	} {
		_, err := Read(strings.NewReader(row.in))
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("given %s, the error is %v, want %q in it", row.given, err, row.says)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("given %s, the error has more than one line: %v", row.given, err)
		}
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, path + ".missing"} {
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("the error of Load(%s) does not name it: %v", path, err)
		}
	}
}

func TestUnknownFieldsArePassedOver(t *testing.T) {
	d, err := Read(strings.NewReader(`{"format": "mailmill.result", "version": 1, "ledger": {"lost": 0}, "counts": {"intended": 3}}`))
	if err != nil || d.Counts.Intended != 3 {
		t.Errorf("a document with a later field: %+v, %v", d, err)
	}
}

func TestWriteAndLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run.json")
	d := sound(t)
	for range 2 { // the second replaces the first
		if err := d.Write(path); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, d) {
		t.Errorf("the document came back changed:\n%+v\nwant\n%+v", got, d)
	}
	if names := list(t, dir); len(names) != 1 {
		t.Errorf("the folder holds %v, want only run.json", names)
	}
}

func TestAWriteThatFailsLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := New().Write(path); err == nil {
		t.Error("a folder was replaced by a document")
	}
	if names := list(t, dir); len(names) != 1 {
		t.Errorf("the folder holds %v, want only what was there", names)
	}
	if _, err := New().Save(filepath.Join(dir, "none"), ""); err == nil {
		t.Error("a document was saved in a folder that is not there")
	}
}

func TestSaveNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	d := New()
	d.Run.StartedAt = time.Date(2026, 11, 21, 20, 48, 42, 0, time.UTC)
	for _, want := range []string{"20261121T204842Z-first-run.json", "20261121T204842Z-first-run-2.json", "20261121T204842Z-first-run-3.json"} {
		path, err := d.Save(dir, "first-run")
		if err != nil || path != filepath.Join(dir, want) {
			t.Errorf("Save = %q, %v; want %s", path, err, want)
		}
		if _, err := Load(path); err != nil {
			t.Error(err)
		}
	}
}

func list(t *testing.T, dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestNewName(t *testing.T) {
	at := time.Date(2026, 11, 21, 21, 48, 42, 999, time.FixedZone("CET", 3600))
	for label, want := range map[string]string{
		"first-run": "20261121T204842Z-first-run.json", "": "20261121T204842Z.json", "../../etc/passwd": "20261121T204842Z-etc-passwd.json",
		"postfix 3.9 ü": "20261121T204842Z-postfix-3.9.json", "...": "20261121T204842Z.json",
		strings.Repeat("x", 300): "20261121T204842Z-" + strings.Repeat("x", 64) + ".json",
	} {
		if got := NewName(at, label); got != want {
			t.Errorf("NewName(%q) = %q, want %q", label, got, want)
		}
	}
}

func TestHostileTextIsTame(t *testing.T) {
	d := New()
	d.Target.Greeting = "a\x1b[2J\u009b31m\u202e<b>\xff\x7f"
	data, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if i := bytes.IndexFunc(data, func(r rune) bool { return r < ' ' && r != '\n' || isHiddenControl(r) }); i >= 0 {
		t.Errorf("the document has a control character: %q", data[i:i+10])
	}
	got, err := Read(bytes.NewReader(data))
	if want := "a\x1b[2J\u009b31m\u202e<b>\ufffd\x7f"; err != nil || got.Target.Greeting != want {
		t.Errorf("hostile text came back as %q, %v; want %q", got.Target.Greeting, err, want)
	}
}
