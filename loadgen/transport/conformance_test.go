package transport_test

import (
	"testing"

	"mailmill/loadgen/transport/transporttest"
)

// TestConformance holds every transport of this system to the contract.
func TestConformance(t *testing.T) {
	for name, open := range transporttest.Every() {
		t.Run(name, func(t *testing.T) { transporttest.Run(t, open) })
	}
}
