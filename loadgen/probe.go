package loadgen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/target"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
	"mailmill/results"
)

// ProbeOptions are the settings of a probe.
type ProbeOptions struct {
	// Plan holds the settings that a probe has in common with a run: the reverse-path, the name in EHLO, TLS, and whether
	// the target may be public.
	Plan profiles.Plan
	// To is the forward-path, without angle brackets. Without it no mail transaction is begun.
	To string
	// Send has one whole message sent to To; without it a mail transaction ends with RSET.
	Send bool
	// Deep tries what an honest client does not do.
	Deep bool
	// NoStartTLS stays in clear where the server would not.
	NoStartTLS bool
	// Timeout is the longest wait for each step.
	Timeout time.Duration
}

// Probe holds one session with a server and returns what it showed. A target that is a domain name without a port is
// looked up in the DNS as mail for that domain would be. Errors are those of [Run]; with a *TargetError comes what was
// seen until then.
func Probe(ctx context.Context, name string, o ProbeOptions) (*results.Probe, error) {
	p := &probe{options: o, began: time.Now()}
	err := p.run(ctx, name, func(o transport.Options) (transport.Transport, error) { return transport.New("auto", o) })
	return &p.found, err
}

// run is Probe over the transport that open makes.
func (p *probe) run(ctx context.Context, name string, open func(transport.Options) (transport.Transport, error)) error {
	if err := p.prepare(name); err != nil {
		return err
	}
	if err := p.locate(ctx); err != nil {
		return err
	}
	t, err := open(transport.Options{Allow: allowed(p.options.Plan.AllowPublicTarget)})
	if err != nil {
		return err
	}
	t.Start(0, p)
	stop := context.AfterFunc(ctx, t.Stop)
	defer stop()
	if err := t.Run(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	p.judge()
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

// prepare checks the options.
func (p *probe) prepare(name string) error {
	var err error
	if p.target, err = target.Parse(name); err != nil {
		return &PlanError{err}
	}
	for _, path := range []struct{ name, mailbox string }{{"--from", p.options.Plan.From}, {"--to", p.options.To}} {
		if err := smtp.CheckMailbox(path.mailbox, false); err != nil {
			return &PlanError{fmt.Errorf("%s: %w", path.name, err)}
		}
	}
	if p.options.Send && p.options.To == "" {
		return &PlanError{errors.New("a message needs a recipient; give one with --to")}
	}
	if p.options.Timeout <= 0 {
		return &PlanError{errors.New("--step-timeout: not above 0; give how long to wait, such as 10s")}
	}
	if p.client, err = clientTLS(p.options.Plan); err != nil {
		return err
	}
	p.found = results.Probe{
		Schema: results.ProbeSchema, Version: results.ProbeVersion, StartedAt: p.began.UTC(), Target: name, Protocol: "SMTP",
	}
	if p.target.LMTP() {
		p.found.Protocol = "LMTP"
	}
	return nil
}

// locate finds the servers.
func (p *probe) locate(ctx context.Context) error {
	if p.target.Path != "" {
		p.endpoints = []transport.Endpoint{{Path: p.target.Path}}
		return nil
	}
	exchanges, err := target.Exchanges(ctx, net.DefaultResolver, p.target, target.Options{Seed: uint64(p.began.UnixNano())})
	if err != nil {
		return err
	}
	for _, x := range exchanges {
		switch {
		case !p.target.MX:
		case x.Implicit:
			p.found.Exchangers = append(p.found.Exchangers, p.target.Host+" (there is no MX record: RFC 5321 section 5.1)")
		default:
			p.found.Exchangers = append(p.found.Exchangers, fmt.Sprintf("%d %s", x.Preference, x.Host))
		}
		if !p.options.Plan.AllowPublicTarget {
			if err := target.CheckPrivate(p.target.String(), x.Addrs...); err != nil {
				return err
			}
		}
		for _, a := range x.Addrs {
			p.endpoints, p.hosts = append(p.endpoints, transport.Endpoint{Addr: a}), append(p.hosts, x.Host)
		}
	}
	return nil
}

// verdict returns a *TargetError for a server that could not be talked to, or not as the target's scheme asks.
func (p *probe) verdict() error {
	if p.unusable == "" {
		return nil
	}
	return &TargetError{Target: p.target.String(), Reasons: []string{p.unusable}, Advice: counsel(p.unusable)}
}
