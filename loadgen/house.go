package loadgen

import (
	"net/netip"

	"golang.org/x/sync/errgroup"

	"mailmill/loadgen/sink"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// A house is the built-in sink, in the same process as the load: a transport of its own, so that
// its work does not lie between the load's events.
type house struct {
	endpoint  transport.Endpoint
	sink      *sink.Sink
	transport transport.Transport
	group     errgroup.Group
}

// openHouse starts a sink that takes everything, on a port of 127.0.0.1 that was free.
func openHouse(plan profiles.Plan) (*house, error) {
	k, err := sink.New(sink.Config{Hostname: "sink.example.com", MaxSessions: -1, Seed: plan.Seed})
	if err != nil {
		return nil, err
	}
	t, err := transport.New(plan.Transport, transport.Options{Loops: 1})
	if err != nil {
		return nil, err
	}
	l, err := t.Listen(transport.Endpoint{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)}, k.Accept)
	if err != nil {
		return nil, err
	}
	h := &house{endpoint: l.Endpoint(), sink: k, transport: t}
	h.group.Go(t.Run)
	return h, nil
}

func (h *house) close() {
	h.transport.Stop()
	h.group.Wait() // the run is over: what ended its sink is of no more interest
	h.sink.Close()
}
