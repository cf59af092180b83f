package loadgen

import (
	"fmt"
	"net/netip"

	"mailmill/loadgen/session"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// spareDescriptors are for everything that is not a session: loops, listeners, files, the terminal.
const spareDescriptors = 64

// withSources returns the endpoints once for each source address: first all of them from the first
// one, and so on, so that the endpoint after one that failed is another address of the server. Pairs of
// different families are left out.
func withSources(endpoints []transport.Endpoint, sources []netip.Addr) []transport.Endpoint {
	if len(sources) == 0 {
		return endpoints
	}
	var all []transport.Endpoint
	for _, source := range sources {
		for _, e := range endpoints {
			if e.Path == "" && e.Addr.Addr().Unmap().Is4() == source.Unmap().Is4() {
				e.Local = source
				all = append(all, e)
			}
		}
	}
	return all
}

// beginnings returns where in the list of withSources each source address begins.
func beginnings(from []transport.Endpoint) (at []int) {
	for i := range from {
		if i == 0 || from[i].Local != from[i-1].Local {
			at = append(at, i)
		}
	}
	return at
}

// enough compares what the plan needs with what the machine has, before any traffic.
func enough(plan profiles.Plan, servers []session.Server, house bool) error {
	if err := tolerable(plan, servers); err != nil {
		return err
	}
	var endpoints []transport.Endpoint
	for _, s := range servers {
		endpoints = append(endpoints, s.Endpoints...)
		if len(withSources(s.Endpoints, plan.LocalAddrs)) == 0 {
			return planError("--local-addr: none of the addresses is of the target's family (%s)", s.Endpoints[0])
		}
	}
	clients, who := plan.Concurrency, fmt.Sprintf("--concurrency %d", plan.Concurrency)
	if bad := badClients(plan); bad > 0 {
		clients, who = clients+bad, fmt.Sprintf("%s and %d bad clients", who, bad)
	}
	if plan.IdleSessions > 0 {
		clients, who = clients+plan.IdleSessions, fmt.Sprintf("%s and --idle-sessions %d", who, plan.IdleSessions)
	}
	need := uint64(clients + spareDescriptors)
	if house {
		need += uint64(clients) // the sink's side of each session
	}
	if have := descriptorLimit(); have > 0 && need > have {
		return planError("%s needs %d open files and this process may have %d: lower it, or raise the limit with ulimit -n", who, need, have)
	}
	ports := ephemeralPorts() * max(1, len(plan.LocalAddrs)) * len(endpoints)
	if ports > 0 && clients > ports && endpoints[0].Path == "" {
		return planError("%s needs as many ports and there are %d: give more source addresses with --local-addr", who, ports)
	}
	return nil
}
