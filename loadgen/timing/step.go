package timing

// A Step is one timed part of a session, most of them a command and its reply.
// The names are RFC 5321's words in lower case; they appear in documents and
// are never renamed.
type Step uint8

// The steps, in the order in which a session can meet them.
const (
	Resolve  Step = iota // the look-up of the server's addresses, where each session does its own
	Connect              // connect(2) to the connection being established
	Greeting             // established to the 220 greeting (RFC 5321 section 3.1)
	Proxy                // the PROXY protocol header handed to the kernel
	EHLO
	HELO
	LHLO
	STARTTLS // STARTTLS to its 220
	TLS      // the handshake
	Auth     // the whole exchange
	XCLIENT
	XFORWARD
	Mail
	Rcpt
	Data    // DATA to 354
	Content // 354 to the last octet of the content handed to the kernel
	Accept  // that to the reply to the content
	BDAT
	RSET
	NOOP
	VRFY
	EXPN
	Help
	Quit
	Idle // no command outstanding; a reply here is unsolicited
	NumSteps
)

var stepNames = [NumSteps]string{
	Resolve: "resolve", Connect: "connect", Greeting: "greeting", Proxy: "proxy", EHLO: "ehlo", HELO: "helo", LHLO: "lhlo",
	STARTTLS: "starttls", TLS: "tls", Auth: "auth", XCLIENT: "xclient", XFORWARD: "xforward",
	Mail: "mail", Rcpt: "rcpt", Data: "data", Content: "content", Accept: "accept", BDAT: "bdat",
	RSET: "rset", NOOP: "noop", VRFY: "vrfy", EXPN: "expn", Help: "help", Quit: "quit", Idle: "idle",
}

// String returns the step's name as it stands in documents.
func (s Step) String() string { return name(stepNames[:], int(s), "step") }

// ParseStep returns the step of that name.
func ParseStep(s string) (Step, bool) {
	i, ok := index(stepNames[:], s)
	return Step(i), ok
}
