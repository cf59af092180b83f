package transport

import "fmt"

// New returns the transport of that name: epoll, goroutines, or auto for the faster one of those that
// the system has.
func New(name string, o Options) (Transport, error) {
	switch name {
	case "epoll":
		return NewEpoll(o)
	case "goroutines":
		return NewGoroutines(o), nil
	case "auto", "":
		if hasEpoll {
			return NewEpoll(o)
		}
		return NewGoroutines(o), nil
	}
	return nil, fmt.Errorf("transport: there is no transport %q: it is auto, epoll or goroutines", name)
}
