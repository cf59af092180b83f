package loadgen

import (
	"mailmill/loadgen/manners"
	"mailmill/loadgen/message"
	"mailmill/loadgen/misbehave"
	"mailmill/loadgen/session"
	"mailmill/profiles"
	"mailmill/results"
)

// tolerable tells whether the plan's bad clients can go to the servers: they speak in clear.
func tolerable(plan profiles.Plan, servers []session.Server) error {
	if len(plan.Misbehave) == 0 {
		return nil
	}
	if plan.Proxy == "v1" || plan.Proxy == "v2" {
		return planError("--misbehave: bad clients send no PROXY header, and a server that waits for one would see no more of them; leave out --proxy, or --misbehave")
	}
	for _, s := range servers {
		if s.Security == session.ImplicitTLS {
			return planError("--misbehave: bad clients speak plain SMTP, and %s wants TLS from the first octet; give its plain port, or leave out --misbehave", s.Name)
		}
	}
	return nil
}

// newCrowd makes the process's share of the bad clients of the run, who go where the workers go; nil if it has none.
func (r *run) newCrowd(servers []session.Server) *misbehave.Crowd {
	plan := &r.plan
	c := misbehave.Config{Groups: plan.Misbehave, Workers: plan.Concurrency, Share: r.slots.share, Name: r.classes[0].session.Names[0],
		Begin: r.slots.origin, End: r.slots.end, Timeouts: plan.Timeouts, Date: r.slots.wall, Seed: plan.Seed,
		Envelope: func(n int64, m *message.Mail) { r.slots.source.Fill(n, r.slots.wall, m) }}
	for _, s := range servers {
		c.Servers = append(c.Servers, misbehave.Server{Endpoints: s.Endpoints, LMTP: s.LMTP})
	}
	return misbehave.New(c)
}

// gather starts the bad clients, spread over the loops.
func (r *run) gather(servers []session.Server) {
	r.crowd = r.newCrowd(servers)
	for i, client := range r.crowd.Clients() {
		r.transport.Start(i%r.transport.Loops(), client)
	}
}

// badClients is how many the plan has.
func badClients(plan profiles.Plan) int { return manners.Count(plan.Misbehave, plan.Concurrency) }

// misbehaved is what became of the bad clients' sessions.
func (r *run) misbehaved() (all []results.Misbehaved) {
	for _, t := range r.crowd.Tallies() {
		ends := &t.Endings
		m := results.Misbehaved{Manner: t.Manner.String(), Clients: t.Clients, Sessions: t.Sessions,
			Accepted: ends[misbehave.Accepted], Refused: ends[misbehave.Refused], Told: ends[misbehave.Told], Closed: ends[misbehave.Closed],
			Left: ends[misbehave.Left], TimedOut: ends[misbehave.TimedOut], Garbled: ends[misbehave.Garbled], Unreached: ends[misbehave.Unreached],
			Local: ends[misbehave.Local], Open: ends[misbehave.Open], OctetsSent: t.Sent, OctetsReceived: t.Received}
		for _, reply := range t.Replies {
			m.Replies = append(m.Replies, results.MisbehavedReply{Step: reply.Step.String(), Code: int(reply.Code), Count: reply.Count,
				Ended: reply.Ended, Example: reply.Example})
		}
		all = append(all, m)
	}
	return all
}
