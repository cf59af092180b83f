package transporttest

import (
	"testing"

	"mailmill/loadgen/transport"
)

// fullListener is an address without a host behind it: Windows refuses what
// does not fit a listener's queue.
func fullListener(*testing.T) transport.Endpoint { return Nowhere }
