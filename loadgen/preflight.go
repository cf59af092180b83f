package loadgen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailmill/loadgen/record"
	"mailmill/loadgen/session"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// preflightGreeting is how long a server may take to greet before it is taken for unusable.
const preflightGreeting = 5 * time.Second

// A preflight is one session that is never counted: all that comes before mail, and QUIT. It
// learns what the server says, and that it is one, before any load is offered. A server that knows the
// user by another password is one: who is let in, and who is not, the run counts.
type preflight struct {
	director *director
	server   int // index of the target
	endpoint transport.Endpoint
	config   session.Config
	session  session.Session
	recorder *record.Recorder // of its own: nothing of it is counted
	offer    *session.Offer   // nil: the address is not usable
	known    *session.Offer   // when somebody logs in
	landed   bool
	totals   *record.Totals
}

func newPreflight(d *director, config session.Config, index int, server session.Server, to transport.Endpoint) *preflight {
	if limit := &config.Timeouts[timing.Greeting]; *limit == 0 || *limit > preflightGreeting {
		*limit = preflightGreeting
	}
	server.Endpoints, server.Resolve = []transport.Endpoint{to}, nil
	servers := make([]session.Server, index+1) // its handshake goes by its index
	servers[index] = server
	p := &preflight{director: d, server: index, endpoint: to, config: config,
		recorder: record.New(record.Config{Classes: 1, Shards: 1})}
	p.session.Loop = &session.Loop{Shard: p.recorder.Shard(0), Servers: servers}
	return p
}

// Handle implements transport.Conversation.
func (p *preflight) Handle(e *transport.Event) transport.Action {
	if e.Kind == transport.Started {
		return p.session.Open(e.Now, session.Opening{Config: &p.config, Server: p.server}, nil, false)
	}
	if p.session.Step() == timing.Auth {
		p.known = p.session.Offer()
	}
	a := p.session.Handle(e)
	switch p.session.Phase() {
	case session.Ready:
		p.offer = p.session.Offer()
		taken := a.Taken
		a = p.session.Quit(e.Now, e.Scratch)
		a.Taken = taken
	case session.Off:
		p.totals = p.recorder.Finish()
		p.landed = true
		if p.offer == nil && p.unknown() {
			p.offer = p.known
		}
		p.director.wake()
		return transport.Action{Do: transport.Done}
	}
	return a
}

// unknown reports whether the server ended the session in order, because it does not know who logged in.
func (p *preflight) unknown() bool {
	const invalid = 535 // credentials (RFC 4954 section 6)
	return len(p.totals.Faults) == 0 && slices.ContainsFunc(p.totals.Replies, func(r record.ReplyCount) bool {
		return r.Step == timing.Auth && r.Code == invalid
	})
}

// greeting is the text of the server's greeting, as it came.
func (p *preflight) greeting() string {
	for _, r := range p.totals.Replies {
		if r.Step == timing.Greeting {
			return r.Example
		}
	}
	return ""
}

// reason says why the address is not usable: the first fault, or the reply that was no welcome.
func (p *preflight) reason() string {
	if p.totals == nil {
		return "not reached before the run was stopped"
	}
	return refusal(p.totals)
}

// refusal says why a session did not become ready for mail.
func refusal(t *record.Totals) string {
	if len(t.Faults) > 0 {
		f, step := t.Faults[0], t.Faults[0].Step.String()+": "
		return step + strings.TrimPrefix(brief(timing.Fault{Kind: f.Kind, Text: f.Example}), step)
	}
	for _, r := range t.Replies {
		if r.Step != timing.Quit && r.Code >= 400 {
			return fmt.Sprintf("%v: the server answered %d %q", r.Step, r.Code, r.Example)
		}
	}
	return "the session came to nothing"
}

// usable returns the servers with the addresses whose preflight got as far as a session ready for mail, or
// false if one of them has none.
func usable(servers []session.Server, flights []*preflight) ([]session.Server, bool) {
	servers = slices.Clone(servers)
	for i := range servers {
		servers[i].Endpoints = nil
	}
	for _, p := range flights {
		if p.offer != nil {
			s := &servers[p.server]
			s.Endpoints = append(s.Endpoints, p.endpoint)
		}
	}
	return servers, !slices.ContainsFunc(servers, func(s session.Server) bool { return len(s.Endpoints) == 0 })
}
