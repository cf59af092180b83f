package transporttest

import (
	"math/rand/v2"
	"testing"
	"time"

	"mailmill/loadgen/transport"
)

// An Open makes a transport for a test.
type Open func(t testing.TB, o transport.Options) transport.Transport

// every holds the transports of this system by name.
var every = map[string]Open{
	"goroutines": func(_ testing.TB, o transport.Options) transport.Transport { return transport.NewGoroutines(o) },
	"simulated":  Simulate(transport.Network{Latency: transport.Constant(50 * time.Microsecond)}),
}

// Simulate opens simulations in which every connection is like n, and Nowhere
// does not answer.
func Simulate(n transport.Network) Open {
	shape := func(_ int, to transport.Endpoint, _ *rand.Rand) transport.Network {
		shaped := n
		shaped.Unanswered = n.Unanswered || to.Addr == Nowhere.Addr
		return shaped
	}
	return func(_ testing.TB, o transport.Options) transport.Transport {
		return transport.NewSimulated(transport.SimulatedOptions{Options: o, Seed: 1, Shape: shape})
	}
}

// Every returns the transports of this system by name.
func Every() map[string]Open { return every }

// Each runs f as a subtest for every transport of this system.
func Each(t *testing.T, o transport.Options, f func(t *testing.T, tr transport.Transport)) {
	t.Helper()
	for name, open := range every {
		t.Run(name, func(t *testing.T) { f(t, open(t, o)) })
	}
}
