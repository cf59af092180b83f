package profiles

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

func TestEveryRowOfTheTableIsComplete(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+[46]?(-[a-z]+)*$`)
	seen := map[string]bool{}
	for _, s := range Settings {
		switch {
		case !name.MatchString(s.Name) || seen[s.Name]:
			t.Errorf("%s: not a name of its own in lower case with hyphens", s.Name)
		case !strings.HasSuffix(s.Usage, ".") && !strings.HasSuffix(s.Usage, "--data."):
			t.Errorf("%s: usage is no sentence: %q", s.Name, s.Usage)
		case !slices.Contains(Groups, s.Group):
			t.Errorf("%s: group %q is not shown", s.Name, s.Group)
		case s.Switch() != (s.Value(&Plan{}).Type() == "bool"):
			t.Errorf("%s: a switch has no placeholder, and only a switch", s.Name)
		}
		seen[s.Name] = true
	}
}

// Each field's text form is read back as the same value: documents, help and the
// plan's sum depend on it.
func TestValuesAreReadBackAsWritten(t *testing.T) {
	plan, err := Load(Sources{Flags: Flags{
		"target": {"smtp://127.0.0.1:24"}, "allow-public-target": {"true"}, "rate": {"1000/h"}, "concurrency": {"7"}, "misbehave": {"silent", "slow-writer=7@5%", "drop=data@2"},
		"arrivals": {"poisson"}, "open-rate": {"30/m"}, "warm-up": {"20ms"}, "max-lateness": {"1500ms"},
		"messages": {"9"}, "duration": {"90m"}, "drain": {"2m"}, "max-faults": {"3"}, "from": {""}, "to": {"a{n}@example.com"},
		"recipients": {"1..5"}, "size": {"4KiB..1MiB"}, "from-order": {"turn"}, "to-order": {"turn"}, "null-sender": {"0%"}, "unknown-share": {"2.5%"}, "unknown": {"no@example.com"}, "attach": {"a/b=5", "c/d=1MiB"}, "sample": {"gtube"}, "header": {"X-A: 1", "X-B: 2"}, "subject": {"s"}, "seed": {"18446744073709551615"},
		"helo": {"[127.0.0.1]"}, "messages-per-session": {"0"}, "timeout": {"3s", "accept=1h"}, "transport": {"epoll"}, "loops": {"2"},
		"spin": {"true"}, "dials": {"8"}, "local-addr": {"127.0.0.2", "::1"}, "linger": {"0"}, "quickack": {"true"},
		"label": {"a=1", "b=2"}, "check": {"accepted:count>0", "none", "failed:ratio<1%; abort; after=90s; window=2m"}, "shard": {"1/4"}, "start-at": {"+5s"}, "raw": {"true"}, "transcript": {"1"}, "transcript-failures": {"2"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	values := plan.Values()
	again := Default()
	for _, s := range Settings {
		if err := s.assign(&again, split(values[s.Name], s.Separator)); err != nil {
			t.Errorf("%s: %q is not read back: %v", s.Name, values[s.Name], err)
		}
	}
	again.From = plan.From // no text at all is the null path, and is no value in an environment
	for _, s := range Settings {
		if got := again.Values()[s.Name]; got != values[s.Name] {
			t.Errorf("%s: %q became %q", s.Name, values[s.Name], got)
		}
	}
	if values["rate"] == "0" || values["duration"] != "1h30m" || values["timeout"] != "3s,accept=1h" ||
		values["check"] != "accepted:count>0\nnone\nfailed:ratio<1%; abort; after=1m30s; window=2m" {
		t.Errorf("values %v", values)
	}
}

func TestStagesAreReadBackAsWritten(t *testing.T) {
	plan, err := Load(Sources{Flags: Flags{"stages": {"30s@100/s,2m@100..1000/s , 1h@36000/h"}}})
	if err != nil {
		t.Fatal(err)
	}
	values := plan.Values()
	if want := "30s@100/s, 2m@100..1000/s, 1h@10/s"; values["stages"] != want || values["rate"] != "0" || values["duration"] != "0s" {
		t.Errorf("%q, want %q; rate %s, duration %s", values["stages"], want, values["rate"], values["duration"])
	}
	if !plan.Open() || plan.Length() != 30*time.Second+2*time.Minute+time.Hour {
		t.Errorf("an open load is %v, its length %v", plan.Open(), plan.Length())
	}
}

func TestDefaultsAreShownAsTheyAreSet(t *testing.T) {
	plan := Default()
	for _, s := range Settings {
		if got := s.Value(&plan).String(); s.Default != "" && got != s.Default {
			t.Errorf("%s: default %q is shown as %q", s.Name, s.Default, got)
		}
	}
}

func TestFlagsGatherTexts(t *testing.T) {
	fs := pflag.NewFlagSet("run", pflag.ContinueOnError)
	given := AddFlags(fs)
	err := fs.Parse([]string{"--rate=1/s", "--rate", "wrong", "--spin", "--header=X-A: 1, 2", "--header", "X-B: 3"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{"rate": {"wrong"}, "spin": {"true"}, "header": {"X-A: 1, 2", "X-B: 3"}} {
		if !slices.Equal(given[name], want) {
			t.Errorf("--%s gathered %q, want %q", name, given[name], want)
		}
	}
	if len(given) != 3 {
		t.Errorf("flags that were not given gathered something: %v", given)
	}
}

func TestEnvName(t *testing.T) {
	if got := EnvName("messages-per-session"); got != "MAILMILL_MESSAGES_PER_SESSION" {
		t.Error(got)
	}
}
