package sink

import (
	"crypto/tls"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A vector is a dialogue of the protocol's vector file: what is sent, and what
// each reply may be.
type vector struct {
	ID, Title, Pre string
	Steps          []struct {
		Send   string
		Expect []string
	}
}

// later is the rule for vectors that need a feature which the sink does not offer:
// the command, or the state before it, that calls for the feature.
var later = []struct {
	feature string
	calls   func(v vector) bool
}{
	{"LMTP", func(v vector) bool { return v.Pre == "lbanner" || v.Pre == "lhlo" }},
	{"BDAT", sends(`(?i)^BDAT `)},
}

func sends(pattern string) func(vector) bool {
	re := regexp.MustCompile(pattern)
	return func(v vector) bool {
		for _, step := range v.Steps {
			if re.MatchString(step.Send) {
				return true
			}
		}
		return false
	}
}

// lateVectors are the vectors that the rules above leave out, by feature. The test
// holds the list to the rules, so that none is left out by accident.
var lateVectors = map[string]string{
	"BDAT": "E01 E03 E04 E06 E07 E10 E12 E13",
	"LMTP": "I01 I03 I04 I06",
}

// vectorConfig is the sink that the vectors are written for.
func vectorConfig(t *testing.T) Config {
	t.Helper()
	certificate, err := SelfSigned("sink.example")
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		TLS:         &tls.Config{Certificates: []tls.Certificate{certificate}},
		Accounts:    []Account{{"user", "secret"}},
		AuthInClear: true,
	}
}

func loadVectors(t *testing.T) (now []vector) {
	t.Helper()
	data, err := os.ReadFile("testdata/sink_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	left := map[string][]string{}
	for _, v := range all {
		if feature := featureOf(v); feature != "" {
			left[feature] = append(left[feature], v.ID)
			continue
		}
		now = append(now, v)
	}
	for feature, want := range lateVectors {
		if got := strings.Join(left[feature], " "); got != want {
			t.Errorf("vectors that wait for %s: %s, want %s", feature, got, want)
		}
	}
	if len(now) < 50 {
		t.Fatalf("%d vectors to replay of %d: too few to mean anything", len(now), len(all))
	}
	return now
}

func featureOf(v vector) string {
	for _, rule := range later {
		if rule.calls(v) {
			return rule.feature
		}
	}
	return ""
}

// A talker is a connection to a sink, whatever carries it.
type talker interface {
	say(octets string)
	// reply returns the code of the next reply, EOF, or NONE if none comes.
	reply(mayBeNone bool) string
}

// replay plays one vector.
func replay(t *testing.T, v vector, c talker) {
	t.Helper()
	if v.Pre != "none" {
		c.reply(false)
	}
	if v.Pre == "ehlo" {
		c.say("EHLO vec.example\r\n")
		c.reply(false)
	}
	for _, step := range v.Steps {
		c.say(step.Send)
		for i, want := range step.Expect {
			got := c.reply(strings.Contains(want, "NONE"))
			if !regexp.MustCompile("^(" + want + ")$").MatchString(got) {
				t.Fatalf("%s %s: reply %d to %.60q is %s, want %s", v.ID, v.Title, i+1, step.Send, got, want)
			}
			if got == "EOF" {
				break
			}
		}
	}
}

// An inMemory talker drives the state machine itself.
type inMemory struct {
	*client
	byOctet bool
	lines   []string
}

func (m *inMemory) say(octets string) {
	switch {
	case octets == "@TLS": // of which the sink has had word already
		m.lines = append(m.lines, "TLSOK")
	case m.byOctet:
		m.trickle(octets)
	default:
		m.send(octets)
	}
}

func (m *inMemory) reply(bool) string {
	m.lines = append(m.lines, finalLines(m.said())...)
	switch {
	case len(m.lines) > 0:
		code, _, _ := strings.Cut(m.lines[0], " ")
		m.lines = m.lines[1:]
		return code
	case m.closed:
		return "EOF"
	}
	return "NONE"
}

func TestVectorsHoldInMemory(t *testing.T) {
	config := vectorConfig(t)
	for _, v := range loadVectors(t) {
		for name, byOctet := range map[string]bool{"whole": false, "one octet at a time": true} {
			t.Run(v.ID+" "+name, func(t *testing.T) {
				k := newSink(t, config)
				replay(t, v, &inMemory{client: dial(t, k), byOctet: byOctet})
			})
		}
	}
}
