package sink

import (
	"slices"
	"strings"

	"mailmill/loadgen/timing"
)

// A Deed is what a behaviour does.
type Deed uint8

// The deeds that come before a reply, or in its place.
const (
	Answer      Deed = iota // with a reply of its own; 421 closes
	Delay                   // the reply, and whatever else is drawn
	Drop                    // closes without a reply
	Reset                   // closes with RST
	Silence                 // never answers again, and keeps the connection
	Deaf                    // never reads again, and keeps the connection: the client's writes come to a halt
	Endless                 // at auth: one challenge after the other, until the client gives up
	Garbage                 // at tls: octets that are not TLS, and closes
	Certificate             // at tls: one that does not hold; Text says why: expired, untrusted or wrong-name
)

// The deeds that change the manner in which a reply is given, whichever it is. All that are
// drawn apply.
const (
	NotSMTP    = Certificate + 1 + iota // words of another protocol in its place
	BadCode                             // a first digit of 9
	BareCode                            // the code alone, without text
	MixedCodes                          // a first line with another code
	NUL                                 // an octet of 0 in the text
	LongLine                            // longLine octets in a line, where 512 are allowed
	LFOnly                              // line ends without CR
	Twice                               // the same reply again
	Omit                                // nothing is said, and the session goes on
	Split                               // each octet in a write of its own
	Dribble                             // so, and with a pause of Least in front of each
	Close                               // closes behind it
	Break                               // breaks the connection (RST) behind it
	numDeeds
)

// deeds holds the word of the behaviour grammar for each deed, and the step that alone it is
// for; 0: each that has a reply.
var deeds = [numDeeds]struct {
	name string
	only timing.Step
}{
	Answer: {name: "answer"}, Delay: {name: "delay"}, Drop: {name: "drop"}, Reset: {name: "reset"}, Silence: {name: "silence"},
	Deaf: {name: "deaf"}, Endless: {"endless", timing.Auth}, Garbage: {"garbage", timing.TLS}, Certificate: {"certificate", timing.TLS},
	NotSMTP: {name: "not-smtp"}, BadCode: {name: "bad-code"}, BareCode: {name: "bare-code"}, MixedCodes: {name: "mixed-codes"},
	NUL: {name: "nul"}, LongLine: {name: "long-line"}, LFOnly: {name: "lf-only"}, Twice: {name: "twice"}, Omit: {name: "omit"},
	Split: {name: "split"}, Dribble: {name: "dribble"}, Close: {name: "close"}, Break: {name: "break"},
}

// String returns the word of the behaviour grammar.
func (d Deed) String() string { return deeds[d].name }

// parseDeed returns the deed of a word. Answer has none: it is a code.
func parseDeed(word string) (Deed, bool) {
	for d := Delay; d < numDeeds; d++ {
		if deeds[d].name == word {
			return d, true
		}
	}
	return 0, false
}

// deedNames returns the words, for messages.
func deedNames() string {
	var names []string
	for d := Delay; d < numDeeds; d++ {
		names = append(names, d.String())
	}
	return strings.Join(names, ", ")
}

// isManner reports whether the deed changes how a reply is given.
func (d Deed) isManner() bool { return d >= NotSMTP }

// The ways in which a certificate does not hold.
var faultyCertificates = []string{"expired", "untrusted", "wrong-name"}

// fault tells why b.Deed is not to be done at b.Step; "" is that it is.
func (b Behaviour) fault() string {
	only, step := deeds[b.Deed].only, behaving[b.Step]
	switch {
	case only != 0 && only != b.Step:
		return b.Deed.String() + " is for " + only.String() + " only"
	case b.Deed == Certificate && !slices.Contains(faultyCertificates, b.Text):
		return "a certificate is " + strings.Join(faultyCertificates, ", ")
	case b.Deed == Answer && b.Step == timing.TLS:
		return "tls has no reply to give; use starttls"
	case b.Deed == Answer && step.success == 0:
		return b.Step.String() + " has no reply to give; use greeting"
	case b.Deed.isManner() && (step.success == 0 || b.Step == timing.Content):
		return b.Step.String() + " has no reply that " + b.Deed.String() + " could change"
	case b.Early && (b.Deed != Answer || !step.early):
		return "early is for the reply to a command that has an argument"
	case b.For != "" && !step.addressed:
		return b.Step.String() + " has no address for a pattern"
	}
	return ""
}
