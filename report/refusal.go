package report

import (
	"fmt"
	"strings"

	"mailmill/results"
)

// leastRefusals is how many refusals it takes to speak of most of them.
const leastRefusals = 10

func oneRefusal(d *results.Document) string {
	top, all := topRefusal(d)
	if all < leastRefusals || 2*top.Count <= all || wanted(d, top) {
		return ""
	}
	return fmt.Sprintf("%s of the refusals are one reply to %s: %s", percent(top.Count, all), top.Step,
		joined(" ", fmt.Sprint(top.Code), top.Enhanced, clip(wrap(top.Example, mostExample), 1)[0]))
}

// wanted tells a refusal that the plan asks for: its recipients are partly unknown.
func wanted(d *results.Document, r results.Reply) bool {
	if r.Step != "rcpt" || r.Code < 500 {
		return false
	}
	for name, value := range d.Run.Plan {
		if strings.HasSuffix(name, "unknown-share") && value != "" && value != "0%" {
			return true
		}
	}
	return false
}

// mostExample is how many characters of a reply a warning repeats.
const mostExample = 60

// topRefusal returns the most frequent negative reply and how many there were of all.
func topRefusal(d *results.Document) (top results.Reply, all int64) {
	for _, r := range d.Replies {
		if r.Code < 400 {
			continue
		}
		all += r.Count
		if r.Count > top.Count {
			top = r
		}
	}
	return top, all
}

// limits are replies of known servers, and the setting behind each.
var limits = []struct {
	code    int
	text    string // a part of the reply, in lower case
	setting string
}{
	{421, "too many concurrent", "Exim: smtp_accept_max (20 by default)"},
	{421, "too many errors", "Postfix: smtpd_soft_error_limit and smtpd_hard_error_limit"},
	{421, "too many connections", "Postfix: smtpd_client_connection_count_limit"},
	{450, "too much mail", "Postfix: smtpd_client_message_rate_limit"},
	{452, "too many recipients", "Postfix: smtpd_recipient_limit (1000 by default)"},
	{452, "insufficient system storage", "the disk of the queue is full, or queue_minfree (Postfix) is too high"},
	{554, "relay access denied", "Postfix: mynetworks, relay_domains"},
	{550, "relay not permitted", "Exim: hostlist relay_from_hosts"},
}

// motives are refusals that are no limit, by the reply code, the enhanced status code (RFC 3463) and a part of the
// text in lower case; what is empty or 0 fits all. The first that fits counts.
var motives = []struct {
	code           int
	enhanced, text string
	advice         string
}{
	{530, "", "tls", "the server wants TLS first: give a target of smtp+starttls:// or smtps://"},
	{530, "", "", "the server wants a login first: give one with --auth-users"},
	{535, "", "", "the server does not let these users in: look at the passwords of --auth-users, and at --auth"},
	{0, "5.3.4", "", "the messages are too large for the server: lower --size, or raise the limit there"},
	{552, "", "size", "the messages are too large for the server: lower --size, or raise the limit there"},
	{0, "5.1.1", "", "the server has no such mailbox: give some with --to that it has"},
	{0, "5.1.2", "", "the server takes no mail for this domain: give mailboxes with --to that it has"},
	{0, "5.1.8", "", "the server takes no mail from this domain: give another sender with --from"},
	{0, "5.7.", "", "a rule of the server forbids this: allow it there, log in with --auth-users, or give other addresses with --from and --to"},
	{550, "", "unknown", "the server has no such mailbox: give some with --to that it has"},
}

// settingFor says what the most frequent refusal comes from: the setting of a known server that it speaks of, or
// something that is no limit.
func settingFor(d *results.Document) string {
	top, _ := topRefusal(d)
	text := strings.ToLower(top.Example)
	for _, l := range limits {
		if l.code == top.Code && strings.Contains(text, l.text) {
			return "a limit of the server was met: " + l.setting
		}
	}
	for _, m := range motives {
		if (m.code == 0 || m.code == top.Code) && strings.HasPrefix(top.Enhanced, m.enhanced) && strings.Contains(text, m.text) {
			return m.advice
		}
	}
	return ""
}
