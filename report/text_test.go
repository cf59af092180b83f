package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"mailmill/results"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

var runs = map[string]func(testing.TB) *results.Document{
	"good": goodRun, "refusals": refusingRun, "faults": faultyRun, "interrupted": interruptedRun, "invalid": invalidRun, "empty": emptyRun,
	"merged": mergedRun, "misbehaved": misbehavedRun,
}

func text(t *testing.T, d *results.Document, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, d, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			got := text(t, run(t), Options{Width: 80, Path: "results/20261121T204842Z-first-run.json"})
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the report differs from %s (write it anew with -update and read the difference):\n%s", path, got)
			}
		})
	}
}

func TestTheVerdictStandsFirst(t *testing.T) {
	for name, run := range runs {
		d := run(t)
		if got := text(t, d, Options{}); !strings.HasPrefix(got, string(d.Verdict.Status)+" ") {
			t.Errorf("%s: the report begins with %.40q", name, got)
		}
	}
}

func TestLinesFit(t *testing.T) {
	for name, run := range runs {
		d := run(t)
		for _, columns := range []int{0, 80, 100, 132} {
			most := max(80, columns)
			for line := range strings.Lines(text(t, d, Options{Width: columns})) {
				if n := width(strings.TrimSuffix(line, "\n")); n > most {
					t.Errorf("%s: %d columns where %d are allowed: %s", name, n, most, line)
				}
			}
		}
	}
}

func TestTheWidestLatenciesFit(t *testing.T) {
	d := goodRun(t)
	lost, err := results.NewLatency("accepted", results.Sample{Censored: 12_345_678, Floor: 99_900 * us})
	if err != nil {
		t.Fatal(err)
	}
	lost.Count, lost.Max = 1, 99_900*us
	d.Latency.Response = lost
	for line := range strings.Lines(text(t, d, Options{})) {
		if n := width(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestHostileTextDoesNotSteerTheTerminal(t *testing.T) {
	d := refusingRun(t)
	evil := "\x1b]0;owned\x07\r\n\u009b2J\u202e\xff\x00\\x1b"
	d.Run.ID, d.Run.Tool, d.Target.URL, d.Target.Greeting, d.Host.CPU = evil, evil, evil, evil, evil
	d.Steps[0].Name, d.Replies[0].Step, d.Replies[0].Enhanced, d.Replies[0].Example = evil, evil, evil, evil
	d.Faults = []results.Fault{{Step: evil, Kind: evil, Side: evil, Count: 1, Example: evil}}
	d.Misbehaved = []results.Misbehaved{{Manner: evil, Replies: []results.MisbehavedReply{{Step: evil, Code: 550, Count: 1, Ended: 1, Example: evil}}, Refused: 1}}
	d.Checks[0].Words, d.Checks[0].Status = evil, results.CheckStatus(evil)
	d.Verdict.Reasons = []results.Reason{{Name: evil, Side: evil, Effect: results.Status(evil), Words: evil}}
	got := text(t, d, Options{Path: evil})
	for _, r := range got {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("the report holds %q", r)
		}
	}
	if !strings.Contains(got, `\x1b]0;owned\a`) {
		t.Error("hostile text is not shown as what it was")
	}
}

func TestColorOnlyAddsColor(t *testing.T) {
	paint := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for name, run := range runs {
		d := run(t)
		painted := text(t, d, Options{Color: true})
		if paint.ReplaceAllString(painted, "") != text(t, d, Options{}) {
			t.Errorf("%s: the report in colour has other words", name)
		}
		if !strings.HasPrefix(painted, "\x1b[1;3") {
			t.Errorf("%s: the verdict has no colour", name)
		}
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	d := goodRun(t)
	if err := JSON(&b, d); err != nil {
		t.Fatal(err)
	}
	again, err := results.Read(&b)
	if err != nil || again.Counts != d.Counts {
		t.Errorf("the document came back as %+v, %v", again, err)
	}
}

// TestTheDocumentsOfTheTestsAreSound keeps the golden files honest: but for the
// one that is to be wrong, nothing in them contradicts itself.
func TestTheDocumentsOfTheTestsAreSound(t *testing.T) {
	for name, run := range runs {
		if err := run(t).Check(); (err != nil) != (name == "invalid") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
