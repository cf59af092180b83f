package loadgen

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"mailmill/loadgen/message"
	"mailmill/loadgen/record"
	"mailmill/loadgen/session"
	"mailmill/loadgen/target"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// ProbeOptions are the settings of a probe.
type ProbeOptions struct {
	// QuitAfter is the last step before QUIT; timing.Accept sends a whole message.
	QuitAfter timing.Step
	// From and To are the reverse-path and the forward-path, without angle brackets. HELO is the name in EHLO.
	From, To, HELO string
	// Timeout is the longest wait for each step.
	Timeout           time.Duration
	AllowPublicTarget bool
}

// Probe holds one session with a server and prints it line by line, each reply with the time that it took,
// then what the server offers, and what came of it. A target that is a domain name without a port is looked up
// in the DNS as mail for that domain would be. Its errors are those of [Run].
func Probe(ctx context.Context, w io.Writer, name string, o ProbeOptions) error {
	p := &probe{options: o, out: w, began: time.Now()}
	return p.run(ctx, name, func(o transport.Options) (transport.Transport, error) { return transport.New("auto", o) })
}

// run is Probe over the transport that open makes.
func (p *probe) run(ctx context.Context, name string, open func(transport.Options) (transport.Transport, error)) error {
	if err := p.prepare(name); err != nil {
		return err
	}
	endpoints, err := p.locate(ctx)
	if err != nil {
		return err
	}
	t, err := open(transport.Options{Allow: allowed(p.options.AllowPublicTarget)})
	if err != nil {
		return err
	}
	p.session.Loop.Servers = []session.Server{{Name: p.target.String(), Endpoints: endpoints}}
	p.endpoints = endpoints
	t.Start(0, p)
	stop := context.AfterFunc(ctx, t.Stop)
	defer stop()
	if err := t.Run(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.verdict()
}

// allowed is the public-address rule, as a transport asks it at every dial.
func allowed(public bool) func(transport.Endpoint) error {
	if public {
		return nil
	}
	return func(e transport.Endpoint) error {
		if e.Path != "" {
			return nil
		}
		return target.CheckPrivate(e.Addr.Addr().String(), e.Addr)
	}
}

// A probe is the conversation of [Probe]: a session with somebody listening in.
type probe struct {
	options   ProbeOptions
	out       io.Writer
	err       error // of out
	target    target.Target
	config    session.Config
	session   session.Session
	endpoints []transport.Endpoint
	mail      message.Mail
	recorder  *record.Recorder
	began     time.Time
	asked     timing.Instant // the last command, or dial
	outcome   timing.Outcome
	spent     time.Duration
	last      string // the last reply, or the fault
	word      string // the one that decided about the message
	offer     *session.Offer
	quitting  bool
}

// prepare makes everything but the addresses.
func (p *probe) prepare(name string) error {
	var err error
	if p.target, err = target.Parse(name); err != nil {
		return &PlanError{err}
	}
	plan := profiles.Default()
	source, err := message.New(message.Config{Run: p.began.UTC().Format(time.RFC3339Nano), Classes: []message.ClassConfig{
		{From: p.options.From, To: p.options.To, Size: plan.Size, Subject: "mailmill probe"}}})
	if err != nil {
		return &PlanError{err}
	}
	source.Fill(0, p.began, &p.mail)
	p.config.Names = []string{p.options.HELO}
	for i := range p.config.Timeouts {
		p.config.Timeouts[i] = p.options.Timeout
	}
	p.recorder = record.New(record.Config{Classes: 1, Shards: 1})
	p.session.Loop = &session.Loop{Shard: p.recorder.Shard(0)}
	return nil
}

// locate finds the servers, and says how.
func (p *probe) locate(ctx context.Context) ([]transport.Endpoint, error) {
	exchanges, err := target.Exchanges(ctx, net.DefaultResolver, p.target, target.Options{Seed: uint64(p.began.UnixNano())})
	if err != nil {
		return nil, err
	}
	var endpoints []transport.Endpoint
	for _, x := range exchanges {
		switch {
		case !p.target.MX:
		case x.Implicit:
			p.note("%s has no MX record: it is its own mail exchanger (RFC 5321 section 5.1)", p.target.Host)
		default:
			p.note("MX %d %s", x.Preference, x.Host)
		}
		if !p.options.AllowPublicTarget {
			if err := target.CheckPrivate(p.target.String(), x.Addrs...); err != nil {
				return nil, err
			}
		}
		for _, a := range x.Addrs {
			endpoints = append(endpoints, transport.Endpoint{Addr: a})
		}
	}
	return endpoints, nil
}

// Handle implements transport.Conversation.
func (p *probe) Handle(e *transport.Event) transport.Action {
	if e.Kind == transport.Started {
		return p.dialed(e, p.session.Open(e.Now, session.Opening{Config: &p.config}, p.message(), false))
	}
	before := p.session.Step()
	p.event(e)
	a := p.session.Handle(e)
	p.said(e, a.Taken)
	if r, ok := p.session.Result(); ok {
		p.outcome, p.spent, p.word = r.Outcome, r.Ended.Sub(r.Began), p.last
	}
	if p.session.Phase() == session.Off {
		return transport.Action{Do: transport.Done}
	}
	if a.Do == transport.Dial {
		return p.dialed(e, a)
	}
	if p.quits(before, &a) {
		taken := a.Taken
		a = p.quit(e)
		a.Taken, p.quitting = taken, true
	}
	if a.Do == transport.Write {
		p.asked = e.Now
		p.lines("C: ", a.Head)
		p.lines("C: ", a.Body)
	}
	return a
}

// message is what is sent: nothing, if the probe ends before MAIL.
func (p *probe) message() *message.Mail {
	if p.options.QuitAfter < timing.Mail {
		return nil
	}
	return &p.mail
}

// quit ends the session: with QUIT, except where the server would not hear it as one.
func (p *probe) quit(e *transport.Event) transport.Action {
	if step := p.session.Step(); step == timing.Greeting || step == timing.Content {
		p.note("hanging up: QUIT has no place here")
		return p.session.Abort(e.Now, timing.NoOutcome)
	}
	return p.session.Quit(e.Now, e.Scratch)
}

// quits tells that the session ends here, in place of what it would do next.
func (p *probe) quits(before timing.Step, a *transport.Action) bool {
	if p.quitting || a.Do == transport.Close {
		return false
	}
	next := p.session.Step()
	instead := next == timing.HELO || next == timing.RSET || next == timing.Quit // the step was refused
	return p.session.Phase() == session.Ready || before == p.options.QuitAfter && next != before && !instead
}

func (p *probe) dialed(e *transport.Event, a transport.Action) transport.Action {
	p.note("connecting to %v", a.Dial)
	p.asked = e.Now
	return a
}

// event prints what happened to the connection.
func (p *probe) event(e *transport.Event) {
	switch e.Kind {
	case transport.Opened:
		p.timed(e.Now, "-- connected")
		p.asked = e.Now
	case transport.Broken:
		p.last = e.Fault.Error()
		p.timed(e.Now, "-- "+printable(p.last))
	case transport.Ended:
		p.last = "the server closed the connection"
		p.timed(e.Now, "-- "+p.last)
	case transport.Expired:
		p.last = fmt.Sprintf("no reply within %v", p.options.Timeout)
		p.timed(e.Now, "-- "+p.last)
	}
}

// said prints the replies that the session took, the last line of each with its time, and after that
// to EHLO what the keywords mean.
func (p *probe) said(e *transport.Event, taken int) {
	for line := range bytes.Lines(e.In[:min(taken, len(e.In))]) {
		text := "S: " + printable(strings.TrimRight(string(line), "\r\n"))
		if len(line) > 3 && line[3] == '-' {
			p.printf("%12s  %s\n", "", text)
			continue
		}
		p.last = strings.TrimPrefix(text, "S: ")
		p.timed(e.Now, text)
	}
	if offer := p.session.Offer(); offer != nil && p.offer == nil {
		p.offer = offer
		for _, k := range offer.Keywords {
			p.note("%s: %s", printable(k.Name), k.Explain())
		}
	}
}

func (p *probe) timed(now timing.Instant, text string) {
	p.printf("%12s  %s\n", results.FormatDuration(now.Sub(p.asked)), text)
}

func (p *probe) note(format string, args ...any) {
	p.printf("%12s  -- %s\n", "", fmt.Sprintf(format, args...))
}

func (p *probe) lines(who string, octets []byte) {
	for line := range bytes.Lines(octets) {
		p.printf("%12s  %s%s\n", "", who, printable(strings.TrimRight(string(line), "\r\n")))
	}
}

func (p *probe) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format, args...)
	}
}

// verdict prints what came of the session. A server that could not be talked to is a *TargetError.
func (p *probe) verdict() error {
	switch {
	case p.err != nil:
		return p.err
	case p.offer == nil && !p.quitting:
		return &TargetError{Target: p.target.String(), Reasons: []string{refusal(p.recorder.Finish())}}
	case p.outcome == timing.Accepted:
		p.printf("accepted: the server took the message %s after the first dial\n", results.FormatDuration(p.spent))
	case p.outcome == timing.Unknown:
		p.printf("unknown: the server may have taken the message; the last word was: %s\n", p.word)
	case p.outcome != timing.NoOutcome:
		p.printf("%v: the message was not taken; the last word was: %s\n", p.outcome, p.word)
	default:
		p.printf("good as far as it went: %s\n", reached[p.options.QuitAfter])
	}
	return p.err
}

// reached says what a server has shown that came through all steps that it was asked for.
var reached = map[timing.Step]string{
	timing.Connect:  "the server takes connections",
	timing.Greeting: "the server greets",
	timing.EHLO:     "the server is ready for mail",
	timing.Mail:     "the server takes the sender",
	timing.Rcpt:     "the server takes the recipient",
	timing.Data:     "the server is ready for the content",
}
