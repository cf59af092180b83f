package profiles

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// Sources are where a plan comes from, the strongest first.
type Sources struct {
	Flags   Flags
	Environ []string // as os.Environ returns it
	// Profile is the name of an embedded profile or the path of a file; "" is
	// first-run where no target is given, and else none.
	Profile string
}

// firstRun is the profile of a run that names neither a target nor a profile.
const firstRun = "first-run"

// defaultDuration is the length of a run that nobody gave a length.
const defaultDuration = 10 * time.Second

// Load returns the plan of the sources: a flag wins over an environment
// variable, that over a class of the profile, that over the profile itself, and
// that over the default. So a flag holds for every class. A list replaces the list
// of a weaker source; time-outs and labels replace key by key.
//
// The error is of type Faults and holds everything that is wrong.
func Load(from Sources) (Plan, error) {
	given := layers{flags: flagEntries(from.Flags), environ: environEntries(from.Environ)}
	l := newLoading()
	if from.Profile != "" {
		given.profile = l.read(from.Profile)
		l.apply(given.profile.entries, fromProfile)
	} else if !given.flags.has("target") && !given.environ.has("target") {
		l.apply(l.read(firstRun).entries, fromProfile)
		clear(l.origin) // nobody asked for it: its values are defaults
		clear(l.rank)
	}
	classes := l.classes(given)
	l.apply(given.environ, fromEnviron)
	l.apply(given.flags, fromFlags)
	l.yield()
	if l.plan.Messages == 0 && len(l.plan.Stages) == 0 && !l.given("duration") {
		l.plan.Duration = defaultDuration
	}
	l.checkReadable()
	l.check()
	l.join(classes)
	l.plan.origins = l.shown
	return l.plan, l.faults.orNil()
}

// layers are everything that was given, by its source.
type layers struct {
	profile        reading
	environ, flags entries
}

// An entry is one value of a setting, and where it stands.
type entry struct {
	text  string
	where string
}

// entries are the values that one source gives, by setting.
type entries map[string][]entry

func (e entries) has(name string) bool { return len(e[name]) > 0 }

func flagEntries(flags Flags) entries {
	all := entries{}
	for name, texts := range flags {
		for _, text := range texts {
			all[name] = append(all[name], entry{text, "--" + name})
		}
	}
	return all
}

// environEntries takes the settings out of environ. An empty variable counts as
// not set.
func environEntries(environ []string) entries {
	byName := map[string]string{}
	for _, line := range environ {
		name, text, _ := strings.Cut(line, "=")
		byName[name] = text
	}
	all := entries{}
	for _, s := range Settings {
		variable := EnvName(s.Name)
		for _, text := range split(byName[variable], s.Separator) {
			all[s.Name] = append(all[s.Name], entry{text, variable})
		}
	}
	return all
}

// split separates the values of one environment variable.
func split(text, separator string) []string {
	if text == "" {
		return nil
	}
	if separator == "" {
		return []string{text}
	}
	return strings.Split(text, separator)
}

// A loading is a plan under way.
type loading struct {
	plan   Plan
	faults Faults
	origin map[string]string // where the strongest value of a setting stands
	rank   map[string]rank   // and of what kind that source is
	bad    map[string]bool   // settings with a fault already: no check needs to repeat it
	shown  map[string]string // origins as they are shown: those of first-run too
	class  *classReading     // the plan is that of a class; nil: it is the run's
}

func newLoading() *loading {
	return &loading{plan: Default(), origin: map[string]string{}, rank: map[string]rank{}, bad: map[string]bool{}, shown: map[string]string{}}
}

// A rank is how strong a source is; 0 is that nobody asked.
type rank uint8

const (
	fromProfile rank = iota + 1
	fromClass
	fromEnviron
	fromFlags
)

// rivals are settings that shut each other out. Where a stronger source asks for
// one, that of the weaker source is taken back; what one source asks for at once is a
// fault, which a check finds.
var rivals = []struct {
	one, other            string
	dropOne, dropTheOther func(*Plan)
}{
	{"stages", "rate", func(p *Plan) { p.Stages = nil }, func(p *Plan) { p.Rate = 0 }},
	{"sink-security", "target", func(p *Plan) { p.SinkSecurity = "none" }, func(p *Plan) { p.Targets = nil }},
	{"stages", "duration", func(p *Plan) { p.Stages = nil }, func(p *Plan) { p.Duration = 0 }},
}

// yield lets the weaker of two rivals give way.
func (l *loading) yield() {
	for _, r := range rivals {
		switch one, other := l.rank[r.one], l.rank[r.other]; {
		case one > other:
			r.dropTheOther(&l.plan)
			l.gaveWay(r.other, r.one)
		case other > one:
			r.dropOne(&l.plan)
			l.gaveWay(r.one, r.other)
			l.rank[r.one] = 0
		}
	}
	if l.shown["stages"] != "" && len(l.plan.Stages) == 0 && l.rank["scale"] < fromEnviron {
		l.plan.Scale = 1 // of the stages that gave way
		delete(l.origin, "scale")
	}
}

// gaveWay notes that what was given for a setting does not count.
func (l *loading) gaveWay(name, to string) {
	delete(l.origin, name)
	if l.shown[name] != "" {
		l.shown[name] += ", gave way to " + l.shown[to]
	}
}

// given tells whether somebody asked for something else than the default: a printed plan names every setting.
func (l *loading) given(name string) bool {
	s, _ := Lookup(name)
	return l.origin[name] != "" && (s.Default == "" || s.Value(&l.plan).String() != s.Default)
}

func (l *loading) fault(where, what string) { l.faults = append(l.faults, Fault{where, what}) }

func (l *loading) read(profile string) reading {
	r, faults := readProfile(profile)
	l.faults = append(l.faults, faults...)
	l.plan.Profile = profile
	return r
}

// apply sets what one source gives, in the table's order.
func (l *loading) apply(source entries, strength rank) {
	for _, s := range Settings {
		v := s.Value(&l.plan)
		for _, e := range source[s.Name] {
			l.origin[s.Name], l.rank[s.Name] = e.where, strength
			l.shown[s.Name] = strings.TrimSuffix(e.where, ": "+s.Name)
			if err := v.Set(e.text); err != nil {
				l.bad[s.Name] = true
				l.fault(e.where, fmt.Sprintf("%q: %v", e.text, err))
			}
		}
	}
}

// checkReadable opens the files of messages, so that a wrong path is told with
// everything else.
func (l *loading) checkReadable() {
	for _, f := range l.plan.messageFiles() {
		if f.path == "" || f.path == "-" || l.bad[f.setting] {
			continue
		}
		if err := readable(f.path, f.folder); err != nil {
			l.bad[f.setting] = true
			l.fault(l.origin[f.setting], fmt.Sprintf("%v; give the path of a %s", err, f.what))
		}
	}
}

// readable tells why a file, or a folder where that will do, cannot be read.
func readable(path string, folder bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return err
	} else if info.IsDir() && !folder {
		return fmt.Errorf("%s is a folder", path)
	}
	return nil
}
