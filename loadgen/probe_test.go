package loadgen

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// probed holds a probe with a scripted server, in a simulation with a millisecond each way, at a fixed time.
func probed(t *testing.T, name string, o ProbeOptions, script func(moment) answer) (*server, string, error) {
	t.Helper()
	s := newServer(script)
	var out bytes.Buffer
	p := &probe{options: o, out: &out, began: opening}
	err := p.run(t.Context(), name, func(options transport.Options) (transport.Transport, error) {
		network := transport.Network{Latency: transport.Constant(time.Millisecond)}
		sim := transport.NewSimulated(transport.SimulatedOptions{Options: options, Network: network})
		l, err := sim.Listen(transport.Endpoint{Addr: netip.MustParseAddrPort(home)}, s.accept)
		return closingAfter{sim, l}, err
	})
	return s, out.String(), err
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

func probeOptions(last timing.Step) ProbeOptions {
	return ProbeOptions{QuitAfter: last, From: "sender0@example.com", To: "user@example.com", HELO: "client.example.com", Timeout: 10 * time.Second}
}

func TestAProbeEndsAfterTheStepThatItIsTold(t *testing.T) {
	for _, row := range []struct {
		last timing.Step
		want string // the commands that the server hears
	}{
		{timing.Connect, ""},
		{timing.Greeting, "QUIT"},
		{timing.EHLO, "EHLO QUIT"},
		{timing.Mail, "EHLO MAIL QUIT"},
		{timing.Rcpt, "EHLO MAIL RCPT QUIT"},
		{timing.Data, "EHLO MAIL RCPT DATA"},
		{timing.Accept, "EHLO MAIL RCPT DATA QUIT"},
	} {
		t.Run(row.last.String(), func(t *testing.T) {
			s, text, err := probed(t, home, probeOptions(row.last), thinking(func(moment) answer { return answer{} }))
			if err != nil {
				t.Fatal(err)
			}
			var heard []string
			for _, verb := range []string{"EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "QUIT"} {
				if s.commands[verb] > 0 {
					heard = append(heard, verb)
				}
			}
			if got := strings.Join(heard, " "); got != row.want {
				t.Errorf("the server heard %s, want %s", got, row.want)
			}
			golden(t, "probe-quit-after-"+row.last.String()+".txt", []byte(text))
		})
	}
}

func TestAProbeTellsWhatTheServerDid(t *testing.T) {
	for _, row := range []struct {
		name   string
		last   timing.Step
		answer func(moment) answer
		err    string
	}{
		{"accepts", timing.Accept, everySlot(timing.Accept, answer{after: 1500 * time.Millisecond}), ""},
		{"refuses-recipients", timing.Accept, everySlot(timing.Rcpt, reply("550-5.1.1 no such\r\n550 5.1.1 user")), ""},
		{"defers-content", timing.Accept, everySlot(timing.Accept, reply("451 4.3.0 later")), ""},
		{"knows-HELO-only", timing.EHLO, everySlot(timing.EHLO, reply("500 what?")), ""},
		{"hangs-up-at-MAIL", timing.Accept, everySlot(timing.Mail, answer{deed: drop}), ""},
		{"never-answers-the-content", timing.Accept, everySlot(timing.Accept, answer{deed: mute}), ""},
		{"moves-the-cursor", timing.EHLO, everySlot(timing.EHLO, reply("250-server\r\n250-\x1b[2J\x07\r\n250 SIZE")), ""},
		{"takes-no-mail", timing.EHLO, everySlot(timing.Greeting, reply("554 no mail here")),
			"target smtp://127.0.0.1:2525 is not usable: greeting: the server answered 554 \"no mail here\""},
		{"never-greets", timing.EHLO, everySlot(timing.Greeting, answer{deed: mute}),
			"target smtp://127.0.0.1:2525 is not usable: greeting: timeout"},
		{"speaks-HTTP", timing.EHLO, everySlot(timing.Greeting, reply("HTTP/1.1 400 Bad Request")),
			"target smtp://127.0.0.1:2525 is not usable: greeting: malformed: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, text, err := probed(t, home, probeOptions(row.last), row.answer)
			var unusable *TargetError
			switch {
			case row.err == "" && err != nil:
				t.Errorf("the error is %v", err)
			case row.err != "" && (!errors.As(err, &unusable) || !strings.HasPrefix(err.Error(), row.err)):
				t.Errorf("the error is %v, want %s", err, row.err)
			}
			golden(t, "probe-"+row.name+".txt", []byte(text))
		})
	}
}

func TestAProbeThatCannotBegin(t *testing.T) {
	bad := probeOptions(timing.Accept)
	bad.To = "two words"
	for _, row := range []struct {
		name, target string
		options      ProbeOptions
		want         string
	}{
		{"the target is no target", "http://127.0.0.1", probeOptions(timing.EHLO), "target \"http://127.0.0.1\": "},
		{"the recipient is no mailbox", home, bad, "forward-path: "},
		{"the target is public", "192.0.2.1:25", probeOptions(timing.EHLO), "target smtp://192.0.2.1:25: 192.0.2.1 is a public address"},
		{"nobody listens", "127.0.0.1:2526", probeOptions(timing.EHLO), "target smtp://127.0.0.1:2526 is not usable: connect: refused"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, _, err := probed(t, row.target, row.options, nil)
			if err == nil || !strings.HasPrefix(err.Error(), row.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %v, want %s", err, row.want)
			}
			if s.opened > 0 {
				t.Errorf("%d sessions were opened", s.opened)
			}
		})
	}
}

// The probe that people use finds the server over real sockets.
func TestAProbeOfTheSink(t *testing.T) {
	h, err := openHouse(profiles.Default())
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	var out bytes.Buffer
	if err := Probe(context.Background(), &out, h.endpoint.String(), probeOptions(timing.Accept)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"connecting to " + h.endpoint.String(), "C: EHLO client.example.com", "S: 354 ", "accepted: the server took the message "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the text has no %q:\n%s", want, out.String())
		}
	}
}
