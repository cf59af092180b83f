package target

import (
	"maps"
	"slices"
	"strings"
)

// A Scheme is a protocol that a target URL can name, in lower case.
type Scheme string

// The schemes.
const (
	SMTP         Scheme = "smtp"
	SMTPStartTLS Scheme = "smtp+starttls"
	SMTPS        Scheme = "smtps"
	Submission   Scheme = "submission"
	Submissions  Scheme = "submissions"
	LMTP         Scheme = "lmtp"
	LMTPStartTLS Scheme = "lmtp+starttls"
	SMTPUnix     Scheme = "smtp+unix"
	LMTPUnix     Scheme = "lmtp+unix"
)

// A Security says what protects a session with a target.
type Security uint8

// The securities. What a scheme says is what is done: none is upgraded, and none falls back.
const (
	Plain        Security = iota // in clear
	MustStartTLS                 // STARTTLS, or no mail (RFC 3207)
	ImplicitTLS                  // the handshake before all else (RFC 8314 section 3)
)

// A form is what a scheme means.
type form struct {
	port     uint16 // where none is given; 0: a UNIX socket, whose path stands in the place of host and port
	security Security
	lmtp     bool
}

// forms are the schemes. The ports are those of RFC 5321, RFC 6409, RFC 8314 and RFC 2033.
var forms = map[Scheme]form{
	SMTP:         {port: 25},
	SMTPStartTLS: {port: 25, security: MustStartTLS},
	SMTPS:        {port: 465, security: ImplicitTLS},
	Submission:   {port: 587, security: MustStartTLS},
	Submissions:  {port: 465, security: ImplicitTLS},
	LMTP:         {port: 24, lmtp: true},
	LMTPStartTLS: {port: 24, lmtp: true, security: MustStartTLS},
	SMTPUnix:     {},
	LMTPUnix:     {lmtp: true},
}

// unsupported are the schemes that others use, with the one that says the same here.
var unsupported = map[Scheme]string{
	"smtp+tls": "smtps or smtp+starttls", "esmtp": "smtp", "esmtps": "smtps", "unix": "smtp+unix or lmtp+unix",
	"lmtps": "lmtp+starttls", "lmtp+tls": "lmtp+starttls", "smtps+unix": "smtp+unix",
}

// Security returns what protects a session with the target.
func (t Target) Security() Security { return forms[t.Scheme].security }

// LMTP tells whether the server speaks LMTP (RFC 2033) and not SMTP.
func (t Target) LMTP() bool { return forms[t.Scheme].lmtp }

// schemes lists the schemes for an error's text.
func schemes() string {
	names := slices.Sorted(maps.Keys(forms))
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = string(name)
	}
	return strings.Join(words, ", ")
}
