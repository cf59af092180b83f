package profiles

import (
	"strings"
	"testing"
	"time"
)

func TestExpectationsAreReadAndWritten(t *testing.T) {
	for _, tt := range []struct {
		text    string
		written string // "" is the text itself
		abort   bool
		after   time.Duration
		window  time.Duration
	}{
		{"none", "", false, 0, 0},
		{"response:p99<250ms", "", false, 0, 0},
		{" response : p99 < 250 ms ; abort", "response:p99<250ms; abort", true, 0, 0},
		{"failed:ratio<1%; abort=true;after=90s;window=2m", "failed:ratio<1%; abort; after=1m30s; window=2m", true, 90 * time.Second, 2 * time.Minute},
		{"failed:ratio<1%; abort=false", "failed:ratio<1%", false, 0, 0},
	} {
		e, err := ParseExpectation(tt.text)
		if err != nil || e.Abort != tt.abort || e.After != tt.after || e.Window != tt.window {
			t.Errorf("%q: %+v, error %v", tt.text, e, err)
		}
		want := tt.written
		if want == "" {
			want = tt.text
		}
		if e.String() != want {
			t.Errorf("%q is written as %q, want %q", tt.text, e.String(), want)
		}
	}
}

func TestExpectationsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                           "column 1: metric expected, not the end: ",
		"respons:p99<250ms":                          `column 1: unknown metric "respons": did you mean response?`,
		"response:p99<250":                           "column 17: a unit is missing: ",
		" response:p99<250s":                         "",
		"response:p99<1s; abrt":                      `"abrt" is none of abort, after=D, window=D; did you mean abort?`,
		"response:p99<1s; abort; after=10":           "after: no unit; write 10s or 10ms",
		"response:p99<1s; abort; after=-1s":          "after: a time below 0; give 0 or more",
		"response:p99<1s; abort; window=0.5s":        "window: a check is looked at once a second; give 1s or more",
		"response:p99<1s; abort=maybe":               `abort is true or false, not "maybe"`,
		"response:p99<1s; after=1s":                  "after and window are for a check that may end the run; add abort",
		"response:p99<1s; abort; rate{class=a}:p1<1": `"rate{class=a}:p1<1" is none of abort`,
	} {
		_, err := ParseExpectation(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestABuiltInCheckGoesWhenItIsToldTo(t *testing.T) {
	for _, tt := range []struct {
		name  string
		flags Flags
		want  string
	}{
		{"a rate", Flags{"rate": {"5/s"}}, "accepted:count>0 begun:ratio>=99%"},
		{"stages", Flags{"stages": {"5s@5/s"}}, "accepted:count>0 begun:ratio>=99%"},
		{"a closed loop", Flags{"target": {"127.0.0.1:1"}}, "accepted:count>0"},
		{"a check of one's own", Flags{"target": {"127.0.0.1:1"}, "check": {"faults:count<3"}}, "accepted:count>0 faults:count<3"},
		{"only a check of one's own", Flags{"check": {"faults:count<3", "none"}}, "faults:count<3"},
		{"none", Flags{"check": {"none"}}, ""},
	} {
		plan, err := Load(Sources{Flags: tt.flags})
		var all []string
		for _, e := range plan.Expectations() {
			all = append(all, e.String())
		}
		if got := strings.Join(all, " "); err != nil || got != tt.want {
			t.Errorf("%s: %s, error %v; want %s", tt.name, got, err, tt.want)
		}
	}
}

func TestChecksOfAProfile(t *testing.T) {
	plan, err := Load(Sources{Profile: write(t, `
check:
  - response:p99<250ms
  - {check: "failed:ratio<1%", abort: true, after: 10s, window: 30s}
  - check: replies{code=5xx}:count<3
    abort: yes-please
`)})
	if err == nil || !strings.HasSuffix(err.Error(), `:5:5: check: "replies{code=5xx}:count<3; abort=yes-please": abort is true or false, not "yes-please"`) {
		t.Errorf("error %v", err)
	}
	if len(plan.Checks) != 2 || plan.Checks[1].String() != "failed:ratio<1%; abort; after=10s; window=30s" {
		t.Errorf("checks %v", plan.Checks)
	}
	for text, want := range map[string]string{
		"check: {check: 'faults:count<1', abort: true}":   "",
		"check:\n  - abort: true":                         ":2:5: check needs the key check",
		"check:\n  - check: ~":                            ":2:12: check takes a plain value for check",
		"check:\n  - {check: 'faults:count<1', afer: 1s}": `:2:31: check has no "afer"; did you mean after?; its keys are check, abort, after, window`,
		"check:\n  - response: p99<250ms":                 `:2:5: check has no "response"; its keys are check, abort, after, window`,
		"check: response:p98<":                            `:1:8: check: "response:p98<": column 14: a number expected, not the end`,
	} {
		path := write(t, text)
		_, err := Load(Sources{Profile: path})
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != path+want) {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
}
