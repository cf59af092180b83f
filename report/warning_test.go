package report

import (
	"strings"
	"testing"
	"time"

	"mailmill/results"
)

func TestWarnings(t *testing.T) {
	accept := func(d *results.Document) *results.Latency { return &d.Steps[5].Latency }
	refuse := func(d *results.Document, replies ...results.Reply) { d.Replies = append(d.Replies, replies...) }
	for _, row := range []struct {
		when   string
		change func(*results.Document)
		name   string // of the warning, or none
		words  string // a part of words and advice
	}{
		{"all is well", func(*results.Document) {}, "", ""},
		{"a quarter of a step waits for a delayed ACK", func(d *results.Document) {
			*accept(d) = *drawn(t, 0, band{20000, ms, 20 * ms}, band{7000, 41 * ms, 44 * ms})
		}, "delayed-ack", "25.93 % of accept took 40 to 45 ms"},
		{"the replies to one group of RCPT are late", func(d *results.Document) {
			d.Counts.Begun = 540
			*accept(d) = *drawn(t, 0, band{26950, ms, 20 * ms}, band{450, 41 * ms, 44 * ms})
		}, "", ""},
		{"a server is slow in all ways", func(d *results.Document) { *accept(d) = *spread(t, 30000, ms, 100*ms, 0) },
			"", ""},
		{"a spike stands elsewhere", func(d *results.Document) {
			*accept(d) = *drawn(t, 0, band{20000, ms, 20 * ms}, band{7000, 50 * ms, 53 * ms})
		}, "", ""},
		{"nine replies are no spike", func(d *results.Document) { *accept(d) = *drawn(t, 0, band{91, ms, 20 * ms}, band{9, 41 * ms, 44 * ms}) },
			"", ""},
		{"half a percent is no spike", func(d *results.Document) {
			*accept(d) = *drawn(t, 0, band{20000, ms, 20 * ms}, band{100, 41 * ms, 44 * ms})
		}, "", ""},
		{"a histogram is damaged", func(d *results.Document) { accept(d).HDR = "?" }, "", ""},
		{"the mean service needs more workers", func(d *results.Document) { d.Load.Workers = 7 },
			"workers", "500/s × the mean of service, 15.0 ms, keeps 8 workers busy; there are 7"},
		{"the p99 needs more workers", func(d *results.Document) { d.Load.Workers = 8 },
			"workers", "the p99 of service, 27.8 ms, keeps 14 workers busy; there are 8"},
		{"the highest rate of a ramp needs more workers", func(d *results.Document) {
			d.Load.Workers = 20
			d.Load.Stages = []results.Stage{{From: 100, To: 2000, Duration: 30 * time.Second}, {From: 100, To: 100, Duration: 30 * time.Second}}
		}, "workers", "2,000/s at the highest × the mean of service, 15.0 ms, keeps 30 workers busy; there are 20"},
		{"the highest rate of a ramp lies in its warm-up", func(d *results.Document) {
			d.Load.Workers = 20
			d.Window.SteadyStart = 30 * time.Second
			d.Load.Stages = []results.Stage{{From: 2000, To: 500, Duration: 30 * time.Second}, {From: 500, To: 500, Duration: 30 * time.Second}}
		}, "", ""},
		{"a share has its share of the workers", func(d *results.Document) {
			d.Load.Workers, d.Load.Share, d.Rates.Offered = 5, &results.Share{M: 1, N: 4}, 125
		}, "", ""},
		{"pipelining was asked for in vain", func(d *results.Document) { d.Counts.SessionsUnpipelined = 12 },
			"unpipelined", "pipelining was asked for, and 12 of "},
		{"messages were withheld for two reasons", func(d *results.Document) {
			d.Faults = append(d.Faults, results.Fault{Step: "mail", Kind: "not-offered", Count: 2, Example: "the server offers no DSN"},
				results.Fault{Class: "large", Step: "mail", Kind: "not-offered", Count: 5, Example: "the server offers no CHUNKING: leave out --bdat"})
		}, "withheld", "7 messages not sent: the server offers no CHUNKING"},
		{"sessions ended at the server's limit", func(d *results.Document) { d.Counts.SessionsSpent = 1 },
			"spent", "1 session ended because the server takes no more messages in one"},
		{"rows could not be written as fast", func(d *results.Document) { d.Generator.RowsWaited = 1200 * ms },
			"rows", "the load waited 1.20 s for rows to be written: latencies hold that wait write --out to a faster disk"},
		{"a closed loop has few workers", func(d *results.Document) { d.Load.Workers, d.Rates.Offered = 1, 0 },
			"", ""},
		{"sessions might not be opened as fast as they were needed", func(d *results.Document) {
			d.Load.OpenRate, d.Counts.Sessions = 100, 5999
		}, "open-rate", "as many sessions were opened as might be, 100 a second"},
		{"sessions might be opened faster than they were needed", func(d *results.Document) {
			d.Load.OpenRate, d.Counts.Sessions = 100, 5000
		}, "", ""},
		{"most refusals are one of Exim's limits", func(d *results.Document) {
			refuse(d, results.Reply{Step: "greeting", Code: 421, Count: 30, Example: "mx: Too many concurrent SMTP connections; please try again later"},
				results.Reply{Step: "rcpt", Code: 550, Count: 10, Example: "no"})
		}, "one-refusal", "75.00 % of the refusals are one reply to greeting: 421 mx: Too many concurrent"},
		{"the setting of Exim's limit is named", func(d *results.Document) {
			refuse(d, results.Reply{Step: "greeting", Code: 421, Count: 30, Example: "mx: Too many concurrent SMTP connections; please try again later"})
		}, "one-refusal", "Exim: smtp_accept_max"},
		{"most refusals are one that nobody knows", func(d *results.Document) {
			refuse(d, results.Reply{Step: "rcpt", Code: 451, Enhanced: "4.7.1", Count: 30, Example: "come back"})
		}, "one-refusal", "451 4.7.1 come back a limit of the server was met: raise it there"},
		{"the server has no such mailbox", func(d *results.Document) {
			refuse(d, results.Reply{Step: "rcpt", Code: 550, Enhanced: "5.1.1", Count: 30, Example: "User unknown"})
		}, "one-refusal", "550 5.1.1 User unknown the server has no such mailbox: give some with --to"},
		{"mailboxes were to be unknown", func(d *results.Document) {
			d.Run.Plan = map[string]string{"unknown-share": "20%"}
			refuse(d, results.Reply{Step: "rcpt", Code: 550, Enhanced: "5.1.1", Count: 30, Example: "User unknown"})
		}, "", ""},
		{"mailboxes were to be unknown, and senders are refused", func(d *results.Document) {
			d.Run.Plan = map[string]string{"unknown-share": "20%"}
			refuse(d, results.Reply{Step: "mail", Code: 550, Enhanced: "5.1.8", Count: 30, Example: "Domain not found"})
		}, "one-refusal", "give another sender with --from"},
		{"the server wants TLS", func(d *results.Document) {
			refuse(d, results.Reply{Step: "mail", Code: 530, Enhanced: "5.7.0", Count: 30, Example: "Must issue a STARTTLS command first"})
		}, "one-refusal", "give a target of smtp+starttls://"},
		{"the server wants a login", func(d *results.Document) {
			refuse(d, results.Reply{Step: "mail", Code: 530, Enhanced: "5.7.0", Count: 30, Example: "Authentication required"})
		}, "one-refusal", "the server wants a login first: give one with --auth-users"},
		{"messages are too large", func(d *results.Document) {
			refuse(d, results.Reply{Step: "mail", Code: 552, Count: 30, Example: "Message size exceeds fixed limit"})
		}, "one-refusal", "lower --size"},
		{"a rule forbids", func(d *results.Document) {
			refuse(d, results.Reply{Step: "rcpt", Code: 554, Enhanced: "5.7.1", Count: 30, Example: "Access denied"})
		}, "one-refusal", "a rule of the server forbids this"},
		{"refusals are of many kinds", func(d *results.Document) {
			refuse(d, results.Reply{Step: "rcpt", Code: 451, Count: 20}, results.Reply{Step: "rcpt", Code: 452, Count: 20})
		}, "", ""},
		{"refusals are few", func(d *results.Document) { refuse(d, results.Reply{Step: "rcpt", Code: 451, Count: 9}) },
			"", ""},
		{"a session was closed early", func(d *results.Document) {
			d.Faults = []results.Fault{{Step: "accept", Kind: "closed", Side: "server", Count: 1}, {Step: "accept", Kind: "timeout", Side: "server", Count: 5}}
		}, "closed-early", "the server closed 1 session without"},
	} {
		d := goodRun(t)
		row.change(d)
		var names, words []string
		for _, w := range Warnings(d) {
			names, words = append(names, w.Name), append(words, w.Words+" "+w.Advice)
		}
		if got := strings.Join(names, " "); got != row.name {
			t.Errorf("when %s, the warnings are %q, want %q", row.when, got, row.name)
		}
		if got := strings.Join(words, " "); !strings.Contains(got, row.words) {
			t.Errorf("when %s, the words are %q, want %q in them", row.when, got, row.words)
		}
	}
}

func TestAShortRunSaysSo(t *testing.T) {
	d := goodRun(t)
	d.Window = results.Window{SteadyEnd: 2 * time.Second}
	if got := text(t, d, Options{}); !strings.HasPrefix(got, "VALID      but a run of 2.00 s is too short to tell whether mailmill kept up\n") {
		t.Errorf("the report begins with %.80q", got)
	}
}

func TestAShortWindowSaysSo(t *testing.T) {
	d := goodRun(t)
	d.Window = results.Window{SteadyStart: 8 * time.Second, SteadyEnd: 10 * time.Second}
	if got := text(t, d, Options{}); !strings.HasPrefix(got, "VALID      but a window of 2.00 s is too short to tell") {
		t.Errorf("the report begins with %.80q", got)
	}
}

func TestLoadInWords(t *testing.T) {
	stage := func(from, to float64) results.Stage {
		return results.Stage{From: from, To: to, Duration: time.Minute}
	}
	late := 250 * ms
	for _, row := range []struct {
		load results.Offered
		says string
	}{
		{results.Offered{}, ""},
		{results.Offered{Model: results.Open, Arrivals: "poisson", Workers: 1}, "open loop, poisson 500/s, 1 worker; window 55.0 s, drain up to 0 µs"},
		{results.Offered{Model: results.Open, Arrivals: "poisson", Workers: 2, OpenRate: 30, WarmUp: time.Second}, "2 workers, at most 30 sessions opened a second; window 55.0 s after a warm-up of 1.00 s"},
		{results.Offered{Model: results.Open, MaxLateness: &late}, "slots dropped when later than 250 ms"},
		{results.Offered{Model: results.Open, Stages: []results.Stage{stage(1, 2), stage(2, 2), stage(2, 3), stage(3, 4), stage(4, 5), stage(5, 6)}},
			"1 to 2/s for 60.0 s, then 2/s for 60.0 s, then 2 to 3/s for 60.0 s, then 3 to 4/s for 60.0 s, and 2 stages more"},
	} {
		d := goodRun(t)
		d.Load = row.load
		if got := load(d); !strings.Contains(got, row.says) || row.says == "" && got != "" {
			t.Errorf("the load %+v reads %q, want %q in it", row.load, got, row.says)
		}
	}
}
