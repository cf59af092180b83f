package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// echo is how long after the first signal another one counts as the same: timeout(1) sends its signal to the process,
// and at once to the process's group. No hand is as fast.
const echo = 200 * time.Millisecond

// interruptible returns a context that the first Ctrl-C (or SIGTERM) cancels, so
// that what runs can end in order. The second one ends the program at once.
func interruptible(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	over := make(chan struct{})
	go func() {
		var first time.Time
		for {
			select {
			case <-signals:
				switch {
				case first.IsZero():
					first = time.Now()
					cancel()
				case time.Since(first) >= echo:
					os.Exit(exitInterrupted)
				}
			case <-over:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(over)
		cancel()
	}
}
