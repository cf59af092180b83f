package profiles

import (
	"strings"

	"github.com/spf13/pflag"
)

// Flags are the values given on the command line, by the flag's long name, in
// their order. They are texts still: Load parses them, so that one wrong flag
// does not hide the next.
type Flags map[string][]string

// AddFlags adds a flag for every setting to fs and returns where they gather.
func AddFlags(fs *pflag.FlagSet) Flags {
	given := Flags{}
	for _, s := range Settings {
		flag := fs.VarPF(&gatherer{s, given}, s.Name, s.Short, s.Usage)
		flag.DefValue = s.Default
		if s.Switch() {
			flag.NoOptDefVal = "true"
		}
	}
	return given
}

// A gatherer is the value of a setting's flag: it keeps what is given.
type gatherer struct {
	setting Setting
	given   Flags
}

// Set keeps s; of a flag that takes one value the last one counts.
func (g *gatherer) Set(s string) error {
	name := g.setting.Name
	if !g.setting.Repeatable() {
		g.given[name] = nil
	}
	g.given[name] = append(g.given[name], s)
	return nil
}

func (g *gatherer) String() string { return strings.Join(g.given[g.setting.Name], g.setting.Separator) }

// Type is the placeholder that help shows; a switch has none.
func (g *gatherer) Type() string {
	if g.setting.Switch() {
		return "bool"
	}
	return g.setting.Placeholder
}
