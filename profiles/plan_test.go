package profiles

import (
	"strings"
	"testing"

	"mailmill/loadgen/schedule"
)

func TestNoPasswordInValues(t *testing.T) {
	for target, want := range map[string]string{
		"":                                "",
		"smtp://127.0.0.1:25":             "smtp://127.0.0.1:25",
		"smtp://u:secret@127.0.0.1:25":    "smtp://u:xxxxx@127.0.0.1:25",
		"smtp://u:se%zzcret@127.0.0.1:25": "xxxxx@127.0.0.1:25",
	} {
		plan := Default()
		plan.Targets = []string{target}
		if got := plan.Values()["target"]; got != want {
			t.Errorf("%q is shown as %q, want %q", target, got, want)
		}
	}
}

func TestTheSumIsThatOfTheLoad(t *testing.T) {
	base := Default()
	for _, tt := range []struct {
		name   string
		change func(*Plan)
		same   bool
	}{
		{"nothing", func(p *Plan) {}, true},
		{"another server", func(p *Plan) { p.Targets = []string{"smtp://127.0.0.1:1"} }, true},
		{"a label", func(p *Plan) { p.Labels = map[string]string{"a": "b"} }, true},
		{"a transcript", func(p *Plan) { p.Transcript = 1 }, true},
		{"the profile's name", func(p *Plan) { p.Profile = "x" }, true},
		{"another share of the run", func(p *Plan) { p.Shard = schedule.Share{M: 1, N: 4} }, true},
		{"when it begins", func(p *Plan) { p.StartAt.In = 1 }, true},
		{"rows of its slots", func(p *Plan) { p.Raw = true }, true},
		{"the rate", func(p *Plan) { p.Rate = 1 }, false},
		{"the seed", func(p *Plan) { p.Seed = 2 }, false},
		{"the transport", func(p *Plan) { p.Transport = "epoll" }, false},
		{"a header", func(p *Plan) { p.Headers = []string{"X: 1"} }, false},
		{"a time-out", func(p *Plan) { p.Timeouts[3]++ }, false},
	} {
		plan := base
		tt.change(&plan)
		if same := plan.SHA256() == base.SHA256(); same != tt.same {
			t.Errorf("%s: same sum is %v", tt.name, same)
		}
	}
	if len(base.SHA256()) != 64 || strings.Trim(base.SHA256(), "0123456789abcdef") != "" {
		t.Errorf("not a sum: %s", base.SHA256())
	}
}

func TestNearest(t *testing.T) {
	names := []string{"rate", "recipients", "messages", "messages-per-session"}
	for word, want := range map[string]string{
		"raet": "rate", "rat": "rate", "recipient": "recipients", "message": "messages", "messages_per_session": "messages-per-session",
		"": "", "x": "", "concurrency": "",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("%q: nearest is %q, want %q", word, got, want)
		}
	}
}
