package profiles

import (
	"github.com/spf13/pflag"
)

// A TargetPlan says the servers under test.
type TargetPlan struct {
	// Targets are the servers, as target.Parse reads them, used in turn by the number of the session; none is the
	// built-in sink, in the same process.
	Targets []string
	// IPv4 and IPv6 leave out the addresses of the other family.
	IPv4, IPv6 bool
	// DNS is "once", before the run, or "session": each session looks the addresses up anew.
	DNS string
	// AllowPublicTarget lifts the rule that a target resolves wholly to loopback
	// or private addresses.
	AllowPublicTarget bool
	// SinkSecurity is what protects sessions with the built-in sink: "none", "starttls", or "tls" from the start.
	SinkSecurity string
}

var targetSettings = []Setting{
	{Name: "target", Placeholder: "TARGET", Group: TargetGroup, Apart: true, Separator: ",",
		Usage: "The server under test; without one the built-in sink is, in the same process. TARGET as an argument is the same. " +
			"Repeatable: then sessions use the servers in turn.",
		Unit: "HOST, HOST:PORT, SCHEME://HOST:PORT, [::1]:PORT, smtp+unix:///PATH, lmtp+unix:///PATH, or mx:DOMAIN for its mail exchangers. SCHEME is smtp (port 25), " +
			"lmtp (24); smtp+starttls (25), submission (587), lmtp+starttls (24), which must offer STARTTLS; smtps, submissions (465), with TLS from the start. " +
			"What is in clear is never upgraded",
		Value: func(p *Plan) pflag.Value { return Texts(&p.Targets, ",") }},
	{Name: "ipv4", Short: "4", Default: "false", Group: TargetGroup, Apart: true,
		Usage: "Use only IPv4 addresses of the target.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.IPv4) }},
	{Name: "ipv6", Short: "6", Default: "false", Group: TargetGroup, Apart: true,
		Usage: "Use only IPv6 addresses of the target.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.IPv6) }},
	{Name: "dns", Placeholder: "WHEN", Default: "once", Group: TargetGroup, Apart: true,
		Usage: "When the target's name is resolved: once before the run, or anew for each session, which is its step resolve.",
		Unit:  "once, session",
		Value: func(p *Plan) pflag.Value { return Choice(&p.DNS, "once", "session") }},
	{Name: "allow-public-target", Default: "false", Group: TargetGroup, Apart: true,
		Usage: "Allow a target outside loopback and private addresses. Only for servers that are yours.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.AllowPublicTarget) }},
	{Name: "sink-security", Placeholder: "WHAT", Default: "none", Group: TargetGroup, Apart: true,
		Usage: "What protects the sessions with the built-in sink, which answers where there is no target: its certificate is trusted. " +
			"A target says it by its scheme.",
		Unit:  "none, starttls, tls",
		Value: func(p *Plan) pflag.Value { return Choice(&p.SinkSecurity, "none", "starttls", "tls") }},
}
