package results

// A Check is an expectation of the user and whether the run met it. The grammar
// of Expression belongs to results/check.
type Check struct {
	Expression string      `json:"expression"`
	Status     CheckStatus `json:"status"`
	// Value and Limit are in Unit: "ns", "ratio", "count" or "per_s". Value is left
	// out when there was no data.
	Value *float64 `json:"value,omitempty"`
	Limit float64  `json:"limit"`
	Unit  string   `json:"unit"`
	// Margin is the distance to the limit over the limit: positive on the good side.
	Margin *float64 `json:"margin_ratio,omitempty"`
	// AtLeast: the value is a lower bound.
	AtLeast bool   `json:"at_least,omitempty"`
	BuiltIn bool   `json:"built_in,omitempty"`
	Words   string `json:"words,omitempty"` // the finding, for a person
}

// CheckStatus is how a check ended.
type CheckStatus string

// The ways in which a check ends. Only Passed is good.
const (
	CheckPassed       CheckStatus = "passed"
	CheckFailed       CheckStatus = "failed"
	CheckNoData       CheckStatus = "no data"      // counts as failed
	CheckInconclusive CheckStatus = "inconclusive" // too few samples to tell
)
