package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mailmill/loadgen/message"
	"mailmill/loadgen/smtp"
)

// A DSN holds the parameters of delivery status notifications (RFC 3461), each as it
// was given; "" is none.
type DSN struct {
	Notify string // NEVER, or of SUCCESS, FAILURE and DELAY, with commas between them
	Ret    string // FULL or HDRS
	Envid  string // a pattern
	Orcpt  string // a pattern of mailboxes
}

// keys are the parameters by the names that they are given by, in the order in which they are shown.
func (d *DSN) keys() []dsnKey {
	return []dsnKey{
		{"notify", &d.Notify, parseNotify},
		{"ret", &d.Ret, parseRet},
		{"envid", &d.Envid, parseEnvid},
		{"orcpt", &d.Orcpt, parseOrcpt},
	}
}

type dsnKey struct {
	name  string
	at    *string
	parse func(string) (string, error)
}

// MailParams returns the parameters of MAIL in the notation of the command, RcptParams
// those of RCPT; "" is none. {n} stays {n}.
func (d DSN) MailParams() string {
	return strings.Join(slices.DeleteFunc([]string{pair("RET=", d.Ret), pair("ENVID=", xtext(d.Envid))}, none), " ")
}

// RcptParams returns the parameters of RCPT.
func (d DSN) RcptParams() string {
	return strings.Join(slices.DeleteFunc([]string{pair("NOTIFY=", d.Notify), pair("ORCPT=rfc822;", xtext(d.Orcpt))}, none), " ")
}

func none(s string) bool { return s == "" }

func pair(key, value string) string {
	if value == "" {
		return ""
	}
	return key + value
}

// xtext encodes a pattern. Braces and digits are the same in xtext.
func xtext(pattern string) string { return string(smtp.AppendXtext(nil, []byte(pattern))) }

func parseNotify(s string) (string, error) {
	s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if s == "NEVER" {
		return s, nil
	}
	seen := map[string]bool{}
	for word := range strings.SplitSeq(s, ",") {
		if !slices.Contains([]string{"SUCCESS", "FAILURE", "DELAY"}, word) || seen[word] {
			return "", errors.New("notify is never, or each of success, failure and delay at most once, with commas between them")
		}
		seen[word] = true
	}
	return s, nil
}

func parseRet(s string) (string, error) {
	if s = strings.ToUpper(s); s != "FULL" && s != "HDRS" {
		return "", errors.New("ret is full or hdrs")
	}
	return s, nil
}

// maxEnvid is the longest value of ENVID, in xtext, and maxOrcpt that of ORCPT (RFC 3461 section 5.4).
const (
	maxEnvid = 100
	maxOrcpt = 500
)

func parseEnvid(s string) (string, error) {
	if n := len(xtext(s)); n > maxEnvid || strings.ContainsFunc(s, notPrintable) {
		return "", fmt.Errorf("envid is up to %d printable characters of ASCII, without a semicolon", maxEnvid)
	}
	return s, nil
}

// notPrintable tells of what no parameter of DSN holds; a semicolon would begin another one.
func notPrintable(r rune) bool { return r < ' ' || r > '~' || r == ';' }

func parseOrcpt(s string) (string, error) {
	if n := len(xtext(s)); n > maxOrcpt || !strings.ContainsAny(s, "@{") || strings.ContainsFunc(s, notPrintable) {
		return "", errors.New("orcpt is a mailbox, such as {rcpt}, which is the forward-path")
	}
	return s, nil
}

// dsnValue sets parameters one by one: the first one given replaces what was set before, further ones add to it.
type dsnValue struct {
	at    *DSN
	begun bool
}

func (v *dsnValue) Set(s string) error {
	name, text, found := strings.Cut(s, "=")
	if !found {
		return errors.New("not KEY=VALUE; write notify=success,failure")
	}
	d := *v.at
	if !v.begun {
		d = DSN{}
	}
	var names []string
	for _, k := range d.keys() {
		if k.name != strings.ToLower(name) {
			names = append(names, k.name)
			continue
		}
		value, err := k.parse(text)
		if err != nil {
			return err
		}
		*k.at = value
		*v.at, v.begun = d, true
		return nil
	}
	return fmt.Errorf("%q is no parameter of DSN%s; there are %s", name, didYouMean(name, names), strings.Join(names, " "))
}

func (v *dsnValue) String() string {
	var parts []string
	d := *v.at
	for _, k := range d.keys() {
		if *k.at != "" {
			parts = append(parts, k.name+"="+*k.at)
		}
	}
	return strings.Join(parts, ";")
}

func (v *dsnValue) Type() string { return "dsn" }

func asIs(s string) string { return s }

// ownParams are the parameters that follow from the message and from other settings.
var ownParams = map[string]string{
	"SIZE":     "it is given wherever the server offers it",
	"BODY":     "it follows from the content, and from --binary",
	"SMTPUTF8": "it follows from the addresses and the header",
	"PRDR":     "one reply for each recipient is LMTP's; give an lmtp:// target",
}

// parseParams checks parameters of MAIL or RCPT.
func parseParams(s string) (string, error) {
	if strings.ContainsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' || r == 0 }) {
		return "", errors.New("a line end or NUL among the parameters")
	}
	s = strings.Join(strings.Fields(s), " ")
	rest := []byte(s)
	for {
		rest = bytes.TrimLeft(rest, " ")
		key, _, after, more, err := smtp.NextParam(rest)
		switch {
		case err != nil:
			return "", fmt.Errorf("%q is no parameter; write KEY or KEY=VALUE, with blanks between them", strings.TrimSpace(string(rest)))
		case !more:
			return s, nil
		case ownParams[strings.ToUpper(string(key))] != "":
			return "", fmt.Errorf("leave out %s: %s", key, ownParams[strings.ToUpper(string(key))])
		}
		if err := message.CheckParam(string(rest[:len(rest)-len(after)])); err != nil {
			return "", err
		}
		rest = after
	}
}
