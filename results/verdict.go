package results

// Status is whether the numbers of a run may be believed.
type Status string

// The statuses, from good to bad.
const (
	Valid    Status = "VALID"
	Degraded Status = "DEGRADED"
	Invalid  Status = "INVALID"
)

// Finding is the effect of a reason that is a result about the server: the
// numbers may be believed, and say that it did not keep up.
const Finding Status = "finding"

// The values of Verdict.End, and of Reason.Side.
const (
	EndComplete    = "complete"
	EndInterrupted = "interrupted" // by a person: Ctrl-C
	EndFaults      = "max-faults"  // the plan's limit of faults was reached
	EndCheck       = "check"       // a check failed that may end the run
	EndUnwritten   = "unwritten"   // the interval log or the rows could not be written

	SideGenerator = "generator"
	SideHost      = "host"
	SideServer    = "server"
)

// A Verdict says whether the numbers of a run may be believed, and why not.
type Verdict struct {
	Status  Status   `json:"status"`
	Reasons []Reason `json:"reasons,omitempty"`
	// End is how the run ended.
	End string `json:"end"`
}

// A Reason is one ground for a verdict, or a finding about the server.
type Reason struct {
	Name   string `json:"name"` // as "generator.pacer"
	Side   string `json:"side"` // SideGenerator, SideHost or SideServer
	Effect Status `json:"effect"`
	Words  string `json:"words"` // what was measured, and what was allowed
}
