package check

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	for _, row := range []struct {
		in, canonical string
		limit         float64
		unit          string
	}{
		{"response:p99<250ms", "response:p99<250ms", 250e6, "ns"},
		{"response{class=bulk}:p99<250ms", "response{class=bulk}:p99<250ms", 250e6, "ns"},
		{"replies{code=5xx}:ratio<0.1%", "replies{code=5xx}:ratio<0.1%", 0.001, "ratio"},
		{" service : p99.90 <= 1.5 s ", "service:p99.9<=1.5s", 1.5e9, "ns"},
		{"queue:max<500us", "queue:max<500us", 5e5, "ns"},
		{"queue:max<500µs", "queue:max<500µs", 5e5, "ns"},
		{"step{ step = accept , class=a b }:mean<3ms", "step{step=accept,class=a b}:mean<3ms", 3e6, "ns"},
		{"replies{step=rcpt,code=45x,enhanced=4.7.1}:count==0", "replies{step=rcpt,code=45x,enhanced=4.7.1}:count==0", 0, "count"},
		{"faults{kind=timeout,side=server,step=mail}:per_s<1/s", "faults{kind=timeout,side=server,step=mail}:per_s<1/s", 1, "per_s"},
		{"accepted:per_s>=490 per s", "accepted:per_s>=490per s", 490, "per_s"},
		{"accepted:per_s>=490per_s", "accepted:per_s>=490per_s", 490, "per_s"},
		{"rate:min>400", "rate:min>400", 400, "per_s"},
		{"rate:ratio>=99%", "rate:ratio>=99%", 0.99, "ratio"},
		{"failed:ratio<7%", "failed:ratio<7%", 0.07, "ratio"},
		{"dropped:ratio<0.01", "dropped:ratio<0.01", 0.01, "ratio"},
		{"backlog:max<=100", "backlog:max<=100", 100, "count"},
		{"unknown:count!=3", "unknown:count!=3", 3, "count"},
		{"response:count>1000", "response:count>1000", 1000, "count"},
	} {
		c, err := Parse(row.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", row.in, err)
			continue
		}
		if c.String() != row.canonical || c.limit != row.limit || c.unit != row.unit {
			t.Errorf("Parse(%q) = %s, limit %v %s; want %s, limit %v %s", row.in, c, c.limit, c.unit, row.canonical, row.limit, row.unit)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, row := range []struct {
		in     string
		column int
		says   string
	}{
		{"", 1, "metric expected, not the end"},
		{"foo>1", 1, `unknown metric "foo": use response, service`},
		{"respones:p99<250ms", 1, `unknown metric "respones": did you mean response?`},
		{"resp:p99<250ms", 1, "did you mean response?"},
		{"latency:p99<250ms", 1, `unknown metric "latency": use response, service`},
		{"response", 9, `":" expected between metric and aggregate, not the end`},
		{"response p99<1s", 10, `":" expected between metric and aggregate, not "p99"`},
		{"response:<250ms", 10, `aggregate of response expected, not "<"`},
		{"response:p100<250ms", 10, `"100" is not a number between 0 and 100`},
		{"response:p0<250ms", 10, "use min"},
		{"response:p99.9.9<250ms", 10, "is not a number"},
		{"response:maxx<250ms", 10, `unknown aggregate of response "maxx": did you mean max?`},
		{"response:ratio<1%", 10, `unknown aggregate of response "ratio": use p50`},
		{"accepted:p99>1", 10, `unknown aggregate of accepted "p99": use count, ratio, per_s`},
		{"backlog:per_s>1", 9, `unknown aggregate of backlog "per_s"`},
		{"response:p99=250ms", 13, `a comparison expected, not "="`},
		{"response:p99", 13, "a comparison expected, not the end"},
		{"response:p99<", 14, "a number expected, not the end"},
		{"response:p99<fast", 14, `a number expected, not "fast"`},
		{"response:p99<-1ms", 14, `a number expected, not "-1ms"`},
		{"response:p99<1.2.3ms", 14, "a number expected"},
		{"response:p99<250", 17, "a unit is missing: this is a duration"},
		{"response:p99<250%", 17, "% is not the unit of a duration"},
		{"response:p99<250 m", 18, "a unit is missing"},
		{"accepted:count>5ms", 17, "ms is not the unit of a count"},
		{"accepted:ratio>99", 18, "a ratio over 1: write 99%"},
		{"accepted:ratio>99/s", 18, "/s is not the unit of a ratio"},
		{"response:p99<250ms and more", 20, "nothing more was expected"},
		{"response{class=bulk:p99<1s", 27, `"," or "}" expected in a selector, not the end`},
		{"response{class=}:p99<1s", 16, "a value is missing behind class="},
		{"response{}:p99<1s", 10, `key of response expected, not "}"`},
		{"response{step=mail}:p99<1s", 10, `unknown key of response "step": use class`},
		{"response{class=a,class=b}:p99<1s", 18, "class stands twice"},
		{"response{class bulk}:p99<1s", 16, `"=" expected behind class, not "bulk"`},
		{"replies{stpe=rcpt}:count<1", 9, `unknown key of replies "stpe": did you mean step?`},
		{"replies{step=acept}:count<1", 14, `unknown step "acept": did you mean accept?`},
		{"replies{code=600}:count<1", 14, `code "600" is not a reply code`},
		{"replies{code=4x1}:count<1", 14, `code "4x1" is not a reply code`},
		{"faults{kind=timeouts}:count<1", 13, "did you mean timeout?"},
		{"faults{kind=none}:count<1", 13, `unknown kind "none"`},
		{"faults{side=client}:count<1", 13, "use server, generator"},
		{"step:p99<1s", 5, "step needs a selector, as step{step=accept}"},
		{"step{class=bulk}:p99<1s", 5, "step needs step in its selector"},
		{"backlog{class=bulk}:max<1", 8, "backlog has no selector"},
		{"ünknown:count<1", 1, "did you mean unknown?"},
		{"response{class=ü}:p98x<1s", 19, `unknown aggregate of response "p98x"`},
	} {
		_, err := Parse(row.in)
		syntax, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("Parse(%q) = %v, want a SyntaxError", row.in, err)
			continue
		}
		if syntax.Column != row.column || !strings.Contains(syntax.Message, row.says) {
			t.Errorf("Parse(%q): column %d: %s\nwant column %d: %s", row.in, syntax.Column, syntax.Message, row.column, row.says)
		}
	}
}

func TestTheCaretPointsAtTheColumn(t *testing.T) {
	_, err := Parse("response:\tmaxx<1s")
	want := "check, column 11: unknown aggregate of response \"maxx\": did you mean max?\n" +
		"\tresponse: maxx<1s\n" +
		"\t          ^"
	if err == nil || err.Error() != want {
		t.Errorf("the error reads\n%v\nwant\n%s", err, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"response{class=bulk}:p99<250ms", "replies{step=rcpt,code=4xx}:ratio<0.1%", "accepted:per_s>=490/s",
		"backlog:max==0", "step{step=accept}:p99.99 != 1 s", "response{class=\xff}:p5<1ns", "{", "rate{class=,", "a:b<c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		c, err := Parse(in)
		if syntax, ok := errors.AsType[*SyntaxError](err); ok {
			if syntax.Column < 1 || syntax.Column > utf8.RuneCountInString(in)+1 {
				t.Fatalf("Parse(%q): column %d is outside", in, syntax.Column)
			}
			_ = syntax.Error()
			return
		}
		if err != nil {
			t.Fatalf("Parse(%q): %v is no SyntaxError", in, err)
		}
		again, err := Parse(c.String())
		if err != nil || again.String() != c.String() || again.limit != c.limit {
			t.Fatalf("Parse(%q) reads as %q, and that as %q, %v", in, c, again, err)
		}
	})
}
