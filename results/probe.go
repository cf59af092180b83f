package results

import (
	"encoding/json"
	"time"
)

// ProbeSchema and ProbeVersion name the format of a [Probe].
const (
	ProbeSchema  = "mailmill.probe"
	ProbeVersion = 1
)

// A Probe is what one look at a server showed: a document of its own kind. Texts are the server's, and hostile.
type Probe struct {
	Schema  string `json:"schema"`
	Version int    `json:"version"`
	// StartedAt is the wall clock at the begin.
	StartedAt time.Time `json:"started_at"`
	// Target is the server as the user wrote it, Address the one that was dialed, and Protocol SMTP or LMTP.
	Target   string `json:"target"`
	Address  string `json:"address,omitempty"`
	Protocol string `json:"protocol"`
	// Exchangers are the mail exchangers of a domain, in the order in which they are to be tried.
	Exchangers []string `json:"mail_exchangers,omitempty"`
	// Steps are all that was done, in its order.
	Steps []ProbeStep `json:"steps"`
	// Clear and Secure are what was offered before TLS and in it; nil: nothing was.
	Clear  *ProbeOffer `json:"clear,omitempty"`
	Secure *ProbeOffer `json:"secure,omitempty"`
	// TLS is the handshake; nil: there was none.
	TLS *ProbeTLS `json:"tls,omitempty"`
	// Pipelining, Chunking, Size and LoneLF are what came of trying; nil: it was not tried.
	Pipelining *ProbeTrial `json:"pipelining,omitempty"`
	Chunking   *ProbeTrial `json:"chunking,omitempty"`
	Size       *ProbeTrial `json:"size,omitempty"`
	LoneLF     *ProbeTrial `json:"lone_lf,omitempty"`
	// Fault is what ended the session before its time; "": nothing did.
	Fault string `json:"fault,omitempty"`
	// Lines are those of the session, without their ends, from "C" and "S". None of them is in the JSON unless asked for.
	Lines []ProbeLine `json:"lines,omitempty"`
}

// A ProbeStep is one thing that was done, and what the server said to it.
type ProbeStep struct {
	Name   string        `json:"name"` // as of a step of a session
	Sent   string        `json:"sent,omitempty"`
	Secure bool          `json:"secure,omitempty"` // in TLS
	Took   time.Duration `json:"took_ns"`
	// Replies are those that came; none where the step has none.
	Replies []ProbeReply `json:"replies,omitempty"`
	Fault   string       `json:"fault,omitempty"`
}

// A ProbeReply is a reply, its lines joined by LF.
type ProbeReply struct {
	Code int    `json:"code"`
	Text string `json:"text"`
}

// A ProbeOffer is what a reply to EHLO or LHLO offers.
type ProbeOffer struct {
	Domain   string         `json:"domain"`
	Keywords []ProbeKeyword `json:"keywords"`
}

// A ProbeKeyword is one extension with its parameters.
type ProbeKeyword struct {
	Name   string `json:"name"`
	Params string `json:"params,omitempty"`
}

// A ProbeTLS is what a handshake agreed on.
type ProbeTLS struct {
	Implicit bool   `json:"implicit,omitempty"` // before all else
	Version  string `json:"version,omitempty"`
	Cipher   string `json:"cipher,omitempty"`
	// Certificate is the server's own; nil where it showed none.
	Certificate *ProbeCertificate `json:"certificate,omitempty"`
	// Verified tells that it holds for Name, by the authorities that are trusted; Why says why not.
	Verified bool   `json:"verified"`
	Name     string `json:"name,omitempty"`
	Why      string `json:"why,omitempty"`
	// Fault is why the handshake failed.
	Fault string `json:"fault,omitempty"`
}

// A ProbeCertificate is what a certificate says.
type ProbeCertificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Names     []string  `json:"names,omitempty"` // domains and addresses that it is for
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
}

// A ProbeTrial is whether the server does what it offers.
type ProbeTrial struct {
	Held  bool   `json:"held"`
	Words string `json:"words"`
}

// A ProbeLine is a line of the session.
type ProbeLine struct {
	From string `json:"from"` // "C" or "S"
	Text string `json:"text"`
}

// Step returns the last step of that name; nil is none.
func (p *Probe) Step(name string) *ProbeStep {
	for i := len(p.Steps) - 1; i >= 0; i-- {
		if p.Steps[i].Name == name {
			return &p.Steps[i]
		}
	}
	return nil
}

// JSON returns p as it is shown, with a line end.
func (p *Probe) JSON() ([]byte, error) {
	data, err := json.MarshalIndent(p, "", "  ")
	return append(data, '\n'), err
}
