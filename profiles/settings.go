package profiles

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// A Setting is one row of the table: all that is known about one field of the
// plan.
type Setting struct {
	// Name is the long name of the flag and the key in a profile.
	Name string
	// Short is the letter of the flag; "" is none.
	Short string
	// Placeholder stands for the value in help, in capitals; "" for a switch.
	Placeholder string
	// Default is the value where nobody says anything, in the setting's own
	// syntax; "" is none. Several values are separated by commas.
	Default string
	// Usage says in a sentence or two what the setting does.
	Usage string
	// Unit says what a bare number means, and what else may be written.
	Unit  string
	Group Group
	// Separator lies between several values in an environment variable; "" where
	// the setting takes one value.
	Separator string
	// Join lies between key and value where a profile gives the values as a
	// mapping; "" where it may not.
	Join string
	// Keys are those of one value where a profile gives it as a mapping; the first
	// is the value itself. Nil where it may not.
	Keys []string
	// Apart marks what changes neither what the whole run sends nor when.
	Apart bool
	// RunWide marks what a class of traffic cannot have for itself, though the other
	// settings of its group can be a class's.
	RunWide bool
	// Value returns the plan's field as a value that is set and shown as text.
	Value func(*Plan) pflag.Value
}

// A Group is the heading under which help shows a setting.
type Group string

// The groups, in the order of help.
const (
	TargetGroup      Group = "Target"
	LoadGroup        Group = "Load"
	MessageGroup     Group = "Message"
	SessionGroup     Group = "Session"
	TransactionGroup Group = "Mail transaction"
	TLSGroup         Group = "TLS"
	LoginGroup       Group = "Login and identity"
	TransportGroup   Group = "Transport"
	EvidenceGroup    Group = "Evidence"
)

// Groups lists the groups in the order of help.
var Groups = []Group{TargetGroup, LoadGroup, MessageGroup, SessionGroup, TransactionGroup, TLSGroup, LoginGroup, TransportGroup, EvidenceGroup}

// EnvPrefix begins the name of every environment variable that is a setting.
const EnvPrefix = "MAILMILL_"

// EnvName returns the environment variable of a flag's long name:
// MAILMILL_MAX_FAULTS for max-faults.
func EnvName(flag string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Lookup returns the setting of that long name.
func Lookup(name string) (Setting, bool) {
	for _, s := range Settings {
		if s.Name == name {
			return s, true
		}
	}
	return Setting{}, false
}

// classGroups hold what a class of traffic can have for itself: all that is of one
// message or of one session.
var classGroups = map[Group]bool{MessageGroup: true, SessionGroup: true, TransactionGroup: true, TLSGroup: true, LoginGroup: true}

// PerClass tells whether a class of traffic can have the setting for itself.
func (s Setting) PerClass() bool { return classGroups[s.Group] && !s.RunWide }

// Repeatable tells whether the setting takes several values.
func (s Setting) Repeatable() bool { return s.Separator != "" }

// Switch tells whether the setting is on or off.
func (s Setting) Switch() bool { return s.Placeholder == "" }

// assign sets the plan's field to values, in their order.
func (s Setting) assign(p *Plan, values []string) error {
	v := s.Value(p)
	for _, text := range values {
		if err := v.Set(text); err != nil {
			return err
		}
	}
	return nil
}

// Settings is the table. A row here is a flag, an environment variable, a key of
// profiles and a line of help. Each group has a file of its own.
var Settings = slices.Concat(targetSettings, loadSettings, messageSettings, sessionSettings, transactionSettings, tlsSettings, loginSettings, transportSettings, evidenceSettings)
