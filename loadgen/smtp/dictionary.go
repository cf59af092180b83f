package smtp

// An Entry is a row of the reply-code dictionary.
type Entry struct {
	Code    Code
	Kind    Class  // Success, Intermediate, Failure or Error: RFC 821's columns
	Meaning string // RFC 5321's text, or that of the extension
	Source  string // the RFC numbers, or the server that made it up
	Where   string // the commands and moments it answers
}

// Meaning returns what the code stands for, "" for one that no RFC and no
// server in the dictionary defines. Then the first digit still decides
// (RFC 5321 section 4.3.2).
func (c Code) Meaning() string {
	e, _ := Lookup(c)
	return e.Meaning
}

// Lookup returns the row of a code.
func Lookup(c Code) (e Entry, ok bool) {
	if c < minCode || c > maxCode || rowOf[c-minCode] == 0 {
		return Entry{}, false
	}
	return dictionary[rowOf[c-minCode]-1], true
}

// Codes are 200 to 599 on the wire.
const (
	minCode  Code = 200
	maxCode  Code = 599
	numCodes      = int(maxCode-minCode) + 1
)

// rowOf holds, by code, the row of the dictionary plus 1.
var rowOf = func() (rows [numCodes]uint8) {
	for i, e := range dictionary {
		rows[e.Code-minCode] = uint8(i + 1)
	}
	return rows
}()

// dictionary holds every code between 211 and 556 that RFC 821, RFC 5321, an
// extension or the registry of RFC 5248 names, and those that servers are known
// to send.
var dictionary = [...]Entry{
	{211, Success, "System status, or system help reply", "821/5321", "HELP"},
	{214, Success, "Help message", "821/5321", "HELP"},
	{220, Success, "<domain> Service ready; also \"ready to start TLS\" and the XCLIENT answer", "821/5321, 3207, XCLIENT", "greeting, STARTTLS, XCLIENT"},
	{221, Success, "<domain> Service closing transmission channel", "821/5321", "QUIT (Postfix also sends 221 2.7.0 + close to GET/POST/CONNECT)"},
	{235, Success, "Authentication succeeded", "4954", "AUTH"},
	{250, Success, "Requested mail action okay, completed", "821/5321", "nearly everything"},
	{251, Success, "User not local; will forward to <path> (ETRN: no messages waiting)", "821/5321, 1985", "RCPT, VRFY, ETRN"},
	{252, Success, "Cannot VRFY user, but will accept message and attempt delivery (ETRN: pending messages for node started)", "5321, 1985", "VRFY, EXPN, ETRN; treat as success on RCPT"},
	{253, Success, "ETRN: OK, <n> pending messages for node started", "1985", "ETRN"},
	{334, Intermediate, "Server challenge (base64 text only; \"334 \" when empty)", "4954", "AUTH"},
	{353, Intermediate, "PRDR: content received, per-recipient replies follow", "draft-hall-prdr (Exim)", "end of DATA"},
	{354, Intermediate, "Start mail input; end with <CRLF>.<CRLF>", "821/5321", "DATA"},
	{421, Failure, "<domain> Service not available, closing transmission channel", "821/5321", "any time, also unsolicited; the server closes"},
	{422, Failure, "A password transition is needed (legacy listing)", "5248 registry (X.7.12)", "rare"},
	{430, Failure, "legacy (appears with X.5.1)", "5248 registry", "rare"},
	{432, Failure, "A password transition is needed", "4954", "AUTH"},
	{450, Failure, "Mailbox unavailable (busy, greylisted, policy); ATRN: refused", "821/5321, 2645", "RCPT, DOT, MAIL"},
	{451, Failure, "Local error in processing", "821/5321", "any mail command"},
	{452, Failure, "Insufficient system storage; too many recipients (4.5.3); SIZE: not enough space now", "821/5321, 1870", "MAIL, RCPT, DATA, DOT"},
	{453, Failure, "ATRN: you have no mail; enhanced X.3.2", "2645, 5248", "ATRN"},
	{454, Failure, "TLS not available due to temporary reason; temporary authentication failure", "3207, 4954", "STARTTLS, AUTH"},
	{455, Failure, "Server unable to accommodate parameters", "5321", "MAIL, RCPT"},
	{458, Failure, "Unable to queue messages for node", "1985", "ETRN"},
	{459, Failure, "Node not allowed", "1985", "ETRN"},
	{500, Error, "Syntax error, command unrecognized; line too long; AUTH line too long", "821/5321, 4954", "any"},
	{501, Error, "Syntax error in parameters or arguments; AUTH cancelled / undecodable", "821/5321, 4954", "any"},
	{502, Error, "Command not implemented", "821/5321", "HELP, VRFY, EXPN, SEND, SOML, SAML, TURN, ATRN"},
	{503, Error, "Bad sequence of commands", "821/5321", "any"},
	{504, Error, "Command parameter not implemented; AUTH mechanism not supported", "821/5321, 4954", "AUTH, HELP, VRFY, EXPN"},
	{521, Error, "Host does not accept mail (connection); many servers: policy reject + close", "1846, 7504", "greeting, EHLO"},
	{523, Error, "Encryption needed (legacy with X.7.10)", "5248 registry", "AUTH"},
	{524, Error, "Encryption required for mechanism (legacy)", "5248 registry", "AUTH"},
	{525, Error, "User account disabled", "5248 registry (X.7.13)", "AUTH"},
	{530, Error, "Authentication required (5.7.0); must issue a STARTTLS command first", "4954, 3207", "any but AUTH EHLO HELO NOOP RSET QUIT STARTTLS"},
	{533, Error, "legacy with X.7.1", "5248 registry", "rare"},
	{534, Error, "Authentication mechanism is too weak", "4954", "AUTH"},
	{535, Error, "Authentication credentials invalid", "4954", "AUTH"},
	{538, Error, "Encryption required for requested mechanism (historic)", "2554, 4954", "AUTH"},
	{550, Failure, "Mailbox unavailable, no access, policy", "821/5321", "RCPT, MAIL, DOT, VRFY, EXPN, EHLO"},
	{551, Failure, "User not local; please try <path> (Postfix: discarded BDAT chunk)", "821/5321", "RCPT, VRFY"},
	{552, Failure, "Exceeded storage allocation; SIZE over the fixed maximum", "821/5321, 1870", "MAIL, RCPT, DOT"},
	{553, Failure, "Mailbox name not allowed", "821/5321", "RCPT, MAIL, VRFY"},
	{554, Failure, "Transaction failed; at connect: no SMTP service here; TLS: command refused due to lack of security", "821/5321, 3207", "greeting, DATA, DOT, BDAT"},
	{555, Error, "MAIL FROM/RCPT TO parameters not recognized or not implemented", "5321 (1869)", "MAIL, RCPT"},
	{556, Failure, "Domain does not accept mail (null MX)", "7504, 7505", "RCPT"},
}
