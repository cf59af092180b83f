package loadgen

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"

	"mailmill/loadgen/session"
	"mailmill/loadgen/target"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// securities are the words of targets in those of sessions.
var securities = map[target.Security]session.Security{
	target.Plain: session.Plain, target.MustStartTLS: session.MustStartTLS, target.ImplicitTLS: session.ImplicitTLS,
}

// parseTargets reads the plan's targets; none is the built-in sink.
func parseTargets(plan profiles.Plan) ([]target.Target, error) {
	var all []target.Target
	for _, text := range plan.Targets {
		t, err := target.Parse(text)
		if err != nil {
			return nil, &PlanError{err}
		}
		all = append(all, t)
	}
	return all, nil
}

// targetNames are the plan's targets in words.
func targetNames(plan profiles.Plan) string {
	return strings.Join(plan.Redacted().Targets, ", ")
}

// A locator finds the addresses of targets.
type locator struct {
	plan profiles.Plan
	dns  target.Resolver
}

// locate makes the servers of the plan with their addresses, or opens the built-in sink.
func (p *parts) locate(ctx context.Context, dns target.Resolver, targets []target.Target) error {
	if len(targets) == 0 {
		plan := p.run.plan
		house, err := openHouse(plan, houseConfig(plan, p.run.classes, p.opener.proof))
		if err != nil {
			return err
		}
		p.house = house
		p.run.servers = []session.Server{{Name: house.endpoint.String(), Endpoints: []transport.Endpoint{house.endpoint},
			Security: houseSecurities[plan.SinkSecurity]}}
		return nil
	}
	if dns == nil {
		dns = net.DefaultResolver
	}
	l := &locator{plan: p.run.plan, dns: dns}
	var lasting context.Context
	lasting, p.cancel = context.WithCancel(ctx)
	for _, t := range targets {
		server, err := l.server(ctx, t)
		if err != nil {
			return err
		}
		if l.plan.DNS == "session" && !t.Addr.IsValid() && t.Path == "" {
			server.Resolve = l.anew(lasting, t, server.Security)
		}
		p.run.servers = append(p.run.servers, server)
	}
	return nil
}

// server is a target with its addresses, all of which have to be private unless public ones are allowed.
func (l *locator) server(ctx context.Context, t target.Target) (session.Server, error) {
	s := session.Server{Name: t.String(), LMTP: t.LMTP(), Security: securities[t.Security()]}
	if t.Path != "" {
		s.Endpoints = []transport.Endpoint{{Path: t.Path}}
		return s, nil
	}
	addrs, err := target.Resolve(ctx, l.dns, t, l.options(0))
	if err != nil {
		return s, err
	}
	if !l.plan.AllowPublicTarget {
		if err := target.CheckPrivate(t.String(), addrs...); err != nil {
			return s, err
		}
	}
	s.Endpoints = endpointsOf(addrs)
	return s, l.mayLogIn(s)
}

// options are those of a look-up for a session of that number.
func (l *locator) options(number int64) target.Options {
	o := target.Options{Seed: l.plan.Seed + uint64(number)}
	switch {
	case l.plan.IPv4:
		o.Network = "ip4"
	case l.plan.IPv6:
		o.Network = "ip6"
	}
	return o
}

func endpointsOf(addrs []netip.AddrPort) (all []transport.Endpoint) {
	for _, a := range addrs {
		all = append(all, transport.Endpoint{Addr: a})
	}
	return all
}

// anew returns the look-up that each session of a server does for itself. The transport asks the public-address rule
// of what is dialed.
func (l *locator) anew(ctx context.Context, t target.Target, security session.Security) func(session.Opening) ([]transport.Endpoint, error) {
	return func(o session.Opening) ([]transport.Endpoint, error) {
		ctx, cancel := context.WithTimeout(ctx, l.plan.Timeouts[timing.Resolve])
		defer cancel()
		addrs, err := target.Resolve(ctx, l.dns, t, l.options(o.Number))
		if err != nil {
			return nil, err
		}
		s := session.Server{Name: t.String(), Endpoints: endpointsOf(addrs), Security: security}
		if err := l.mayLogIn(s); err != nil {
			return nil, err
		}
		return l.withSource(s, o.Worker)
	}
}

// withSource gives a server's endpoints the source address of a worker.
func (l *locator) withSource(s session.Server, worker int) ([]transport.Endpoint, error) {
	all := withSources(s.Endpoints, l.plan.LocalAddrs)
	if len(all) == 0 {
		return nil, planError("none of the addresses %v is of the family of --local-addr", s.Endpoints)
	}
	first := beginnings(all)
	at := first[worker%len(first)]
	return slices.Concat(all[at:], all[:at]), nil
}

// mayLogIn refuses to log in to another machine in clear, unless that is what is wanted.
func (l *locator) mayLogIn(s session.Server) error {
	if s.Security != session.Plain || l.plan.AuthPlaintext {
		return nil
	}
	logsIn := slices.ContainsFunc(l.plan.Traffic(), func(c profiles.Class) bool { return c.Plan.LogsIn() && !c.Plan.AuthPlaintext })
	away := slices.IndexFunc(s.Endpoints, func(e transport.Endpoint) bool { return e.Path == "" && !e.Addr.Addr().IsLoopback() })
	if !logsIn || away < 0 {
		return nil
	}
	return planError("target %s: %s is another machine, and a session in clear would log in there: give a target with TLS, such as smtp+starttls://, or --auth-plaintext",
		s.Name, s.Endpoints[away])
}
