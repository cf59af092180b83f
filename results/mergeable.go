package results

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A MergeError says why documents, or their interval logs, are not parts of one run.
type MergeError struct {
	Reasons []string // a line each
}

// Error returns the reasons, a line each.
func (e *MergeError) Error() string { return strings.Join(e.Reasons, "\n") }

func unmergeable(format string, args ...any) error {
	return &MergeError{[]string{fmt.Errorf(format, args...).Error()}}
}

// interval is the length of a second of the document. Windows that differ by more
// are not of the same time.
const interval = time.Second

// mergeable returns a *MergeError unless the documents are parts of one run: of the
// same plan, on the same target, at the same time, each of them another part.
func mergeable(in []Source) error {
	if len(in) < 2 {
		return unmergeable("%d documents are no parts of a run; give two or more", len(in))
	}
	var reasons []string
	for _, rule := range []func([]Source) []string{samePlan, sameTarget, sameWindow, noneTwice, noneMissing} {
		reasons = append(reasons, rule(in)...)
	}
	if len(reasons) == 0 {
		return nil
	}
	return &MergeError{reasons}
}

// ownSettings differ between the parts of a run, or say nothing of it.
var ownSettings = []string{"shard", "start-at"}

// samePlan compares the sums of the plans. What differs in them is listed setting by
// setting, with the first document that has it so.
func samePlan(in []Source) (reasons []string) {
	same := true
	for _, s := range in {
		if s.Document.Run.PlanSHA256 == "" {
			reasons = append(reasons, fmt.Sprintf("%s has no plan_sha256: nothing tells whether its plan is that of the others", s.File))
		}
		same = same && s.Document.Run.PlanSHA256 == in[0].Document.Run.PlanSHA256
	}
	if same {
		return reasons
	}
	for _, s := range in[1:] {
		if s.Document.Run.PlanSHA256 != in[0].Document.Run.PlanSHA256 {
			reasons = append(reasons, fmt.Sprintf("the plans of %s and %s differ%s", in[0].File, s.File, differences(in[0].Document.Run.Plan, s.Document.Run.Plan)))
		}
	}
	return reasons
}

// differences lists the settings in which two plans differ.
func differences(a, b map[string]string) string {
	var found []string
	all := maps.Clone(a)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if a[name] != b[name] && !slices.Contains(ownSettings, name) {
			found = append(found, fmt.Sprintf("%s is %q and %q", name, a[name], b[name]))
		}
	}
	if len(found) == 0 {
		return " in their sums"
	}
	return ": " + strings.Join(found, "; ")
}

func sameTarget(in []Source) (reasons []string) {
	for _, s := range in[1:] {
		if a, b := in[0].Document.Target.URL, s.Document.Target.URL; a != b {
			reasons = append(reasons, fmt.Sprintf("%s has the target %q, %s has %q", in[0].File, a, s.File, b))
		}
	}
	return reasons
}

// sameWindow compares when the windows began and ended, on the clocks of their
// machines: of two runs one after the other, neither is a part.
func sameWindow(in []Source) (reasons []string) {
	first, _ := in[0].Document.steady()
	_, last := in[0].Document.steady()
	for _, s := range in[1:] {
		start, end := s.Document.steady()
		if start.Sub(first).Abs() > interval || end.Sub(last).Abs() > interval {
			reasons = append(reasons, fmt.Sprintf("the window of %s is from %s to %s, that of %s from %s to %s: they differ by more than %v",
				in[0].File, clockTime(first), clockTime(last), s.File, clockTime(start), clockTime(end), interval))
		}
	}
	return reasons
}

// steady returns the window on the wall clock. A document that does not know its
// time 0 is taken to begin when the run was started.
func (d *Document) steady() (start, end time.Time) {
	origin := d.Window.Origin
	if origin.IsZero() {
		origin = d.Run.StartedAt
	}
	return origin.Add(d.Window.SteadyStart), origin.Add(d.Window.SteadyEnd)
}

func clockTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// noneTwice finds documents that are the same run.
func noneTwice(in []Source) (reasons []string) {
	type identity struct {
		id    string
		share Share
	}
	seen := map[identity]string{}
	for _, s := range in {
		for _, p := range s.parts() {
			this := identity{id: p.Run.ID}
			if p.Load.Share != nil {
				this.share = *p.Load.Share
			}
			if other, twice := seen[this]; twice {
				reasons = append(reasons, fmt.Sprintf("%s and %s are the same run (%s); give it once", other, s.File, p.Run.ID))
			}
			seen[this] = s.File
		}
	}
	return reasons
}

// noneMissing holds that shares of a run are all there, each once.
func noneMissing(in []Source) (reasons []string) {
	var n int64
	whole := ""
	holders := map[int64]string{}
	for _, s := range in {
		for _, p := range s.parts() {
			share := p.Load.Share
			switch {
			case share == nil:
				whole = s.File
				continue
			case n != 0 && share.N != n:
				return []string{fmt.Sprintf("%s is one of %d shares, others are of %d", s.File, share.N, n)}
			case holders[share.M] != "":
				reasons = append(reasons, fmt.Sprintf("%s and %s are both share %d/%d", holders[share.M], s.File, share.M, share.N))
			}
			n, holders[share.M] = share.N, s.File
		}
	}
	if n > 0 && whole != "" {
		return []string{fmt.Sprintf("%s is a whole run, others are shares of one", whole)}
	}
	var missing []string
	for m := range n {
		if holders[m] == "" {
			missing = append(missing, fmt.Sprintf("%d/%d", m, n))
		}
	}
	if len(missing) > 0 {
		reasons = append(reasons, "shares of the run are missing: "+strings.Join(missing, ", "))
	}
	return reasons
}
