package profiles

import (
	"strings"
	"testing"
)

// What is printed is a profile, and loading it gives the same plan: from whatever sources, and of whatever settings.
func TestAPrintedPlanIsTheSamePlan(t *testing.T) {
	message := write(t, "Subject: a\n\nb\n")
	for _, tt := range []struct {
		name string
		from Sources
	}{
		{"a message of one's own", Sources{Flags: Flags{"data": {message}}}},
		{"the first run", Sources{}},
		{"a target and nothing else", Sources{Flags: Flags{"target": {"127.0.0.1:1"}}}},
		{"stages over the first run's rate", Sources{Flags: Flags{"stages": {"1s@5/s, 2s@5..50/s"}}}},
		{"a rate over a profile's stages", Sources{Profile: write(t, "stages: 3s@1/s\n"), Flags: Flags{"rate": {"5/s"}}}},
		{"lists, texts and signs", Sources{Flags: Flags{
			"header": {"X-A: 1, 2", `X-B: "quoted" #no remark`, "X-C: é <b>"}, "subject": {"null"}, "timeout": {"3s", "accept=1h"},
			"local-addr": {"127.0.0.2", "::1"}, "label": {"a=1 # 2", "b=: x"}, "check": {"none", "failed:ratio<1%; abort; after=90s"},
			"from": {""}, "duration": {"0"}, "messages": {"70"}, "target": {"mx:example.com"},
		}}},
		{"classes", Sources{Profile: write(t, threeClasses)}},
		{"classes, with a flag over all", Sources{Profile: write(t, threeClasses), Flags: Flags{"size": {"5k"}}, Environ: []string{"MAILMILL_RECIPIENTS=3"}}},
		{"a class that takes a list away", Sources{Profile: write(t, "header: 'X-A: 1'\nclasses: [{name: a, header: 'X-B: 2'}, {name: b, from: ''}]\n")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan, err := Load(tt.from)
			if err != nil {
				t.Fatal(err)
			}
			printed := plan.YAML()
			again, err := Load(Sources{Profile: write(t, string(printed))})
			if err != nil {
				t.Fatalf("%v in\n%s", err, printed)
			}
			if again.SHA256() != plan.SHA256() {
				t.Errorf("another sum from\n%s", printed)
			}
			want := plan.Values()
			for name, value := range again.Values() {
				if value != want[name] {
					t.Errorf("%s is %q, was %q", name, value, want[name])
				}
			}
		})
	}
}

func TestAPrintedPlanSaysWhereEachSettingCameFrom(t *testing.T) {
	path := write(t, threeClasses+"label: {a: b}\n")
	plan, err := Load(Sources{Profile: path, Environ: []string{"MAILMILL_SEED=7"}, Flags: Flags{"messages-per-session": {"3"}, "size": {"5k"}, "stages": {"1s@2/s"}}})
	if err != nil {
		t.Fatal(err)
	}
	printed := string(plan.YAML())
	for _, want := range []string{
		"\n# Load\nrate: 0  # " + path + ":2:7, gave way to --stages\n",
		"\nstages: 1s@2/s  # --stages\n",
		"\nseed: 7  # MAILMILL_SEED\n",
		"\nrecipients: 1  # default\n",
		"\nlabel: a=b  # " + path + ":14:12\n",
		"\n# data:  # default\n",
		"\nmessages-per-session: 3  # --messages-per-session\n",
		"\nclasses:\n  - name: small\n    weight: 70\n    # size: given at " + path + ":8:11, gave way to --size\n  - name: list\n",
		"\n    recipients: 20  # " + path + ":11:17\n",
	} {

		if !strings.Contains(squeeze(printed), want) {
			t.Errorf("no %q in\n%s", want, printed)
		}
	}
}

// squeeze leaves two blanks before a remark.
func squeeze(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if value, origin, found := strings.Cut(line, "  # "); found && strings.TrimSpace(value) != "" {
			line = strings.TrimRight(value, " ") + "  # " + origin
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestNoPasswordInAPrintedPlan(t *testing.T) {
	plan := Default()
	plan.Targets = []string{"smtp://u:secret@127.0.0.1:25"}
	if printed := string(plan.YAML()); strings.Contains(printed, "secret") || !strings.Contains(printed, `target: "smtp://u:xxxxx@127.0.0.1:25"`) {
		t.Error(printed)
	}
}

// Every profile that comes with mailmill is good, says whom it models, and is the same plan when it is printed.
func TestTheProfilesThatComeWithMailmill(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			plan, err := Load(Sources{Profile: name})
			if err != nil {
				t.Fatal(err)
			}
			again, err := Load(Sources{Profile: write(t, string(plan.YAML()))})
			if err != nil || again.SHA256() != plan.SHA256() {
				t.Errorf("printed it is another plan: %v", err)
			}
			if s := Summary(name); len(s) < 40 || !strings.HasSuffix(s, ".") && !strings.Contains(s, ":") {
				t.Errorf("it does not say whom it models: %q", s)
			}
			text, _ := Source(name)
			words := strings.Join(strings.Fields(strings.ReplaceAll(string(text), "#", "")), " ")
			if name != "smoke" && name != firstRun && !strings.Contains(words, "our own estimate") && !strings.Contains(words, "model nobody") {
				t.Error("it does not say which of its figures are made up")
			}
		})
	}
}

func TestAProfileThatIsNoneHasNoSummary(t *testing.T) {
	if s := Summary("none-such"); s != "" {
		t.Errorf("%q", s)
	}
}
