package profiles

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"mailmill/loadgen/login"
)

// A LoginPlan says who logs in.
type LoginPlan struct {
	// AuthUsers is the file of users, user:password a line; "-" is standard input, and env:NAME an environment
	// variable with such lines; "" is nobody.
	AuthUsers string
	// Auth are the mechanisms in the order of preference, in upper case; "AUTO" alone is the best that both sides know.
	Auth []string
	// AuthPer is "worker" or "session": what users are used in turn by.
	AuthPer string
	// AuthPlaintext allows AUTH in a session in clear with another machine.
	AuthPlaintext bool
}

// LogsIn tells whether sessions log in.
func (p LoginPlan) LogsIn() bool { return p.AuthUsers != "" || p.external() }

// external tells whether the only mechanism is EXTERNAL, which needs no password and no user.
func (p LoginPlan) external() bool { return len(p.Auth) == 1 && p.Auth[0] == "EXTERNAL" }

// AnyMechanism is the value of auth that leaves the choice to the two sides.
const AnyMechanism = "AUTO"

// An IdentityPlan says for whom sessions speak.
type IdentityPlan struct {
	// Proxy is "none", "v1" or "v2": the PROXY header in front of all else.
	Proxy string
	// XCLIENT and XFORWARD are what the commands claim, as identity.ParseAttributes reads it; "" does not say them.
	XCLIENT, XFORWARD string
	// ClientAddrs are the addresses that are claimed: addresses, networks, and @FILE with a line for each.
	ClientAddrs []string
}

// Claims tells whether sessions claim addresses of clients.
func (p IdentityPlan) Claims() bool { return p.Proxy != "none" || p.XCLIENT != "" || p.XFORWARD != "" }

var loginSettings = []Setting{
	{Name: "auth-users", Placeholder: "FILE", Group: LoginGroup,
		Usage: "Log in as these users, in turn: user:password a line. The password is the token of XOAUTH2 and OAUTHBEARER too.",
		Unit: "FILE, - for standard input, env:NAME for an environment variable that holds the lines, " +
			"example:N for user0@example.com and so on, whose password is example, and whom the built-in sink knows",
		Value: func(p *Plan) pflag.Value { return Text(&p.AuthUsers) }},
	{Name: "auth", Placeholder: "MECHANISM", Default: "auto", Group: LoginGroup, Separator: ",",
		Usage: "Mechanism of AUTH; repeatable, the best first: the first that the server offers is used, and the next where it refuses one. " +
			"auto is the best that both know.",
		Unit:  "auto, " + strings.Join(login.Mechanisms(), ", "),
		Value: func(p *Plan) pflag.Value { return mechanisms(&p.Auth) }},
	{Name: "auth-per", Placeholder: "WHAT", Default: "worker", Group: LoginGroup,
		Usage: "Whose own a login is: each worker keeps its user, or each session takes the next.",
		Unit:  "worker, session",
		Value: func(p *Plan) pflag.Value { return Choice(&p.AuthPer, "worker", "session") }},
	{Name: "auth-plaintext", Default: "false", Group: LoginGroup,
		Usage: "Log in without TLS even where the server is another machine, and the password crosses the network.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.AuthPlaintext) }},
	{Name: "client-addr", Placeholder: "NETWORK", Group: LoginGroup, Separator: ",",
		Usage: "Addresses of clients that PROXY, XCLIENT and XFORWARD claim, drawn for each session; repeatable, each entry as likely as the others.",
		Unit:  "192.0.2.7, 192.0.2.0/24, 2001:db8::/32, @FILE with one a line",
		Value: func(p *Plan) pflag.Value { return Texts(&p.ClientAddrs, ",") }},
	{Name: "proxy", Placeholder: "VERSION", Default: "none", Group: LoginGroup,
		Usage: "Begin each connection with a PROXY header, for a server that trusts this machine; without client-addr it names nobody.",
		Unit:  "none, v1, v2",
		Value: func(p *Plan) pflag.Value { return Choice(&p.Proxy, "none", "v1", "v2") }},
	{Name: "xclient", Placeholder: "ATTRIBUTES", Group: LoginGroup,
		Usage: "Speak for another client by XCLIENT: NAME, ADDR, PORT, PROTO, HELO, LOGIN, DESTADDR, DESTPORT, with commas between them.",
		Unit:  "ADDR,NAME,LOGIN=user{n}; {n} is the session's number, NAME=@FILE uses the lines of a file in turn",
		Value: func(p *Plan) pflag.Value { return Text(&p.XCLIENT) }},
	{Name: "xforward", Placeholder: "ATTRIBUTES", Group: LoginGroup,
		Usage: "Tell by XFORWARD before each message whom it is passed on for: NAME, ADDR, PORT, PROTO, HELO, IDENT, SOURCE.",
		Value: func(p *Plan) pflag.Value { return Text(&p.XFORWARD) }},
}

// mechanisms is a list of mechanisms in upper case; auto stands alone.
func mechanisms(at *[]string) pflag.Value {
	parse := func(s string) (string, error) {
		s = strings.ToUpper(s)
		if s == AnyMechanism {
			return s, nil
		}
		if err := (&login.Book{Mechanisms: []string{s}}).Check(); err != nil {
			return "", fmt.Errorf("%w, and auto%s", err, didYouMean(s, login.Mechanisms()))
		}
		return s, nil
	}
	format := func(s string) string {
		if s == AnyMechanism {
			return "auto"
		}
		return s
	}
	return &list[string]{at: at, separator: ",", parse: parse, format: format}
}
