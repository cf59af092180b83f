package profiles

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A classLoading is the plan of a class under way.
type classLoading struct {
	Class
	loading *loading
}

// classes begins the plan of each class of the profile: what each class says itself is checked for its form.
func (l *loading) classes(given layers) []classLoading {
	var all []classLoading
	named := map[string]string{}
	for i := range given.profile.classes {
		c := &given.profile.classes[i]
		k := classLoading{Class: Class{Name: c.name.text, Weight: 1}, loading: newLoading()}
		l.identify(&k, c, named)
		k.loading.class = c
		k.loading.apply(given.profile.entries, fromProfile)
		k.loading.faults = nil // they are the run's, and told of it
		k.loading.apply(c.entries, fromClass)
		l.faults = append(l.faults, k.loading.faults...)
		k.loading.apply(given.environ, fromEnviron)
		k.loading.apply(given.flags, fromFlags)
		k.loading.yield()
		k.loading.faults = nil
		all = append(all, k)
	}
	return all
}

// identify checks the name and the weight of a class.
func (l *loading) identify(k *classLoading, c *classReading, named map[string]string) {
	if c.name.where != "" {
		if err := checkClassName(k.Name); err != nil {
			l.fault(c.name.where, fmt.Sprintf("%q: %v", k.Name, err))
		} else if before := named[k.Name]; before != "" {
			l.fault(c.name.where, fmt.Sprintf("%q is the name of another class, at %s; give each its own", k.Name, before))
		}
		named[k.Name] = strings.TrimSuffix(c.name.where, ": name")
	}
	if c.weight.where == "" {
		return
	}
	weight, err := parseWeight(c.weight.text)
	if err != nil {
		l.fault(c.weight.where, fmt.Sprintf("%q: %v", c.weight.text, err))
	}
	k.Weight = weight
}

// join checks the plans of the classes, and gives them to that of the run.
func (l *loading) join(classes []classLoading) {
	for _, k := range classes {
		own := k.loading
		own.plan.Profile, own.plan.Duration = l.plan.Profile, l.plan.Duration
		own.checkReadable()
		own.check()
		for _, f := range own.faults {
			if !slices.Contains(l.faults, f) {
				l.fault(f.Where, f.What)
			}
		}
		own.plan.origins = own.shown
		k.Plan, k.own = own.plan, own.class.origins()
		l.plan.Classes = append(l.plan.Classes, k.Class)
	}
	l.checkSelectors()
}

// origins says where the settings of a class stand.
func (c *classReading) origins() map[string]string {
	at := map[string]string{}
	for name, given := range c.entries {
		at[name] = strings.TrimSuffix(given[len(given)-1].where, ": "+name)
	}
	return at
}

// checkSelectors looks for checks of classes that the plan has not.
func (l *loading) checkSelectors() {
	names := l.plan.ClassNames()
	for _, e := range l.plan.Checks {
		class := e.Check.Class()
		switch {
		case class == "" || slices.Contains(names, class):
		case names == nil:
			l.fault(cmp.Or(l.origin["check"], "check"), fmt.Sprintf("%s: the run has no classes of traffic; leave out class=%s", e, class))
		default:
			l.fault(cmp.Or(l.origin["check"], "check"), fmt.Sprintf("%s: no class of traffic is called %q%s; the classes are %s",
				e, class, didYouMean(class, names), strings.Join(names, ", ")))
		}
	}
}
