package session

import (
	"time"

	"mailmill/loadgen/record"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A Config is what the sessions of a run have in common. It does not change
// while sessions use it.
type Config struct {
	// HELO is the name given in EHLO and HELO: a domain or an address literal.
	HELO string
	// Timeouts are the longest waits, by step; 0 is without end. That of
	// timing.Content is for each block of content.
	Timeouts [timing.NumSteps]time.Duration
}

// A Loop is what the sessions driven by one event loop share.
type Loop struct {
	Config *Config
	Shard  *record.Shard
	// Endpoints are the server's addresses. A session tries them in this order,
	// from the one that its Open is given on, until one accepts the connection.
	Endpoints []transport.Endpoint

	offers offers
}

// until is the deadline of a step that begins now.
func (l *Loop) until(step timing.Step, now timing.Instant) timing.Instant {
	if d := l.Config.Timeouts[step]; d > 0 {
		return now.Add(d)
	}
	return 0
}
