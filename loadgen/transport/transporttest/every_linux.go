package transporttest

import (
	"testing"

	"mailmill/loadgen/transport"
)

func init() {
	every["epoll"] = func(t testing.TB, o transport.Options) transport.Transport {
		tr, err := transport.NewEpoll(o)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
}
