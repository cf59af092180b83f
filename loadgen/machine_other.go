//go:build !linux

package loadgen

import (
	"time"

	"mailmill/results"
)

// What this system does not tell is left out of documents, and no rule judges by it.

func descriptorLimit() uint64 { return 0 }

func ephemeralPorts() int { return 0 }

func describeMachine(*results.Host) {}

type strain struct {
	throttled    time.Duration
	steal, total float64
}

func measureStrain() strain { return strain{} }

func usage() (user, system time.Duration, rss int64) { return 0, 0, 0 }
