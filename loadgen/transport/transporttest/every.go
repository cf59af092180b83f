package transporttest

import (
	"testing"

	"mailmill/loadgen/transport"
)

// An Open makes a transport for a test.
type Open func(t testing.TB, o transport.Options) transport.Transport

// every holds the transports of this system by name.
var every = map[string]Open{
	"goroutines": func(_ testing.TB, o transport.Options) transport.Transport { return transport.NewGoroutines(o) },
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
