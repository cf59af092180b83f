package transporttest

import (
	"testing"

	"go.uber.org/goleak"

	"mailmill/loadgen/transport"
)

// A rule is one case of the suite.
type rule struct {
	says    string
	options transport.Options
	real    bool // holds on real sockets only
	plays   func(*stage)
}

// rules are the cases, in the order of the contract.
var rules = [][]rule{dialogueRules, writeRules, timeRules, closeRules, dialRules, runRules, tlsRules}

// Run holds the transports that open makes to the contract: a subtest, and a
// transport, for each rule. After each, no descriptor and no goroutine may be left.
func Run(t *testing.T, open Open) {
	probe := open(t, transport.Options{})
	if err := probe.Run(); err != nil {
		t.Fatalf("Run with nothing to do: %v", err)
	}
	simulated := probe.Name() == "simulated"
	pollNetwork(t)
	for _, group := range rules {
		for _, r := range group {
			if r.real && simulated {
				continue
			}
			t.Run(r.says, func(t *testing.T) {
				leaks, files := goleak.IgnoreCurrent(), openFiles()
				t.Cleanup(func() { // after what the rule itself cleans up
					goleak.VerifyNone(t, leaks)
					checkFiles(t, files)
				})
				r.plays(&stage{T: t, Transport: open(t, r.options)})
			})
		}
	}
}
