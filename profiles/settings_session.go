package profiles

import (
	"github.com/spf13/pflag"
)

// A SessionPlan says what a session is.
type SessionPlan struct {
	// HELO are the names that EHLO, HELO and LHLO give, in turn by the session's number; @FILE stands for the lines of
	// a file.
	HELO []string
	// MessagesPerSession is the number of mail transactions in a session; 0 is
	// without end. If MostPerSession is more than that, the number is drawn evenly
	// from one to the other for each session.
	MessagesPerSession, MostPerSession int
	// RSETBetween sends RSET between two mail transactions of a session.
	RSETBetween bool
	// Timeouts are the longest waits, step by step.
	Timeouts Timeouts
}

var sessionSettings = []Setting{
	{Name: "helo", Placeholder: "NAME", Default: "client.example.com", Group: SessionGroup, Separator: ",",
		Usage: "Name that the client gives in EHLO, HELO or LHLO: a domain or an address literal; repeatable, then sessions use them in turn.",
		Unit:  "NAME, @FILE with one a line",
		Value: func(p *Plan) pflag.Value { return Texts(&p.HELO, ",") }},
	{Name: "messages-per-session", Placeholder: "N|N..N", Default: "1", Group: SessionGroup,
		Usage: "Mail transactions in a session before QUIT, fixed or drawn evenly from a range for each session; 0 is without end.",
		Unit:  "20, 1..20",
		Value: func(p *Plan) pflag.Value { return &rangeValue{&p.MessagesPerSession, &p.MostPerSession} }},
	{Name: "rset-between", Default: "false", Group: SessionGroup,
		Usage: "Send RSET after each message that another one is to follow in its session, as some clients do. It is in no message's time.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.RSETBetween) }},
	{Name: "timeout", Placeholder: "[STEP=]D", Default: "30s,connect=10s,tls=10s,accept=1m,bdat=1m,quit=5s", Group: SessionGroup,
		Separator: ",", Join: "=",
		Usage: "Longest wait for the end of a step; without STEP of every step. Repeatable, the last one counts.",
		Unit:  "30s, accept=2m",
		Value: func(p *Plan) pflag.Value { return &timeoutsValue{&p.Timeouts} }},
}
