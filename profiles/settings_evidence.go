package profiles

import (
	"github.com/spf13/pflag"
)

// A EvidencePlan says what is expected, kept and written out.
type EvidencePlan struct {
	// Checks are the expectations of the result that were asked for. Expectations
	// has the built-in ones too.
	Checks []Expectation
	// Labels are the user's own words about the run, kept in its document.
	Labels map[string]string
	// Raw asks for a row for each slot beside the document.
	Raw bool
	// Transcript is the number of sessions that are written out, from the first.
	Transcript int
	// TranscriptFailures is the number of failed sessions that are written out.
	TranscriptFailures int
}

var evidenceSettings = []Setting{
	{Name: "check", Placeholder: "CHECK", Group: EvidenceGroup, Separator: "\n", Keys: expectationKeys, Apart: true,
		Usage: "An expectation of the result, such as 'response:p99<250ms' or 'replies{code=5xx}:ratio<0.1%'; repeatable. " +
			"'accepted:count>0', and with a rate 'begun:ratio>=99%', are checked too, unless one of them is none. " +
			"With '; abort' behind it a check that fails ends the run; '; after=D' waits so long with that, '; window=D' looks back so far.",
		Value: func(p *Plan) pflag.Value { return expectations(&p.Checks) }},
	{Name: "label", Placeholder: "KEY=VALUE", Group: EvidenceGroup, Separator: "\n", Join: "=", Apart: true,
		Usage: "A word of yours about the run, kept in its document; repeatable.",
		Value: func(p *Plan) pflag.Value { return &labelsValue{&p.Labels} }},
	{Name: "raw", Default: "false", Group: EvidenceGroup, Apart: true,
		Usage: "Write one row for each message beside the result, into NAME.raw.csv; if it cannot be written as fast as messages end, the load waits.",
		Value: func(p *Plan) pflag.Value { return Switch(&p.Raw) }},
	{Name: "transcript", Placeholder: "N", Default: "0", Group: EvidenceGroup, Apart: true,
		Usage: "Write out the dialogue of the first N sessions.",
		Value: func(p *Plan) pflag.Value { return Number(&p.Transcript) }},
	{Name: "transcript-failures", Placeholder: "N", Default: "0", Group: EvidenceGroup, Apart: true,
		Usage: "Write out the dialogue of the first N sessions that end in a fault or a refusal.",
		Value: func(p *Plan) pflag.Value { return Number(&p.TranscriptFailures) }},
}
