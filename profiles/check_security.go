package profiles

import (
	"fmt"
	"slices"
	"strings"

	"mailmill/loadgen/identity"
	"mailmill/loadgen/target"
)

// securityRules are about targets, TLS, logins and identities.
var securityRules = slices.Concat([]rule{
	{[]string{"target"}, func(p *Plan, _ func(string) bool) string { return firstFault(p.Targets, targetFault) }},
	{[]string{"ipv4", "ipv6"}, func(p *Plan, _ func(string) bool) string {
		if p.IPv4 && p.IPv6 {
			return "no address is of both families; leave out ipv4, ipv6, or both"
		}
		return ""
	}},
	{[]string{"dns", "target"}, func(p *Plan, given func(string) bool) string {
		if given("dns") && p.DNS == "session" && !slices.ContainsFunc(p.Targets, hasName) {
			return "no target has a name to resolve: they are addresses, sockets or the built-in sink; leave dns out"
		}
		return ""
	}},
	{[]string{"sink-security", "target"}, func(p *Plan, _ func(string) bool) string {
		if p.SinkSecurity != "none" && len(p.Targets) > 0 {
			return "a target says by its scheme what protects its sessions; leave out sink-security, or the target"
		}
		return ""
	}},
	{[]string{"tls-key", "tls-cert"}, func(p *Plan, _ func(string) bool) string {
		if p.TLSKey != "" && p.TLSCert == "" {
			return "a key without a certificate; give tls-cert too"
		}
		return ""
	}},
	{[]string{"tls-min", "tls-max"}, func(p *Plan, _ func(string) bool) string {
		if p.TLSMin > p.TLSMax {
			return fmt.Sprintf("no version lies between %s and %s; the older one belongs into tls-min", p.TLSMin, p.TLSMax)
		}
		return ""
	}},
	{[]string{"tls-insecure", "tls-ca"}, func(p *Plan, _ func(string) bool) string {
		if p.TLSInsecure && p.TLSCA != "" {
			return "any certificate is taken, so that none has to be trusted; leave out tls-insecure, or tls-ca"
		}
		return ""
	}},
	{[]string{"auth"}, func(p *Plan, _ func(string) bool) string {
		if slices.Contains(p.Auth, AnyMechanism) && len(p.Auth) > 1 {
			return "auto is the choice among all; leave it out, or the others"
		}
		return ""
	}},
	{[]string{"auth-users", "data"}, func(p *Plan, _ func(string) bool) string {
		if p.AuthUsers == "-" && p.Data == "-" {
			return "standard input holds either the users or the message; put one of them into a file"
		}
		return ""
	}},
	{[]string{"helo"}, func(p *Plan, _ func(string) bool) string {
		return firstFault(p.HELO, func(name string) string {
			if strings.HasPrefix(name, "@") {
				return ""
			}
			return domainFault(name)
		})
	}},
	{[]string{"xclient"}, func(p *Plan, _ func(string) bool) string { return claimFault(identity.XCLIENT, p.XCLIENT) }},
	{[]string{"xforward"}, func(p *Plan, _ func(string) bool) string { return claimFault(identity.XFORWARD, p.XFORWARD) }},
	{[]string{"client-addr"}, func(p *Plan, _ func(string) bool) string {
		addresses := slices.DeleteFunc(slices.Clone(p.ClientAddrs), func(s string) bool { return strings.HasPrefix(s, "@") })
		if _, err := identity.ParsePool(addresses); err != nil {
			return err.Error()
		}
		return ""
	}},
	{[]string{"client-addr", "proxy", "xclient", "xforward"}, func(p *Plan, given func(string) bool) string {
		if given("client-addr") && !p.Claims() {
			return "nothing would claim these addresses; give proxy, xclient or xforward"
		}
		return ""
	}},
}, needless("no target has TLS: give one such as smtp+starttls://HOST or smtps://HOST, or leave it out", Plan.secure,
	"tls-ca", "tls-server-name", "tls-insecure", "tls-cert", "tls-key", "tls-min", "tls-max", "tls-ciphers", "tls-resume"),
	needless("nobody logs in: give auth-users, or leave it out", func(p Plan) bool { return p.LogsIn() }, "auth", "auth-per", "auth-plaintext"))

// needless are the rules that settings are not given in vain.
func needless(why string, needed func(Plan) bool, names ...string) (rules []rule) {
	for _, name := range names {
		rules = append(rules, rule{[]string{name}, func(p *Plan, given func(string) bool) string {
			if given(name) && !needed(*p) {
				return why
			}
			return ""
		}})
	}
	return rules
}

// secure tells whether a target has TLS.
func (p Plan) secure() bool {
	return p.SinkSecurity != "none" || slices.ContainsFunc(p.Targets, func(s string) bool {
		t, err := target.Parse(s)
		return err != nil || t.Security() != target.Plain // a wrong target has a fault of its own
	})
}

// hasName tells whether a target is found in the DNS.
func hasName(s string) bool {
	t, err := target.Parse(s)
	return err != nil || !t.Addr.IsValid() && t.Path == "" // a wrong target has a fault of its own
}

// claimFault checks what a command is to claim; files are read when the run is prepared.
func claimFault(c identity.Command, text string) string {
	if _, err := identity.ParseAttributes(c, text, nil); err != nil {
		return err.Error()
	}
	return ""
}
