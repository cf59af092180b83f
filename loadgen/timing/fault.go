package timing

// A FaultKind says in what way a step ended without a usable reply.
type FaultKind uint8

// The kinds of fault. A reply, whatever its code, is never a fault, except one
// that breaks the grammar of replies (Malformed), comes when none is due
// (Desync), or carries a code that leaves the session without a next step
// (Unexpected).
const (
	NoFault     FaultKind = iota
	Refused               // connection refused
	Unreachable           // no route, network or host unreachable
	Timeout               // the step's time-out passed
	Reset                 // connection reset by the peer
	ClosedEarly           // the peer closed without the reply that was due
	Malformed             // octets that are not a reply (RFC 5321 section 4.2)
	Unexpected            // a reply whose code the command does not allow
	Desync                // a reply too many: octets left with nothing outstanding
	TLSFailed             // the handshake failed for a reason of the peer's
	AuthFailed            // the exchange broke a rule of its mechanism
	Unresolved            // the DNS has no address for the server, or gave no answer
	NotOffered            // the server has not announced what the message or the plan needs
	Local                 // mailmill's own machine could not: descriptors, ports, memory
	NumFaultKinds
)

var faultNames = [NumFaultKinds]string{
	NoFault: "none", Refused: "refused", Unreachable: "unreachable", Timeout: "timeout", Reset: "reset",
	ClosedEarly: "closed", Malformed: "malformed", Unexpected: "unexpected", Desync: "desync",
	TLSFailed: "tls", AuthFailed: "auth", Unresolved: "dns", NotOffered: "not-offered", Local: "local",
}

// String returns the kind's name as it stands in documents.
func (k FaultKind) String() string { return name(faultNames[:], int(k), "fault") }

// ParseFaultKind returns the kind of that name.
func ParseFaultKind(s string) (FaultKind, bool) {
	i, ok := index(faultNames[:], s)
	return FaultKind(i), ok
}

// Side returns whose fault it is: "generator" for Local, else "server".
func (k FaultKind) Side() string {
	if k == Local {
		return "generator"
	}
	return "server"
}

// A Fault is a step that ended without a usable reply. The zero Fault is none.
// Text is evidence for a person: the system's words, or a quoted piece of what
// the peer sent.
type Fault struct {
	Kind FaultKind
	Text string
}

// Error makes a Fault usable where mailmill itself cannot go on because of it.
func (f Fault) Error() string {
	if f.Text == "" {
		return f.Kind.String()
	}
	return f.Kind.String() + ": " + f.Text
}
