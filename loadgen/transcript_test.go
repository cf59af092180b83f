package loadgen

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds text against a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the text is not that of %s; -update writes it\n%s", path, got)
	}
}

// thinking is a server that takes a millisecond longer for each step of a session than for the one before.
func thinking(then func(moment) answer) func(moment) answer {
	return func(m moment) answer {
		a := then(m)
		a.after = time.Duration(m.step) * time.Millisecond
		return a
	}
}

func TestTranscripts(t *testing.T) {
	for _, row := range []struct {
		name   string
		plan   func(*profiles.Plan)
		answer func(moment) answer
	}{
		{"first-two-sessions", func(p *profiles.Plan) { p.Transcript, p.MessagesPerSession, p.Recipients = 2, 2, message.Fixed(2) }, nil},
		{"first-two-failures", func(p *profiles.Plan) { p.TranscriptFailures = 2 }, everyFourth(timing.Rcpt, reply("550 5.1.1 \x1b[31mno\x1b[0m"))},
		{"one-session-and-one-failure", func(p *profiles.Plan) { p.Transcript, p.TranscriptFailures = 1, 1 }, everyFourth(timing.Accept, answer{deed: drop})},
		{"a-timeout", func(p *profiles.Plan) { p.TranscriptFailures = 1 }, everyFourth(timing.Mail, answer{deed: mute})},
		{"a-broken-connection", func(p *profiles.Plan) { p.TranscriptFailures = 1 }, everyFourth(timing.Data, answer{deed: reset})},
		{"a-long-content", func(p *profiles.Plan) { p.Transcript, p.Size = 1, message.Fixed(3000) }, nil},
		{"none-failed", func(p *profiles.Plan) { p.TranscriptFailures = 5 }, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.answer == nil {
				row.answer = func(moment) answer { return answer{} }
			}
			sim := scenario{
				plan: func(p *profiles.Plan) {
					p.Rate, p.Messages, p.Concurrency = 0.01, 20, 1
					row.plan(p)
				},
				answer:  thinking(row.answer),
				network: transport.SimulatedOptions{Network: transport.Network{Latency: transport.Constant(way)}},
			}.play(t)
			golden(t, "transcript-"+row.name+".txt", sim.transcript.Bytes())
		})
	}
}

// A refused attempt to connect is a session that failed.
func TestATranscriptOfARefusedConnection(t *testing.T) {
	sim := scenario{
		plan:    func(p *profiles.Plan) { p.Rate, p.Messages, p.Concurrency, p.TranscriptFailures = 1, 5, 1, 1 },
		network: refusing(func(int) bool { return false }),
	}.play(t)
	golden(t, "transcript-a-refused-connection.txt", sim.transcript.Bytes())
}

func TestATranscriptOfTwoAddresses(t *testing.T) {
	sim := scenario{
		plan: func(p *profiles.Plan) {
			p.Targets, p.Messages, p.Concurrency, p.Transcript = []string{"mx.example.com:2525"}, 5, 1, 2
		},
		network: transport.SimulatedOptions{Shape: refusingAt("127.0.0.9", 2)},
		guests:  guestList{"127.0.0.9:2525": newServer(nil).accept},
		options: Options{Resolver: hosts{"mx.example.com": addrs("127.0.0.9", "127.0.0.1")}},
	}.play(t)
	golden(t, "transcript-two-addresses.txt", sim.transcript.Bytes())
}

// What is of the moment in a message is masked in texts that are made with the system's clock.
var (
	dates       = regexp.MustCompile(`Date: .*`)
	identifiers = regexp.MustCompile(`<(\d+)\.[0-9a-f]{16}@`)
	runs        = regexp.MustCompile(`run=[^;]*;`)
)

func masked(text []byte) []byte {
	text = dates.ReplaceAll(text, []byte("Date: (now)"))
	text = runs.ReplaceAll(text, []byte("run=(run);"))
	return identifiers.ReplaceAll(text, []byte("<$1.(run)@"))
}

func TestADryRunShowsTheFirstMessage(t *testing.T) {
	for _, row := range []struct {
		name string
		plan func(*profiles.Plan)
	}{
		{"closed-loop", func(p *profiles.Plan) { p.Size = message.Fixed(100) }},
		{"open-loop", func(p *profiles.Plan) {
			p.Rate, p.Size, p.Recipients, p.From = 500, message.Fixed(0), message.Fixed(3), ""
		}},
		{"built-in-sink", func(p *profiles.Plan) { p.Targets, p.Size, p.Subject = nil, message.Fixed(10), "mail {n} für dich" }},
	} {
		t.Run(row.name, func(t *testing.T) {
			plan := testPlan()
			row.plan(&plan)
			var out bytes.Buffer
			if err := DryRun(&out, plan); err != nil {
				t.Fatal(err)
			}
			golden(t, "dryrun-"+row.name+".txt", masked(out.Bytes()))
		})
	}
}
