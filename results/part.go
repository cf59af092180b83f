package results

import "fmt"

// A Part is one of the runs that a merged document is the sum of: what is its own,
// and what tells whether it kept up with the others. Its steps, replies, faults and
// seconds are in the sums, and in the part's own document.
type Part struct {
	// File is the document that was merged.
	File      string    `json:"file,omitempty"`
	Verdict   Verdict   `json:"verdict"`
	Run       Run       `json:"run"`
	Target    Target    `json:"target"`
	Host      Host      `json:"host"`
	Load      Offered   `json:"load"`
	Window    Window    `json:"window"`
	Counts    Counts    `json:"counts"`
	Rates     Rates     `json:"rates"`
	Latency   Latencies `json:"latency"`
	Checks    []Check   `json:"checks,omitempty"`
	Generator Generator `json:"generator"`
}

// Name says which part it is: its share of the run, or else its file.
func (p *Part) Name() string {
	switch s := p.Load.Share; {
	case s != nil:
		return fmt.Sprintf("share %d/%d", s.M, s.N)
	case p.File != "":
		return p.File
	}
	return p.Run.ID
}

// parts returns what a document is made of: itself, or if it was merged already,
// its parts.
func (s *Source) parts() []Part {
	d := s.Document
	if len(d.Parts) > 0 {
		return d.Parts
	}
	return []Part{{
		File: s.File, Verdict: d.Verdict, Run: d.Run, Target: d.Target, Host: d.Host, Load: d.Load, Window: d.Window,
		Counts: d.Counts, Rates: d.Rates, Latency: d.Latency, Checks: d.Checks, Generator: d.Generator,
	}}
}
