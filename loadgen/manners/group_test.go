package manners

import (
	"strings"
	"testing"

	"mailmill/loadgen/timing"
)

func TestParseGroup(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       Group
		written    string
	}{
		{"a kind alone is one client", "silent", Group{Manner: Manner{Kind: Silent}, Clients: 1}, "silent@1"},
		{"a count", "early-talker@3", Group{Manner: Manner{Kind: EarlyTalker}, Clients: 3}, "early-talker@3"},
		{"a percentage of the workers", "slow-writer=7@5%", Group{Manner: Manner{Kind: SlowWriter, Octets: 7}, Percent: 5}, "slow-writer=7@5%"},
		{"a part of a per cent", "no-quit@0.5%", Group{Manner: Manner{Kind: NoQuit}, Percent: 0.5}, "no-quit@0.5%"},
		{"the usual octets", "endless-content@2", Group{Manner: Manner{Kind: EndlessContent, Octets: 100_000}, Clients: 2}, "endless-content=100000@2"},
		{"a step", "drop=data", Group{Manner: Manner{Kind: Drop, Step: timing.Data}, Clients: 1}, "drop=data@1"},
		{"another step", "reset=content@4", Group{Manner: Manner{Kind: Reset, Step: timing.Content}, Clients: 4}, "reset=content@4"},
	} {
		got, err := ParseGroup(row.text)
		if err != nil || got != row.want || got.String() != row.written {
			t.Errorf("%s: %q is %+v (%v), written %q", row.name, row.text, got, err, got)
		}
		if again, err := ParseGroup(got.String()); err != nil || again != got {
			t.Errorf("%s: %q is read back as %+v (%v)", row.name, got, again, err)
		}
	}
}

func TestWrongGroupsSayWhatToWrite(t *testing.T) {
	for text, says := range map[string]string{
		"":                   "the kinds are early-talker, slow-writer",
		"slow":               `"slow" is no kind`,
		"silent=3":           "leave out =3",
		"drop":               "drop needs the step after which: drop=STEP, one of connect, greeting",
		"drop=accept":        "drop=STEP",
		"reset=":             "reset=STEP",
		"slow-writer=":       "write slow-writer=10",
		"slow-writer=0":      "from 1 to 1000000",
		"long-line=512":      "from 513",
		"endless-content=-1": "from 1 to 10000000",
		"silent@":            "write @3 or @5%",
		"silent@0":           "write @3 or @5%",
		"silent@0%":          "write @3 or @5%",
		"silent@NaN%":        "write @3 or @5%",
		"silent@5%%":         "write @3 or @5%",
		"silent@1000001":     "write @3 or @5%",
	} {
		if _, err := ParseGroup(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q in it", text, err, says)
		}
	}
}

func TestSharesAreRoundedUp(t *testing.T) {
	for _, row := range []struct {
		text          string
		workers, want int
	}{
		{"silent", 1000, 1}, {"silent@3", 1, 3}, {"silent@5%", 10, 1}, {"silent@5%", 20, 1}, {"silent@5%", 21, 2},
		{"silent@10%", 50, 5}, {"silent@200%", 7, 14}, {"silent@0.1%", 10, 1},
	} {
		g, err := ParseGroup(row.text)
		if err != nil || g.Count(row.workers) != row.want {
			t.Errorf("%s beside %d workers are %d clients (%v), want %d", row.text, row.workers, g.Count(row.workers), err, row.want)
		}
	}
	a, _ := ParseGroup("silent@10%")
	b, _ := ParseGroup("no-quit@3")
	if got := Count([]Group{a, b}, 15); got != 5 {
		t.Errorf("together they are %d clients, want 5", got)
	}
}

func TestEveryKindIsDescribed(t *testing.T) {
	notation := Notation()
	for k := range NumKinds {
		r := rows[k]
		if r.name == "" || r.meaning == "" || !strings.Contains(notation, r.name) || (r.usual > 0) != (r.argument == octetsPerSecond || r.argument == octetsOfLine) {
			t.Errorf("kind %d is not whole: %+v", k, r)
		}
	}
	if got := NumKinds.String(); got != "kind(13)" {
		t.Errorf("a kind outside the table reads %q", got)
	}
}
