package loadgen

import (
	"slices"
	"strings"

	"mailmill/loadgen/timing"
)

// counsels say what to do about a target that is not usable, by how the reason begins and a piece of it. The first
// that fits counts. What is said of TLS and of AUTH that is not offered is behind the fault already.
var counsels = []struct{ begin, piece, advice string }{
	{"connect: ", "connection refused", "nobody listens on this port: look whether the server runs, and where"},
	{"connect: ", "timeout", "nothing answers there: look for a wrong address, or a firewall in between"},
	{"connect: ", "no such file", "there is no socket of this path"},
	{"connect: ", "", "look whether this machine reaches the address"},
	{"greeting: ", "timeout", speechless},
	{"greeting: ", "no reply within", speechless},
	{"greeting: ", "malformed", "what listens there speaks no SMTP: look for another port"},
	{"greeting: ", "not a reply", "what listens there speaks no SMTP: look for another port"},
	{"ehlo: ", "the server answered 50", "if it speaks LMTP, give a target of lmtp://"},
	{"helo: ", "the server answered 50", "if it speaks LMTP, give a target of lmtp://"}, // a probe tries it behind EHLO
	{"lhlo: ", "the server answered 50", "if it speaks SMTP, give a target of smtp://"},
	{"auth: ", "the server answered 53", "look at the users and passwords of --auth-users, and at --auth"},
	{"tls: ", "first record does not look like a TLS", "the server speaks in clear here: give a target of smtp+starttls:// or smtp://"},
}

const speechless = "if it wants TLS from the start, give a target of smtps://; if it waits for a PROXY header, --proxy v2"

// counsel returns what to do about a reason why a target is not usable, or "" where nothing is known or it is said.
func counsel(reason string) string {
	for _, c := range counsels {
		if strings.HasPrefix(reason, c.begin) && strings.Contains(reason, c.piece) && !strings.Contains(reason, c.advice) {
			return c.advice
		}
	}
	return ""
}

// brief is a fault in words, without its kind where the text has that word already: "connection refused".
func brief(f timing.Fault) string {
	kind := f.Kind.String()
	if strings.HasPrefix(f.Text, kind+": ") || f.Kind != timing.TLSFailed && slices.Contains(strings.Fields(f.Text), kind) {
		return f.Text
	}
	return f.Error()
}
