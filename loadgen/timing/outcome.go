package timing

// An Outcome is how a slot of the run ended.
type Outcome uint8

// The outcomes. Their counts add up to the slots intended.
const (
	NoOutcome  Outcome = iota // not ended yet
	Accepted                  // 2yz to the content, for at least one recipient
	Deferred                  // ended by a 4yz reply, at any step, opening included
	Rejected                  // ended by a 5yz reply
	Failed                    // a fault before the end of the content
	Unknown                   // a fault after it: the server may have taken the message
	Dropped                   // never begun: later than the policy allows
	Unfinished                // not ended when the drain ended
	NumOutcomes
)

var outcomeNames = [NumOutcomes]string{
	NoOutcome: "none", Accepted: "accepted", Deferred: "deferred", Rejected: "rejected", Failed: "failed",
	Unknown: "unknown", Dropped: "dropped", Unfinished: "unfinished",
}

// String returns the outcome's name as it stands in documents.
func (o Outcome) String() string { return name(outcomeNames[:], int(o), "outcome") }
