package sink

import (
	"strings"

	"mailmill/loadgen/smtp"
)

// A reply is a whole reply as octets, built once, with the code it is counted under.
type reply struct {
	code   smtp.Code
	octets []byte
}

// A canned is one of the replies that are the same every time.
type canned uint8

const (
	sayGreeting canned = iota
	sayHELO
	sayMail
	sayRcpt
	sayData
	sayChunk
	sayAccepted
	sayReset
	sayNoop
	sayQuit
	sayHelp
	sayCannotVerify
	sayCannotExpand
	sayNoList
	sayForwarded
	sayStartTLS
	sayAuthOK

	saySyntax
	sayEmpty
	sayLineTooLong
	sayStrayOctets
	sayUnknown
	sayNotImplemented
	sayArguments
	sayNoArguments
	sayNoTopic
	sayNoClient
	sayNoMail
	sayNoRecipients
	sayNested
	sayNoService
	sayInTransaction
	sayChunksOnly
	sayChunkFailed
	sayBadChunk
	sayBinary
	sayNoEHLO
	sayBadReversePath
	sayBadForwardPath
	sayBadParameter
	sayTwiceParameter
	sayUnknownParameter
	sayNeedsUTF8
	sayTooBig
	sayMailboxFull
	sayTooManyRecipients
	sayTooManyDomains
	sayAnalysis
	sayNoCopies
	sayNoRelay
	sayNoUser
	sayBareLF
	sayNoMemory
	sayTooManyMails
	sayLoop
	sayGreylisted

	sayNotTrusted
	sayBadAttribute
	sayNeedsTLS
	sayNeedsAuth
	sayAlreadySecure
	sayInjection
	sayAuthenticated
	sayNoMechanism
	sayMechanismNeedsTLS
	sayNoInitialResponse
	sayNotBase64
	sayBadResponse
	sayBadCredentials
	sayAuthCancelled
	sayAuthTooLong

	sayEarly
	sayIdle
	sayTooManySessions
	sayTooManyErrors
	sayHTTP
	sayShutdown
	numCanned
)

// wording is what each canned reply says; "{host}" is the sink's own name. An
// enhanced status code stands where RFC 2034 wants one: not in the greeting, not
// in the replies to EHLO and HELO, and not in 3yz replies.
var wording = [numCanned]struct {
	code     smtp.Code
	enhanced string
	text     string
}{
	sayGreeting:     {220, "", "{host} ESMTP mailmill sink"},
	sayHELO:         {250, "", "{host}"},
	sayMail:         {250, "2.1.0", "Ok"},
	sayRcpt:         {250, "2.1.5", "Ok"},
	sayData:         {354, "", "End data with <CR><LF>.<CR><LF>"},
	sayChunk:        {250, "2.0.0", "Chunk received"},
	sayAccepted:     {250, "2.0.0", "Ok"},
	sayReset:        {250, "2.0.0", "Ok"},
	sayNoop:         {250, "2.0.0", "Ok"},
	sayQuit:         {221, "2.0.0", "{host} closing transmission channel"},
	sayHelp:         {214, "2.0.0", ""}, // the commands follow
	sayCannotVerify: {252, "2.5.0", "Cannot VRFY user, but will accept message and attempt delivery"},
	sayCannotExpand: {252, "2.5.0", "Cannot EXPN list, but will accept message and attempt delivery"},
	sayNoList:       {550, "5.1.1", "No such list"},
	sayForwarded:    {250, "2.0.0", "Ok"},
	sayStartTLS:     {220, "2.0.0", "Ready to start TLS"},
	sayAuthOK:       {235, "2.7.0", "Authentication succeeded"},

	saySyntax:            {501, "5.5.2", "Syntax error in arguments"},
	sayEmpty:             {500, "5.5.2", "Empty command line"},
	sayLineTooLong:       {500, "5.5.2", "Line too long"},
	sayStrayOctets:       {500, "5.5.2", "NUL, or CR or LF on its own, in a command line"},
	sayUnknown:           {500, "5.5.1", "Command unrecognized"},
	sayNotImplemented:    {502, "5.5.1", "Command not implemented"},
	sayArguments:         {501, "5.5.4", "Argument missing"},
	sayNoArguments:       {501, "5.5.4", "Command takes no argument"},
	sayNoTopic:           {504, "5.5.4", "No help on that"},
	sayNoClient:          {503, "5.5.1", "EHLO or HELO first"},
	sayNoMail:            {503, "5.5.1", "MAIL first"},
	sayNoRecipients:      {503, "5.5.1", "No recipient has been accepted"},
	sayNested:            {503, "5.5.1", "A mail transaction is open already"},
	sayNoService:         {503, "5.5.1", "No service here; QUIT"},
	sayChunksOnly:        {503, "5.5.1", "Only BDAT, RSET, NOOP or QUIT, between two chunks"},
	sayChunkFailed:       {503, "5.5.1", "A chunk failed; RSET first"},
	sayBadChunk:          {501, "5.5.4", "Bad chunk size; closing transmission channel"},
	sayBinary:            {503, "5.5.1", "BODY=BINARYMIME needs BDAT"},
	sayInTransaction:     {503, "5.5.1", "Not in a mail transaction"},
	sayNoEHLO:            {503, "5.5.1", "EHLO first"},
	sayBadReversePath:    {501, "5.1.7", "Bad reverse-path syntax"},
	sayBadForwardPath:    {501, "5.1.3", "Bad forward-path syntax"},
	sayBadParameter:      {501, "5.5.4", "Bad parameter value"},
	sayTwiceParameter:    {501, "5.5.4", "Parameter given twice"},
	sayUnknownParameter:  {555, "5.5.4", "Parameter not recognized or not implemented"},
	sayNeedsUTF8:         {553, "5.6.7", "Address needs SMTPUTF8"},
	sayTooBig:            {552, "5.3.4", "Message size exceeds fixed maximum message size"},
	sayMailboxFull:       {552, "5.2.2", "Mailbox full"},
	sayTooManyRecipients: {452, "4.5.3", "Too many recipients"},
	sayTooManyDomains:    {452, "4.5.3", "Too many domains of recipients"},
	sayAnalysis:          {353, "", "Content received; a reply for each recipient follows"},
	sayNoCopies:          {550, "5.7.1", "No recipient takes the message"},
	sayNoRelay:           {550, "5.7.1", "Relaying to that domain is not permitted"},
	sayNoUser:            {550, "5.1.1", "No such user here"},
	sayBareLF:            {550, "5.5.2", "CR or LF on its own in the content"},
	sayTooManyMails:      {421, "4.7.0", "{host} Too many mail transactions, closing transmission channel"},
	sayLoop:              {554, "5.4.6", "Too many hops: the mail goes round in a loop"},
	sayGreylisted:        {450, "4.7.1", "Greylisted, please come back later"},
	sayNoMemory:          {421, "4.3.1", "{host} Insufficient system storage, closing transmission channel"},

	sayNotTrusted:        {550, "5.7.0", "You may not speak for others"},
	sayBadAttribute:      {501, "5.5.4", "Bad attribute or value"},
	sayNeedsTLS:          {530, "5.7.0", "Must issue a STARTTLS command first"},
	sayNeedsAuth:         {530, "5.7.0", "Authentication required"},
	sayAlreadySecure:     {503, "5.5.1", "TLS protects this connection already"},
	sayInjection:         {554, "5.7.0", "Octets between STARTTLS and the handshake"},
	sayAuthenticated:     {503, "5.5.1", "Authenticated already"},
	sayNoMechanism:       {504, "5.5.4", "Authentication mechanism not supported"},
	sayMechanismNeedsTLS: {538, "5.7.11", "Encryption required for this authentication mechanism"},
	sayNoInitialResponse: {501, "5.7.0", "The mechanism takes no initial response"},
	sayNotBase64:         {501, "5.5.2", "Not base64"},
	sayBadResponse:       {501, "5.5.2", "Not a response of the mechanism"},
	sayBadCredentials:    {535, "5.7.8", "Authentication credentials invalid"},
	sayAuthCancelled:     {501, "5.7.0", "Authentication cancelled"},
	sayAuthTooLong:       {500, "5.5.6", "Authentication exchange line is too long"},

	sayEarly:           {554, "5.5.1", "{host} You spoke before the greeting"},
	sayIdle:            {421, "4.4.2", "{host} Timeout, closing transmission channel"},
	sayTooManySessions: {421, "4.7.0", "{host} Too many sessions, closing transmission channel"},
	sayTooManyErrors:   {421, "4.7.0", "{host} Too many errors, closing transmission channel"},
	sayHTTP:            {421, "4.7.0", "{host} This is not an HTTP server, closing transmission channel"},
	sayShutdown:        {421, "4.3.2", "{host} Shutting down, closing transmission channel"},
}

// cannedReplies builds the canned replies of one sink.
func cannedReplies(c *Config, set *commandSet) (r [numCanned]reply) {
	for i, w := range wording {
		text := strings.ReplaceAll(w.text, "{host}", c.Hostname)
		if c.LMTP {
			text = strings.Replace(text, "ESMTP", "LMTP", 1)
		}
		if canned(i) == sayHelp {
			text = set.text()
		}
		r[i] = c.reply(w.code, enhanced(w.enhanced), text)
	}
	return r
}

// reply builds a reply. Its enhanced status code goes where those are not offered.
func (c *Config) reply(code smtp.Code, e smtp.Enhanced, text string) reply {
	if c.Without&EnhancedStatusCodes != 0 {
		e = 0
	}
	return reply{code, smtp.AppendReply(nil, code, e, text)}
}

// enhanced reads an enhanced status code of this package's own tables.
func enhanced(s string) smtp.Enhanced {
	e, _, _ := smtp.ParseEnhanced([]byte(s))
	return e
}
