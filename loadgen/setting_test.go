package loadgen

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/profiles"
	"mailmill/results"
)

// elsewhere are the settings that show in no simulation, with where they are carried out.
var elsewhere = map[string]string{
	"transport":       "TestARunOverSockets",
	"raw":             "the program opens the file",
	"sink-security":   "TestTheBuiltInSinkHasTLSAndLogins",
	"dkim-key":        "TestMessagesAreSigned",
	"dkim-domain":     "TestMessagesAreSigned",
	"dkim-selector":   "TestMessagesAreSigned",
	"dns":             "TestEachSessionResolvesAnew",
	"tls-ca":          "TestWhatSessionsDoBeforeMail",
	"tls-server-name": "TestWhatSessionsDoBeforeMail",
	"tls-insecure":    "TestWhatSessionsDoBeforeMail",
	"tls-cert":        "TestWhatSessionsDoBeforeMail",
	"tls-key":         "TestWhatSessionsDoBeforeMail",
	"tls-min":         "TestWhatSessionsDoBeforeMail",
	"tls-max":         "TestWhatSessionsDoBeforeMail",
	"tls-ciphers":     "TestWhatSessionsDoBeforeMail",
	"tls-resume":      "TestWhatSessionsDoBeforeMail",
	"auth-users":      "TestWhatSessionsDoBeforeMail",
	"auth":            "TestWhatSessionsDoBeforeMail",
	"auth-per":        "TestWhatSessionsDoBeforeMail",
	"xclient":         "TestWhatSessionsDoBeforeMail",
	"xforward":        "TestWhatSessionsDoBeforeMail",
	"auth-plaintext":  "TestWhoMayLogInInClear",
}

// effects has a value for every other setting, and what has to be set for it to matter.
var effects = []struct{ setting, value, with string }{
	{"target", "127.0.0.1:2526", ""},
	{"allow-public-target", "true", ""},
	{"ipv4", "true", "target=[::1]:2525"},
	{"ipv6", "true", ""},
	{"rate", "25", ""},
	{"stages", "1s@10/s, 1s@10..20/s", "rate=0"},
	{"scale", "1.5", "rate=0 stages=1s@10/s,_1s@10..20/s"},
	{"arrivals", "poisson", ""},
	{"concurrency", "3", ""},
	{"misbehave", "no-quit@2", ""},
	{"idle-sessions", "2", ""},
	{"idle-noop", "300ms", "idle-sessions=1"},
	{"open-rate", "2", ""},
	{"messages", "7", ""},
	{"duration", "1s", ""},
	{"warm-up", "500ms", ""},
	{"max-lateness", "300ms", ""},
	{"think", "100ms", "rate=0"},
	{"drain", "100ms", ""},
	{"max-faults", "2", ""},
	{"shard", "1/2", ""},
	{"start-at", "+5s", ""},
	{"from", "other{n}@example.com", ""},
	{"from-order", "random", "from=a{n}@example.com,b{n}@example.com"},
	{"null-sender", "50%", ""},
	{"to", "other{n}@example.com", ""},
	{"to-order", "zipf:2", "to=u{1..9}@example.com"},
	{"domains", "a.example=2,b.example=1", "to=u{n}@{domain}"},
	{"unknown-share", "50%", ""},
	{"unknown", "none{n}@example.com", "unknown-share=50% transcript=9"},
	{"recipients", "1..3", ""},
	{"size", "200..300", ""},
	{"attach", "text/plain=30", ""},
	{"sample", "gtube", ""},
	{"data", "-", ""},
	{"corpus", "testdata/two.mbox", ""},
	{"corpus-order", "random", "corpus=testdata/two.mbox"},
	{"template", "testdata/template.eml", ""},
	{"header", "X-Test: yes", ""},
	{"subject", "another", ""},
	{"seed", "2", ""},
	{"helo", "other.example.com", ""},
	{"proxy", "v1", ""},
	{"client-addr", "192.0.2.7", "proxy=v1"},
	{"messages-per-session", "3", ""},
	{"rset-between", "true", "messages-per-session=3"},
	{"timeout", "accept=100ms", ""},
	{"pipeline", "true", ""},
	{"bdat", "100", ""},
	{"binary", "true", "bdat=100 force=true transcript=1"},
	{"dsn", "notify=never", "force=true transcript=1"},
	{"mail-params", "XONE=1", "transcript=1"},
	{"rcpt-params", "XONE=1", "transcript=1"},
	{"force", "true", "bdat=100"},
	{"limits", "false", "messages-per-session=5"},
	{"before", "mail:noop", ""},
	{"loops", "3", ""},
	{"spin", "true", ""},
	{"dials", "3", ""},
	{"local-addr", "127.0.0.7", ""},
	{"linger", "0", ""},
	{"quickack", "true", ""},
	{"check", "accepted:count>100000", ""},
	{"label", "color=blue", ""},
	{"transcript", "1", ""},
	{"transcript-failures", "1", ""},
}

// No setting is taken and ignored.
func TestEverySettingMatters(t *testing.T) {
	var named []string
	for _, row := range effects {
		named = append(named, row.setting)
		t.Run(row.setting, func(t *testing.T) {
			before := fingerprint(t, row.with)
			after := fingerprint(t, row.with+" "+row.setting+"="+strings.ReplaceAll(row.value, " ", "_"))
			if before == after {
				t.Errorf("--%s %q changes nothing", row.setting, row.value)
			}
		})
	}
	for _, s := range profiles.Settings {
		if elsewhere[s.Name] == "" && !slices.Contains(named, s.Name) {
			t.Errorf("nobody has looked whether --%s does anything", s.Name)
		}
	}
}

// fingerprint is all that can be seen of a run with some settings "name=value": what it asked of its transport, what
// its server heard and when, its transcript, and its document without what only repeats the plan.
func fingerprint(t *testing.T, settings string) string {
	heard := fnv.New64a()
	s := scenario{
		plan: func(p *profiles.Plan) {
			p.Rate, p.Duration, p.Concurrency = 20, 2*time.Second, 2
			for pair := range strings.FieldsSeq(settings) {
				set(t, p, pair)
			}
		},
		// Too slow for the rate, and every fourth message ends in a fault.
		answer:  offering(failingOrTaking(200*time.Millisecond), "PIPELINING", "LIMITS MAILMAX=2"),
		content: func(slot int64, octets []byte) { fmt.Fprintf(heard, "%d %s", slot, octets) },
		options: Options{Input: strings.NewReader("Subject: from the input\n\nHello.\n")},
	}
	sim, err := s.perform(t)
	asked := sim.settings
	asked.Allow = nil
	var document []byte
	if d := sim.document; d != nil {
		d.Run, d.Load = results.Run{Labels: d.Run.Labels}, results.Offered{}
		document, _ = json.Marshal(d)
	}
	k := sim.server
	return fmt.Sprintf("%+v %t\n%v %v %v %v %x\n%s\n%s\n%v", asked, sim.settings.Allow == nil,
		k.commands, k.pipelined, k.peers, k.arrivals, heard.Sum64(), sim.transcript.String(), document, err)
}

// set sets a plan's setting.
func set(t *testing.T, p *profiles.Plan, pair string) {
	t.Helper()
	name, value, _ := strings.Cut(pair, "=")
	s, ok := profiles.Lookup(name)
	if !ok {
		t.Fatalf("there is no setting %s", name)
	}
	if err := s.Value(p).Set(strings.ReplaceAll(value, "_", " ")); err != nil {
		t.Fatalf("--%s: %v", name, err)
	}
}

// The values are as the table of settings has them, so that a step's time-out is that step's.
func TestTheTimeoutOfEachStepIsItsOwn(t *testing.T) {
	for _, step := range []timing.Step{timing.Greeting, timing.EHLO, timing.Mail, timing.Rcpt, timing.Data, timing.Accept} {
		t.Run(step.String(), func(t *testing.T) {
			limit := 100 * time.Millisecond * time.Duration(step)
			sim := scenario{
				plan: func(p *profiles.Plan) {
					p.Messages, p.Concurrency = 1, 1
					for s := range p.Timeouts {
						p.Timeouts[s] = time.Hour
					}
					p.Timeouts[step] = limit
				},
				answer: func(m moment) answer {
					if m.step == step && m.session > 0 {
						return answer{deed: mute}
					}
					return answer{}
				},
			}.play(t)
			if f := sim.document.Faults; len(f) != 1 || f[0].Step != step.String() || f[0].Kind != "timeout" || f[0].First != limit {
				t.Errorf("the faults are %+v, want a time-out of %v after %v", f, step, limit)
			}
		})
	}
}
