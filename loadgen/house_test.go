package loadgen

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"mailmill/profiles"
	"mailmill/results"
)

// The built-in sink has TLS that the run trusts, and knows those who log in.
func TestTheBuiltInSinkHasTLSAndLogins(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, security := range []string{"none", "starttls", "tls"} {
		t.Run(security, func(t *testing.T) {
			d := overSockets(t, t.Context(), "auto", func(p *profiles.Plan) {
				p.Messages, p.Concurrency, p.MessagesPerSession = 40, 3, 2
				p.SinkSecurity, p.AuthUsers = security, "example:5"
			})
			if d.Counts.Accepted != 40 || len(d.Faults) > 0 {
				t.Errorf("the books are %+v, with faults %s", d.Counts, faultsOf(d))
			}
			for step, want := range map[string]bool{"auth": true, "starttls": security == "starttls", "tls": security != "none"} {
				if n := handshakes(d, step); (n == d.Counts.Sessions) != want || !want && n != 0 {
					t.Errorf("%d of the step %s in %d sessions", n, step, d.Counts.Sessions)
				}
			}
		})
	}
}

// handshakes is how often a step came to its end.
func handshakes(d *results.Document, step string) int64 {
	for _, s := range d.Steps {
		if s.Name == step {
			return s.Latency.Count
		}
	}
	return 0
}

func TestUsersThatAreMadeUp(t *testing.T) {
	text, err := exampleUsers("2")
	if err != nil || text != "user0@example.com:example\nuser1@example.com:example\n" {
		t.Errorf("%q, %v", text, err)
	}
	for _, wrong := range []string{"", "0", "-1", "many", "100001"} {
		if _, err := exampleUsers(wrong); err == nil || err.Error() != fmt.Sprintf("%q is no number of users from 1 to 100000; write example:100", wrong) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// Recipients that the plan wants to be unknown are, to the built-in sink too.
func TestTheBuiltInSinkKnowsWhomItShouldNot(t *testing.T) {
	d := overSockets(t, t.Context(), "auto", func(p *profiles.Plan) {
		p.Messages, p.UnknownShare, p.Unknown = 200, 0.3, "nobody{n}@example.com,gone-{rand:4}@example.com"
	})
	if c := d.Counts; c.Accepted+c.Rejected != 200 || c.Rejected < 20 || c.RecipientsRejected != c.Rejected {
		t.Errorf("the books are %+v", c)
	}
	for _, r := range d.Replies {
		if r.Step == "rcpt" && r.Code == 550 && (r.Enhanced != "5.1.1" || r.Count != d.Counts.Rejected) {
			t.Errorf("refused by %+v", r)
		}
	}
}

// Every profile that comes with mailmill runs against the built-in sink, which takes all but unknown recipients.
func TestEveryProfileRuns(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, name := range profiles.Names() {
		t.Run(name, func(t *testing.T) {
			plan, err := profiles.Load(profiles.Sources{Profile: name})
			if err != nil {
				t.Fatal(err)
			}
			plan.Stages, plan.Rate, plan.WarmUp, plan.Duration, plan.Messages = nil, 200, 0, 0, 40
			d, err := Run(t.Context(), plan, Options{Tool: "test"})
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Check(); err != nil {
				t.Error(err)
			}
			if d.Counts.Accepted+d.Counts.Rejected != 40 || d.Counts.Accepted < 10 || len(d.Faults) > 0 || len(d.Classes) != len(plan.Classes) {
				t.Errorf("the books are %+v, with faults %s, in %d classes", d.Counts, faultsOf(d), len(d.Classes))
			}
		})
	}
}
