package loadgen

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/sink"
	"mailmill/loadgen/target"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/report"
	"mailmill/results"
)

// probed holds a probe with a sink, in a simulation with a millisecond each way, at a fixed time.
func probed(t *testing.T, name string, o ProbeOptions, c sink.Config) (*sink.Sink, *results.Probe, error) {
	t.Helper()
	c.Hostname = "sink.example"
	k, err := sink.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	p := &probe{options: o, began: opening}
	err = p.run(t.Context(), name, func(options transport.Options) (transport.Transport, error) {
		network := transport.Network{Latency: transport.Constant(time.Millisecond)}
		sim := transport.NewSimulated(transport.SimulatedOptions{Options: options, Network: network})
		l, err := sim.Listen(transport.Endpoint{Addr: netip.MustParseAddrPort(home)}, k.Accept)
		return closingAfter{sim, l}, err
	})
	return k, &p.found, err
}

// closingAfter is a simulation whose listener closes when a conversation that was started is over.
type closingAfter struct {
	*transport.Simulated
	listener transport.Listener
}

func (c closingAfter) Start(loop int, one transport.Conversation) {
	c.Simulated.Start(loop, &closingTime{one, c.listener})
}

type closingTime struct {
	transport.Conversation
	listener transport.Listener
}

func (c *closingTime) Handle(e *transport.Event) transport.Action {
	a := c.Conversation.Handle(e)
	if a.Do == transport.Done {
		c.listener.Close()
	}
	return a
}

func probeOptions() ProbeOptions {
	return ProbeOptions{Plan: profiles.Default(), Timeout: 10 * time.Second}
}

// to is a probe with a recipient.
func to(mailbox string) ProbeOptions {
	o := probeOptions()
	o.To = mailbox
	return o
}

func behaving(t *testing.T, rules ...string) (c sink.Config) {
	t.Helper()
	for _, rule := range rules {
		b, err := sink.ParseBehaviour(rule)
		if err != nil {
			t.Fatal(err)
		}
		c.Behaviours = append(c.Behaviours, b)
	}
	return c
}

// withTLS is c with TLS. In a simulation nobody looks at certificates.
func withTLS(c sink.Config) sink.Config {
	c.TLS = &tls.Config{}
	return c
}

// everything is all that a sink can leave out.
func everything(t *testing.T) (e sink.Extension) {
	t.Helper()
	for _, name := range strings.Fields("PIPELINING SIZE 8BITMIME SMTPUTF8 DSN ENHANCEDSTATUSCODES CHUNKING BINARYMIME LIMITS VRFY EXPN HELP XCLIENT XFORWARD") {
		one, err := sink.ParseExtension(name)
		if err != nil {
			t.Fatal(err)
		}
		e |= one
	}
	return e
}

func TestAProbeShowsWhatAServerOffersAndDoes(t *testing.T) {
	limited := sink.Config{MaxTransactions: 5, MaxRecipients: 100, MaxRecipientDomains: 1, MaxSize: 1000, Domains: []string{"example.com"},
		Users: []sink.User{{Address: "ann@example.com"}}}
	deep := probeOptions()
	deep.Deep = true
	sending := to("ann@example.com")
	sending.Send = true
	clear := probeOptions()
	clear.NoStartTLS = true
	private := withTLS(sink.Config{Accounts: []sink.Account{{User: "user", Password: "secret"}}})
	implicit := private
	implicit.ImplicitTLS = true
	for _, row := range []struct {
		name, target string
		options      ProbeOptions
		sink         sink.Config
	}{
		{"all", home, probeOptions(), sink.Config{}},
		{"nothing", home, probeOptions(), sink.Config{Without: everything(t)}},
		{"helo", home, probeOptions(), behaving(t, "ehlo: 500 What?")},
		{"lmtp", "lmtp://" + home, to("ann@example.com"), sink.Config{LMTP: true}},
		{"starttls", home, probeOptions(), private},
		{"must-starttls", "smtp+starttls://" + home, probeOptions(), private},
		{"stays-in-clear", home, clear, private},
		{"implicit-tls", "smtps://" + home, probeOptions(), implicit},
		{"limits", home, to("ann@example.com"), limited},
		{"unknown-recipient", home, to("bob@example.com"), limited},
		{"sends", home, sending, limited},
		{"lone-lf-kept", home, deep, sink.Config{}},
		{"lone-lf-taken", home, deep, sink.Config{LenientLines: true}},
		{"odd-keywords", home, probeOptions(), behaving(t, `ehlo: 250 "sink.example\nX-\x1b[2J a\nSIZE large\nLIMITS FOO=1\n8bitmime\nAUTH=PLAIN\nXYZZY"`)},
		{"pipelining-fails", home, probeOptions(), behaving(t, "rset: 502 5.5.1 Not here")},
		{"starttls-refused", home, probeOptions(), withTLS(behaving(t, "starttls: 454 4.7.0 Not now"))},
	} {
		t.Run(row.name, func(t *testing.T) {
			k, found, err := probed(t, row.target, row.options, row.sink)
			if err != nil {
				t.Fatal(err)
			}
			if n := k.Counters().Messages; n != 0 && !row.options.Send || n != 1 && row.options.Send {
				t.Errorf("%d messages were handed over", n)
			}
			screen(t, row.name, found)
		})
	}
}

// screen compares what a person sees, which is no wider than asked for.
func screen(t *testing.T, name string, found *results.Probe) {
	t.Helper()
	found.Lines = nil
	var out bytes.Buffer
	if err := report.Probe(&out, found, report.Options{}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	golden(t, "probe-"+name+".txt", out.Bytes())
}

func TestAProbeSaysWhatEndedIt(t *testing.T) {
	for _, row := range []struct {
		name, target string
		sink         sink.Config
		err          string // "": what was seen is good enough
	}{
		{"takes-no-mail", home, behaving(t, "greeting: 554 No mail here"),
			`target smtp://127.0.0.1:2525 is not usable: greeting: the server answered 554 "sink.example No mail here"`},
		{"never-greets", home, behaving(t, "connect: silence"), "target smtp://127.0.0.1:2525 is not usable: greeting: no reply within 10s"},
		{"hangs-up", home, behaving(t, "connect: drop"), "target smtp://127.0.0.1:2525 is not usable: greeting: the server closed the connection"},
		{"speaks-http", home, behaving(t, "greeting: not-smtp"), "target smtp://127.0.0.1:2525 is not usable: greeting: not a reply: no code: "},
		{"is-busy", home, behaving(t, "ehlo: 421 Busy"), "target smtp://127.0.0.1:2525 is not usable: ehlo: the server closed the channel: 421 Busy"},
		{"replies-twice", home, behaving(t, "ehlo: twice"), ""},
		{"loses-count", home, behaving(t, "rset: omit"), ""},
		{"chunk-drops", home, behaving(t, "bdat: drop"), ""},
		{"tls-garbage", home, withTLS(behaving(t, "tls: garbage")), ""},
		{"tls-garbage-where-tls-must-be", "smtp+starttls://" + home, withTLS(behaving(t, "tls: garbage")),
			"target smtp+starttls://127.0.0.1:2525 is not usable: tls: "},
		{"no-starttls", "smtp+starttls://" + home, sink.Config{}, "target smtp+starttls://127.0.0.1:2525 is not usable: starttls: the server answered 502 "},
		{"injects", home, withTLS(behaving(t, "starttls: twice")), ""},
		{"no-ehlo-in-tls", home, withTLS(behaving(t, "ehlo: 550 5.7.1 No every 2")), ""},
		{"no-lmtp", "lmtp://" + home, sink.Config{}, "target lmtp://127.0.0.1:2525 is not usable: lhlo: the server answered 500 "},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, found, err := probed(t, row.target, to("ann@example.com"), row.sink)
			var unusable *TargetError
			switch {
			case row.err == "" && err != nil:
				t.Errorf("the error is %v", err)
			case row.err != "" && (!errors.As(err, &unusable) || !strings.HasPrefix(err.Error(), row.err)):
				t.Errorf("the error is %v, want %s", err, row.err)
			}
			screen(t, "ends-"+row.name, found)
		})
	}
}

func TestAProbeThatCannotBegin(t *testing.T) {
	lonely := probeOptions()
	lonely.Send = true
	for _, row := range []struct {
		name, target string
		options      ProbeOptions
		want         string
	}{
		{"the target is no target", "http://127.0.0.1", probeOptions(), "target \"http://127.0.0.1\": "},
		{"the recipient is no mailbox", home, to("two words"), "--to: mailbox \"two words\": "},
		{"there is no time", home, ProbeOptions{Plan: profiles.Default()}, "--step-timeout: not above 0; "},
		{"a message for nobody", home, lonely, "a message needs a recipient; give one with --to"},
		{"the target is public", "192.0.2.1:25", probeOptions(), "target smtp://192.0.2.1:25: 192.0.2.1 is a public address"},
		{"nobody listens", "127.0.0.1:2526", probeOptions(), "target smtp://127.0.0.1:2526 is not usable: connect: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			k, _, err := probed(t, row.target, row.options, sink.Config{})
			if err == nil || !strings.HasPrefix(err.Error(), row.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %v, want %s", err, row.want)
			}
			if n := k.Counters().Sessions; n > 0 {
				t.Errorf("%d sessions were opened", n)
			}
		})
	}
}

// Over real sockets, with a real handshake.
func TestAProbeLooksAtTheCertificate(t *testing.T) {
	certificate, err := sink.SelfSigned("sink.example")
	if err != nil {
		t.Fatal(err)
	}
	k, err := sink.New(sink.Config{Hostname: "sink.example", TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	tr, err := transport.New("goroutines", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := tr.Listen(transport.Endpoint{Addr: netip.MustParseAddrPort("127.0.0.1:0")}, k.Accept)
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() { ran <- tr.Run() }()
	defer func() {
		tr.Stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	}()
	found, err := Probe(context.Background(), l.Endpoint().String(), to("ann@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	seen := found.TLS
	if seen == nil || seen.Certificate == nil || seen.Verified || !strings.Contains(seen.Why, "unknown authority") || seen.Version != "TLS 1.3" {
		t.Fatalf("TLS is %+v", seen)
	}
	c := seen.Certificate
	if c.Subject != "CN=sink.example" || !slices.Equal(c.Names, []string{"sink.example", "127.0.0.1", "::1"}) || c.NotAfter.Before(time.Now()) {
		t.Errorf("the certificate is %+v", c)
	}
	if found.Chunking == nil || !found.Chunking.Held || found.Pipelining == nil || !found.Pipelining.Held || found.Fault != "" {
		t.Errorf("found %+v", found)
	}
	if text, err := found.JSON(); err != nil || !strings.Contains(string(text), `"schema": "mailmill.probe"`) {
		t.Errorf("as JSON: %s, %v", text, err)
	}
}

func TestAProbeAsksForTheNameOfTheTarget(t *testing.T) {
	p := &probe{target: target.Target{Host: "example.com", MX: true}, hosts: []string{"mx1.example.com", "mx2.example.com"}, dial: 1, client: &tls.Config{}}
	if got := p.handshake().ServerName; got != "mx2.example.com" {
		t.Errorf("asks %s", got)
	}
	p.client.ServerName = "other.example"
	if got := p.handshake().ServerName; got != "other.example" {
		t.Errorf("asks %s", got)
	}
}
