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

func loadVectors(t *testing.T) (all []vector) {
	t.Helper()
	data, err := os.ReadFile("testdata/sink_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 80 {
		t.Fatalf("%d vectors: too few to mean anything", len(all))
	}
	return all
}

// lmtp reports whether a vector is for a server of LMTP.
func (v vector) lmtp() bool { return v.Pre == "lbanner" || v.Pre == "lhlo" }

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
	if hello := map[string]string{"ehlo": "EHLO", "lhlo": "LHLO"}[v.Pre]; hello != "" {
		c.say(hello + " vec.example\r\n")
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
				config.LMTP = v.lmtp()
				k := newSink(t, config)
				replay(t, v, &inMemory{client: dial(t, k), byOctet: byOctet})
			})
		}
	}
}
