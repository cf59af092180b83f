package smtp

// Explain returns in one line what the extension offers, with its RFC. The text
// is mailmill's own: nothing of the server's is in it.
func (k Keyword) Explain() string {
	if text, ok := explanations[k.Name]; ok {
		return text
	}
	if len(k.Name) > 0 && k.Name[0] == 'X' {
		return "a private extension of the server"
	}
	return "not known to mailmill"
}

var explanations = map[string]string{
	"8BITMIME":            "content with octets above 127 in lines (RFC 6152)",
	"ATRN":                "the client may ask for its mail on the same connection (RFC 2645)",
	"AUTH":                "authentication, by the mechanisms listed (RFC 4954)",
	"BINARYMIME":          "content of any octets, by BDAT only (RFC 3030)",
	"BURL":                "content fetched by the server from a URL (RFC 4468)",
	"CHECKPOINT":          "a broken mail transaction can go on where it stopped (RFC 1845)",
	"CHUNKING":            "content in counted chunks, BDAT, instead of DATA (RFC 3030)",
	"CONNEG":              "what the recipient can show is told (RFC 4141)",
	"CONPERM":             "the client may permit conversions of the content (RFC 4141)",
	"DELIVERBY":           "a time by which to deliver, with the least number of seconds (RFC 2852)",
	"DSN":                 "the client chooses which delivery status notifications come back (RFC 3461)",
	"ENHANCEDSTATUSCODES": "replies carry class.subject.detail codes (RFC 2034, RFC 3463)",
	"ETRN":                "the client may have a queue of the server's started (RFC 1985)",
	"EXPN":                "mailing lists can be expanded (RFC 5321 section 3.5)",
	"FUTURERELEASE":       "mail is held until a time: most seconds and last date (RFC 4865)",
	"HELP":                "help texts (RFC 5321 section 4.1.1.8)",
	"LIMITS":              "how many transactions and recipients a session may have (RFC 9422)",
	"MT-PRIORITY":         "messages have priorities from -9 to 9 (RFC 6710)",
	"MTRK":                "messages can be tracked (RFC 3885)",
	"NO-SOLICITING":       "classes of mail the server does not want (RFC 3865)",
	"ONEX":                "one mail transaction only (sendmail)",
	"PIPECONNECT":         "commands may be sent before the greeting, the next time (Exim)",
	"PIPELINING":          "several commands may be sent without waiting for replies (RFC 2920)",
	"PRDR":                "one reply for each recipient after the content (draft-hall-prdr, Exim)",
	"REQUIRETLS":          "a message can require TLS on every hop (RFC 8689)",
	"RRVS":                "a recipient can be required to be the owner since a date (RFC 7293)",
	"SAML":                "send to a terminal and mail (RFC 821, obsolete)",
	"SEND":                "send to a terminal (RFC 821, obsolete)",
	"SIZE":                "the size is declared with MAIL; the largest message in octets, 0 for no fixed limit (RFC 1870)",
	"SMTPUTF8":            "addresses and header in UTF-8 (RFC 6531)",
	"SOML":                "send to a terminal or mail (RFC 821, obsolete)",
	"STARTTLS":            "the connection can change to TLS (RFC 3207)",
	"SUBMITTER":           "the responsible address is told with MAIL (RFC 4405)",
	"TURN":                "the roles can be reversed (RFC 821, obsolete)",
	"VERB":                "a verbose session (sendmail)",
	"VRFY":                "mailboxes can be verified (RFC 5321 section 3.5)",
	"XCLIENT":             "a trusted client may tell whom it speaks for, which counts (Postfix)",
	"XFORWARD":            "a trusted client may tell whom it speaks for, for the log (Postfix)",
	"XVERP":               "an own reverse-path for each recipient (Postfix)",
}
