package profiles

import (
	"github.com/spf13/pflag"
)

// A SessionPlan says what a session is.
type SessionPlan struct {
	// HELO is the name that EHLO, HELO and LHLO give.
	HELO string
	// MessagesPerSession is the number of mail transactions in a session; 0 is
	// without end.
	MessagesPerSession int
	// Timeouts are the longest waits, step by step.
	Timeouts Timeouts
}

var sessionSettings = []Setting{
	{Name: "helo", Placeholder: "NAME", Default: "client.example.com", Group: SessionGroup,
		Usage: "Name that the client gives in EHLO, HELO or LHLO: a domain or an address literal.",
		Value: func(p *Plan) pflag.Value { return Text(&p.HELO) }},
	{Name: "messages-per-session", Placeholder: "N", Default: "1", Group: SessionGroup,
		Usage: "Mail transactions in a session before QUIT; 0 is without end.",
		Value: func(p *Plan) pflag.Value { return Number(&p.MessagesPerSession) }},
	{Name: "timeout", Placeholder: "[STEP=]D", Default: "30s,connect=10s,tls=10s,accept=1m,quit=5s", Group: SessionGroup,
		Separator: ",", Join: "=",
		Usage: "Longest wait for the end of a step; without STEP of every step. Repeatable, the last one counts.",
		Unit:  "30s, accept=2m",
		Value: func(p *Plan) pflag.Value { return &timeoutsValue{&p.Timeouts} }},
}
