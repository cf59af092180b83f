package smtp

// Meaning returns what subject and detail of the code stand for in the registry
// of enhanced status codes (RFC 3463, RFC 5248 and later), "" when it has none.
// The class says how severe that is, and is not part of the meaning.
func (e Enhanced) Meaning() string { return enhancedMeanings[e&(1<<(2*enhancedBits)-1)] }

// x is the code with any class, X.subject.detail.
func x(subject, detail int) Enhanced { return MakeEnhanced(0, subject, detail) }

var enhancedMeanings = map[Enhanced]string{
	x(0, 0): "other undefined status",

	x(1, 0):  "other address status",
	x(1, 1):  "bad destination mailbox address",
	x(1, 2):  "bad destination system address",
	x(1, 3):  "bad destination mailbox address syntax",
	x(1, 4):  "destination mailbox address ambiguous",
	x(1, 5):  "destination address valid",
	x(1, 6):  "destination mailbox has moved",
	x(1, 7):  "bad sender's mailbox address syntax",
	x(1, 8):  "bad sender's system address",
	x(1, 9):  "message relayed to non-compliant mailer",
	x(1, 10): "recipient address has null MX",

	x(2, 0): "other mailbox status",
	x(2, 1): "mailbox disabled",
	x(2, 2): "mailbox full",
	x(2, 3): "message longer than the mailbox allows",
	x(2, 4): "mailing list expansion problem",

	x(3, 0): "other mail system status",
	x(3, 1): "mail system full",
	x(3, 2): "system not accepting messages",
	x(3, 3): "system not capable of selected features",
	x(3, 4): "message too big for system",
	x(3, 5): "system incorrectly configured",
	x(3, 6): "requested priority was changed",

	x(4, 0): "other network or routing status",
	x(4, 1): "no answer from host",
	x(4, 2): "bad connection",
	x(4, 3): "directory server failure",
	x(4, 4): "unable to route",
	x(4, 5): "mail system congestion",
	x(4, 6): "routing loop detected",
	x(4, 7): "delivery time expired",

	x(5, 0): "other protocol status",
	x(5, 1): "invalid command",
	x(5, 2): "syntax error",
	x(5, 3): "too many recipients",
	x(5, 4): "invalid command arguments",
	x(5, 5): "wrong protocol version",
	x(5, 6): "authentication exchange line too long",

	x(6, 0): "other media error",
	x(6, 1): "media not supported",
	x(6, 2): "conversion required and prohibited",
	x(6, 3): "conversion required but not supported",
	x(6, 4): "conversion with loss performed",
	x(6, 5): "conversion failed",
	x(6, 6): "message content not available",
	x(6, 7): "non-ASCII addresses not permitted for that recipient",
	x(6, 8): "UTF-8 string reply is required but not permitted",
	x(6, 9): "UTF-8 header message cannot be transferred",

	x(7, 0):  "other security status",
	x(7, 1):  "delivery not authorized, message refused",
	x(7, 2):  "mailing list expansion prohibited",
	x(7, 3):  "security conversion required but not possible",
	x(7, 4):  "security features not supported",
	x(7, 5):  "cryptographic failure",
	x(7, 6):  "cryptographic algorithm not supported",
	x(7, 7):  "message integrity failure",
	x(7, 8):  "authentication credentials invalid",
	x(7, 9):  "authentication mechanism is too weak",
	x(7, 10): "encryption needed",
	x(7, 11): "encryption required for requested authentication mechanism",
	x(7, 12): "a password transition is needed",
	x(7, 13): "user account disabled",
	x(7, 14): "trust relationship required",
	x(7, 15): "priority level is too low",
	x(7, 16): "message is too big for the specified priority",
	x(7, 17): "mailbox owner has changed",
	x(7, 18): "domain owner has changed",
	x(7, 19): "recipient's validity test cannot be completed",
	x(7, 20): "no passing DKIM signature found",
	x(7, 21): "no acceptable DKIM signature found",
	x(7, 22): "no valid author-matched DKIM signature found",
	x(7, 23): "SPF validation failed",
	x(7, 24): "SPF validation error",
	x(7, 25): "reverse DNS validation failed",
	x(7, 26): "multiple authentication checks failed",
	x(7, 27): "sender address has null MX",
	x(7, 28): "mail flood detected",
	x(7, 29): "ARC validation failure",
	x(7, 30): "REQUIRETLS support required",
}
