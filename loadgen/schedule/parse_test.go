package schedule

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestParseRate(t *testing.T) {
	tests := []struct {
		text  string
		want  float64
		error string
	}{
		{"500/s", 500, ""},
		{"500", 500, ""},
		{" 500 / s ", 500, ""},
		{"0.5/s", 0.5, ""},
		{"1e4/s", 10_000, ""},
		{"30/m", 0.5, ""},
		{"30/min", 0.5, ""},
		{"7200/h", 2, ""},
		{"0", 0, ""},
		{"1000000000", 1e9, ""},
		{"", 0, `rate "": column 1: "" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
		{"fast", 0, `rate "fast": column 1: "fast" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
		{"/s", 0, `rate "/s": column 1: "" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
		{"500/d", 0, `rate "500/d": column 5: "d" is not a unit of time; write /s, /m or /h`},
		{"500/ ", 0, `rate "500/ ": column 5: "" is not a unit of time; write /s, /m or /h`},
		{" -3/s", 0, `rate " -3/s": column 2: "-3" is out of range; a rate is from 0 to 1000000000/s`},
		{"2e9", 0, `rate "2e9": column 1: "2e9" is out of range; a rate is from 0 to 1000000000/s`},
		{"NaN", 0, `rate "NaN": column 1: "NaN" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
		{"0x10", 0, `rate "0x10": column 1: "0x10" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
	}
	for _, test := range tests {
		got, err := ParseRate(test.text)
		if got != test.want || errorText(err) != test.error {
			t.Errorf("ParseRate(%q) = %v, %v\nwant %v, %s", test.text, got, err, test.want, test.error)
		}
	}
}

func TestParseStages(t *testing.T) {
	tests := []struct {
		text  string
		want  []Stage
		error string
	}{
		{"30s@100/s", []Stage{{30 * second, 100, 100}}, ""},
		{"30s@100/s, 2m@100..1000/s, 1m@1000/s", []Stage{{30 * second, 100, 100}, {120 * second, 100, 1000}, {60 * second, 1000, 1000}}, ""},
		{"30s@100,1h30m@100..0", []Stage{{30 * second, 100, 100}, {90 * 60 * second, 100, 0}}, ""},
		{" 10s @ 60 .. 120 / m ", []Stage{{10 * second, 1, 2}}, ""},
		{"10s@0/s, 10s@0.5..1.5/s", []Stage{{10 * second, 0, 0}, {10 * second, 0.5, 1.5}}, ""},
		{"", nil, `stages "": column 1: "" is not a stage; write a duration and a rate, such as 30s@500/s`},
		{"30s@1/s,", nil, `stages "30s@1/s,": column 9: "" is not a stage; write a duration and a rate, such as 30s@500/s`},
		{"30s@1/s, 500/s", nil, `stages "30s@1/s, 500/s": column 10: "500/s" is not a stage; write a duration and a rate, such as 30s@500/s`},
		{"30s@1/s, 2x@5/s", nil, `stages "30s@1/s, 2x@5/s": column 10: "2x" is not a duration above 0; write one such as 30s, 2m or 1h30m`},
		{"0s@1/s", nil, `stages "0s@1/s": column 1: "0s" is not a duration above 0; write one such as 30s, 2m or 1h30m`},
		{"30s@1..x/s", nil, `stages "30s@1..x/s": column 8: "x" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
		{"30s@x..1/s", nil, `stages "30s@x..1/s": column 5: "x" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
		{"30s@1..2/y", nil, `stages "30s@1..2/y": column 10: "y" is not a unit of time; write /s, /m or /h`},
		{"30s@1/s..2/s", nil, `stages "30s@1/s..2/s": column 5: "1/s" is not a rate; write one such as 500/s, 30/m or 0.5/s`},
		{"30s@0/s", nil, `stages "30s@0/s": no stage has a rate above 0`},
	}
	for _, test := range tests {
		got, err := ParseStages(test.text)
		if !reflect.DeepEqual(got, test.want) || errorText(err) != test.error {
			t.Errorf("ParseStages(%q) = %v, %v\nwant %v, %s", test.text, got, err, test.want, test.error)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestWhatStringWritesParseReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := constants(highest).Draw(t, "constant")
		if got, err := ParseRate(c.String()); err != nil || got != float64(c) {
			t.Fatalf("%s was read as %v, %v", c, got, err)
		}
		stages := append(stageLists(highest).Draw(t, "stages"), Stage{second, 1, 1})
		text := NewStages(stages...).String()
		if got, err := ParseStages(text); err != nil || !reflect.DeepEqual(got, stages) {
			t.Fatalf("%s was read as %v, %v", text, got, err)
		}
	})
}
