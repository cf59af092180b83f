package sink

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseScript(t *testing.T) {
	got, err := ParseScript([]byte(`
behave: ["connect: delay 1s", "mail: 450 above 100/s"]
greylist: 5s
tarpit: 250ms
reply-by-address: true
users:
  - ann@Example.com quota 1000
domains:
  Slow.example:
    behave: "rcpt: delay 1s..3s"
  "*":
    behave:
      - "accept: 451 5%"
`))
	want := Script{
		Behaviours: parseBehaviours(t, "connect: delay 1s", "mail: 450 above 100/s"),
		Greylist:   5 * time.Second, Tarpit: 250 * time.Millisecond, ReplyByAddress: true,
		Users: []User{{Address: "ann@Example.com", Quota: 1000}},
		Domains: map[string][]Behaviour{
			"slow.example": parseBehaviours(t, "rcpt: delay 1s..3s"), "*": parseBehaviours(t, "accept: 451 5%"),
		},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if _, err := ParseScript(nil); err != nil {
		t.Errorf("an empty script: %v", err)
	}
}

func TestScriptErrorsNameTheirPlaces(t *testing.T) {
	_, err := ParseScript([]byte(`behave: ["rcpt: 45", rcpt: 450]
greylist: soon
reply-by-address: yes
users: [nobody]
color: red
domains:
  bad domain: {behave: []}
  a.example: {greet: x}
  b.example: [x]
`))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"line 1, column 10: behaviour \"rcpt: 45\", column 7", "line 1, column 22: not a text", "line 2, column 11: \"soon\"",
		"line 3, column 19: \"yes\"", "line 4, column 9: user \"nobody\"", "line 5, column 1: key \"color\" is none of behave, domains, greylist",
		"line 7, column 3: domain \"bad domain\"", "line 8, column 15: key \"greet\" is none of behave", "line 9, column 14: not a mapping",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in:\n%v", want, err)
		}
	}
	for text, place := range map[string]string{
		"[x]": "line 1,", "domains: 5": "line 1,", "\nbehave: {a: b}": "line 2,", "greylist: -1s": "line 1,",
		"\n\tx": "line 2,", "a: [\n": "L2.C1", // as the reader of YAML has it
	} {
		if _, err := ParseScript([]byte(text)); err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("%q: %v, want it to name %s", text, err, place)
		}
	}
}

func TestDomainsHaveBehavioursAtTheirOwnSteps(t *testing.T) {
	c := Config{DomainBehaviours: map[string][]Behaviour{
		"a.example": parseBehaviours(t, "rcpt: 450", "accept: drop", "mail: 450"), "no domain": nil,
	}}
	err := c.Check()
	if err == nil || !strings.Contains(err.Error(), `"mail: 450"`) || !strings.Contains(err.Error(), "no domain") || strings.Contains(err.Error(), `"rcpt`) {
		t.Errorf("%v", err)
	}
}
