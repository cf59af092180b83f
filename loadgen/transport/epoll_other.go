//go:build !linux

package transport

import "errors"

const hasEpoll = false

// NewEpoll returns an error: epoll is Linux's.
func NewEpoll(Options) (Transport, error) {
	return nil, errors.New("transport: epoll is only on Linux; use goroutines")
}
