package profiles

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/timing"
)

// write puts a profile into a folder of the test and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bench.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheStrongestSourceWins(t *testing.T) {
	profile := "target: smtp://127.0.0.1:2525\nrate: 1/s\n"
	for _, tt := range []struct {
		name string
		from Sources
		want float64
	}{
		{"nobody says anything about the rate", Sources{Flags: Flags{"target": {"smtp://127.0.0.1:1"}}}, 0},
		{"the profile wins over the default", Sources{Profile: write(t, profile)}, 1},
		{"the environment wins over the profile",
			Sources{Profile: write(t, profile), Environ: []string{"MAILMILL_RATE=2/s"}}, 2},
		{"the flag wins over all",
			Sources{Profile: write(t, profile), Environ: []string{"MAILMILL_RATE=2/s"}, Flags: Flags{"rate": {"3/s"}}}, 3},
		{"an empty variable is none", Sources{Profile: write(t, profile), Environ: []string{"MAILMILL_RATE="}}, 1},
		{"without a target the first run is made", Sources{}, 500},
		{"a flag wins over the first run", Sources{Flags: Flags{"rate": {"0"}}}, 0},
		{"the environment's target is a target", Sources{Environ: []string{"MAILMILL_TARGET=smtp://127.0.0.1:1"}}, 0},
	} {
		plan, err := Load(tt.from)
		if err != nil || plan.Rate != tt.want {
			t.Errorf("%s: rate %v, error %v; want %v", tt.name, plan.Rate, err, tt.want)
		}
	}
}

// Stages have rates and lengths of their own. Of two sources the stronger has its way.
func TestStagesAndARateGiveWayToEachOther(t *testing.T) {
	staged := "target: 127.0.0.1:1\nstages: 20s@1/s, 10s@5/s\n"
	for _, tt := range []struct {
		name   string
		from   Sources
		stages int
		rate   float64
		length time.Duration
	}{
		{"stages of the command line win over the first run", Sources{Flags: Flags{"stages": {"7s@2/s"}}}, 1, 0, 7 * time.Second},
		{"over the environment", Sources{Flags: Flags{"stages": {"7s@2/s"}}, Environ: []string{"MAILMILL_RATE=4/s", "MAILMILL_DURATION=1s"}}, 1, 0, 7 * time.Second},
		{"and over a profile", Sources{Flags: Flags{"stages": {"7s@2/s"}}, Profile: write(t, "rate: 3/s\nduration: 1m\n")}, 1, 0, 7 * time.Second},
		{"a rate of the command line wins over a profile's stages", Sources{Flags: Flags{"rate": {"2/s"}}, Profile: write(t, staged)}, 0, 2, 10 * time.Second},
		{"so does a length, and closes the loop", Sources{Flags: Flags{"duration": {"2s"}}, Profile: write(t, staged)}, 0, 0, 2 * time.Second},
		{"a profile has stages", Sources{Profile: write(t, staged)}, 2, 0, 30 * time.Second},
	} {
		plan, err := Load(tt.from)
		if err != nil || len(plan.Stages) != tt.stages || plan.Rate != tt.rate || plan.Length() != tt.length {
			t.Errorf("%s: %d stages, rate %v, length %v, error %v", tt.name, len(plan.Stages), plan.Rate, plan.Length(), err)
		}
	}
	path := write(t, "rate: 3/s\n"+staged)
	if _, err := Load(Sources{Profile: path}); err == nil || !strings.HasPrefix(err.Error(), path+":3:9: stages: stages have rates") {
		t.Errorf("both in one profile: %v", err)
	}
}

func TestTheLengthOfARun(t *testing.T) {
	for _, tt := range []struct {
		name     string
		flags    Flags
		messages int64
		duration time.Duration
	}{
		{"neither is given", Flags{}, 0, 10 * time.Second},
		{"messages remove the default duration", Flags{"messages": {"70"}}, 70, 0},
		{"a duration is taken", Flags{"duration": {"3s"}}, 0, 3 * time.Second},
		{"both are limits", Flags{"messages": {"70"}, "duration": {"3s"}}, 70, 3 * time.Second},
		{"without end, because asked for", Flags{"duration": {"0"}}, 0, 0},
	} {
		for _, target := range []Flags{{}, {"target": {"smtp://127.0.0.1:1"}}} {
			for name, texts := range tt.flags {
				target[name] = texts
			}
			plan, err := Load(Sources{Flags: target})
			if err != nil || plan.Messages != tt.messages || plan.Duration != tt.duration {
				t.Errorf("%s %v: %d messages, %v, error %v", tt.name, target, plan.Messages, plan.Duration, err)
			}
		}
	}
}

func TestListsReplaceAndKeysMerge(t *testing.T) {
	plan, err := Load(Sources{
		Profile: write(t, `
header: ["X-One: profile"]
label: {server: old, site: a}
timeout: {accept: 2m, rcpt: 7s}
local-addr: [127.0.0.2, 127.0.0.3]
`),
		Environ: []string{"MAILMILL_HEADER=X-Two: environment\nX-Three: environment", "MAILMILL_TIMEOUT=rcpt=8s,quit=1s"},
		Flags:   Flags{"label": {"server=new"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"X-Two: environment", "X-Three: environment"}; !reflect.DeepEqual(plan.Headers, want) {
		t.Errorf("headers %q, want %q", plan.Headers, want)
	}
	if want := map[string]string{"server": "new", "site": "a"}; !reflect.DeepEqual(plan.Labels, want) {
		t.Errorf("labels %v, want %v", plan.Labels, want)
	}
	for step, want := range map[timing.Step]time.Duration{
		timing.Accept: 2 * time.Minute, timing.Rcpt: 8 * time.Second, timing.Quit: time.Second, timing.Connect: 10 * time.Second} {
		if plan.Timeouts[step] != want {
			t.Errorf("time-out of %v is %v, want %v", step, plan.Timeouts[step], want)
		}
	}
	if len(plan.LocalAddrs) != 2 {
		t.Errorf("local addresses %v", plan.LocalAddrs)
	}
}

func TestATimeoutWithoutAStepIsForAll(t *testing.T) {
	plan, err := Load(Sources{Flags: Flags{"timeout": {"3s", "quit=1s"}}})
	if err != nil || plan.Timeouts[timing.Accept] != 3*time.Second || plan.Timeouts[timing.Quit] != time.Second {
		t.Errorf("%v, error %v", plan.Timeouts, err)
	}
}

// Everything that is wrong is told at once, each with its place.
func TestAllFaultsAtOnce(t *testing.T) {
	path := write(t, `# a profile with mistakes
raet: 5/s
rate: 500/x
size: [1, 2]
messages: ~
helo: a.example
helo: b.example
max_faults: 3
header:
  - "no colon"
  - [x]
concurrency: 0
`)
	_, err := Load(Sources{
		Profile: path,
		Environ: []string{"MAILMILL_DURATION=10"},
		Flags:   Flags{"timeout": {"acept=3s"}, "recipients": {"x"}, "data": {filepath.Join(filepath.Dir(path), "none.eml")}},
	})
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error %T %v, want Faults", err, err)
	}
	want := []string{
		path + `:2:1: unknown setting "raet"; did you mean rate?`,
		path + `:4:7: size takes one value`,
		path + `:5:11: messages has no value; give one or delete the line`,
		path + `:7:1: helo stands in line 6 already; keep one of them`,
		path + `:8:1: unknown setting "max_faults"; write max-faults`,
		path + `:11:5: header takes a list of plain values`,
		path + `:3:7: rate: "500/x": column 5: "x" is not a unit of time; write /s, /m or /h`,
		`MAILMILL_DURATION: "10": no unit; write 10s or 10ms`,
		`--recipients: "x": not a whole number`,
		`--timeout: "acept=3s": "acept" is not a step; did you mean accept?; the steps are resolve connect greeting `,
		`--data: open `,
		path + `:12:14: concurrency: 0 is out of range; from 1 to 1000000 is possible`,
		path + `:10:5: header: "no colon" is no header field; write 'Name: value'`,
	}
	lines := strings.Split(faults.Error(), "\n")
	for i := range max(len(lines), len(want)) {
		switch {
		case i >= len(lines):
			t.Errorf("missing: %s", want[i])
		case i >= len(want):
			t.Errorf("too many: %s", lines[i])
		case !strings.HasPrefix(lines[i], want[i]):
			t.Errorf("line %d\n got %s\nwant %s", i, lines[i], want[i])
		}
	}
}

func TestWhatIsNoProfile(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"an open bracket", "size: [1\nrate: 2\n", ":2:5: not YAML: did not find expected ',' or ']' while parsing a flow sequence; a profile is lines of 'setting: value'"},
		{"nothing", "# only words\n", ": not YAML: no documents in stream; a profile is lines of 'setting: value'"},
		{"two documents", "size: 1\n---\nsize: 2\n", ": not YAML: expected single document, found multiple; a profile is lines of 'setting: value'"},
		{"a list", "- size\n", ":1:1: a profile is lines of 'setting: value'"},
		{"a merge key", "<<: {size: 1}\n", `:1:1: unknown setting "<<"; the settings are the long flags of mailmill run --help`},
	} {
		path := write(t, tt.text)
		if _, err := Load(Sources{Profile: path}); err == nil || err.Error() != path+tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.name, err, path+tt.want)
		}
	}
}

func TestAProfileThatIsNotThere(t *testing.T) {
	for name, want := range map[string]string{
		"fist-run": `--profile: "fist-run" is neither a file nor one of the profiles ` + strings.Join(Names(), ", ") + `; did you mean first-run?`,
		"x.yaml":   `--profile: "x.yaml" is neither a file nor one of the profiles ` + strings.Join(Names(), ", "),
	} {
		if _, err := Load(Sources{Profile: name}); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", name, err, want)
		}
	}
}

// Unquoted header fields in a list are mappings for YAML, and meant as fields.
func TestHeadersWithoutQuotes(t *testing.T) {
	plan, err := Load(Sources{Profile: write(t, "header:\n  - X-One: 1\n  - 'X-Two: 2'\n")})
	if want := []string{"X-One: 1", "X-Two: 2"}; err != nil || !reflect.DeepEqual(plan.Headers, want) {
		t.Errorf("headers %q, error %v", plan.Headers, err)
	}
}

func TestEmbeddedProfilesLoadAndSayWhomTheyModel(t *testing.T) {
	for _, name := range Names() {
		if _, err := Load(Sources{Profile: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if text, _ := Source(name); !strings.HasPrefix(string(text), "# ") {
			t.Errorf("%s does not begin with a comment that says whom it models", name)
		}
	}
}

// A factor is for stages. That of a profile goes with its stages, where these give way.
func TestTheScaleOfStages(t *testing.T) {
	path := write(t, "stages: 2s@1/s, 1s@1..3/s\nscale: 10\n")
	plan, err := Load(Sources{Profile: path})
	if err != nil || plan.Offered()[1].To != 30 || plan.Stages[1].To != 3 || plan.Values()["stages"] != "2s@1/s, 1s@1..3/s" {
		t.Errorf("%v of %v, error %v", plan.Offered(), plan.Stages, err)
	}
	if plan, err := Load(Sources{Profile: path, Flags: Flags{"scale": {"2"}}}); err != nil || plan.Offered()[0].From != 2 {
		t.Errorf("%v, error %v", plan.Offered(), err)
	}
	if plan, err := Load(Sources{Profile: path, Flags: Flags{"duration": {"2s"}}}); err != nil || plan.Scale != 1 || plan.Length() != 2*time.Second {
		t.Errorf("scale %v of a load of %v, error %v", plan.Scale, plan.Length(), err)
	}
	for want, from := range map[string]Sources{
		"--scale: a factor is for stages; leave it out, or give stages":        {Flags: Flags{"scale": {"2"}}},
		`--scale: "0": no factor; write a number above 0, such as 2.5`:         {Flags: Flags{"scale": {"0"}}},
		"--scale: the stages come to more than 1000000000/s; lower the factor": {Profile: path, Flags: Flags{"scale": {"900000000"}}},
	} {
		if _, err := Load(from); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
