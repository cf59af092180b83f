package profiles

import (
	"github.com/spf13/pflag"
)

// A TargetPlan says the server under test.
type TargetPlan struct {
	// Target is the server, as target.Parse reads it; "" is the built-in sink, in
	// the same process.
	Target string
	// AllowPublicTarget lifts the rule that a target resolves wholly to loopback
	// or private addresses.
	AllowPublicTarget bool
}

var targetSettings = []Setting{
	{Name: "target", Placeholder: "TARGET", Group: TargetGroup, Apart: true,
		Usage: "The server under test; without one the built-in sink is, in the same process. TARGET as an argument is the same.",
		Unit:  "HOST, HOST:PORT, smtp://HOST:PORT, [::1]:PORT, or mx:DOMAIN for its mail exchangers; port 25 unless given",
		Value: func(p *Plan) pflag.Value { return Text(&p.Target) }},
	{Name: "allow-public-target", Default: "false", Group: TargetGroup, Apart: true,
		Usage: "Allow a target outside loopback and private addresses. Only for servers that are yours.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.AllowPublicTarget) }},
}
