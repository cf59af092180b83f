package profiles

import (
	"net/netip"

	"github.com/spf13/pflag"
)

// A TransportPlan says what moves the octets.
type TransportPlan struct {
	// Transport is "auto", "epoll" or "goroutines".
	Transport string
	// Loops is the number of event loops; 0 lets the transport choose.
	Loops int
	// Spin makes event loops poll without ever blocking.
	Spin bool
	// Dials caps the connection attempts in flight.
	Dials int
	// LocalAddrs are the source addresses of connections, used in turn; none
	// leaves the choice to the system.
	LocalAddrs []netip.Addr
	// Linger0 closes connections with RST, so that no port stays in TIME_WAIT.
	Linger0 bool
	// QuickAck acknowledges each segment at once (Linux).
	QuickAck bool
}

var transportSettings = []Setting{
	{Name: "transport", Placeholder: "NAME", Default: "auto", Group: TransportGroup,
		Usage: "What moves the octets: epoll (event loops, Linux), goroutines (every system), or auto, the fastest one here: where every target has TLS, goroutines.",
		Value: func(p *Plan) pflag.Value { return Choice(&p.Transport, "auto", "epoll", "goroutines") }},
	{Name: "loops", Placeholder: "N", Default: "0", Group: TransportGroup,
		Usage: "Event loops; 0 lets mailmill choose.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Loops) }},
	{Name: "spin", Default: "false", Group: TransportGroup,
		Usage: "Poll without ever sleeping: less jitter for a whole processor per loop.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.Spin) }},
	{Name: "dials", Placeholder: "N", Default: "256", Group: TransportGroup,
		Usage: "Connection attempts in flight at most; waiting for one is lateness.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Dials) }},
	{Name: "local-addr", Placeholder: "IP", Group: TransportGroup, Separator: ",",
		Usage: "Source address of connections; repeatable, then they are used in turn, and each has ports of its own.",
		Value: func(p *Plan) pflag.Value { return addresses(&p.LocalAddrs) }},
	{Name: "linger", Placeholder: "N", Default: "-1", Group: TransportGroup,
		Usage: "0 closes connections with RST, so that no port stays in TIME_WAIT; -1 closes as the system does.",
		Value: func(p *Plan) pflag.Value { return value(&p.Linger0, "int", parseLinger, formatLinger) }},
	{Name: "quickack", Default: "false", Group: TransportGroup,
		Usage: "Acknowledge each segment at once (Linux), for servers that write each reply apart; costs processor time.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.QuickAck) }},
}
