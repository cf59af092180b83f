package check

import (
	"fmt"
	"math"
	"strings"
	"time"

	"mailmill/results"
)

// All evaluates checks over a document, in their order.
func All(checks []Check, d *results.Document) []results.Check {
	out := make([]results.Check, len(checks))
	for i, c := range checks {
		out[i] = c.Evaluate(d)
	}
	return out
}

// Worst returns how checks ended together: failed if one failed or saw no data,
// else inconclusive if one was, else passed.
func Worst(checks []results.Check) results.CheckStatus {
	worst := results.CheckPassed
	for _, c := range checks {
		switch c.Status {
		case results.CheckFailed, results.CheckNoData:
			return results.CheckFailed
		case results.CheckInconclusive:
			worst = results.CheckInconclusive
		}
	}
	return worst
}

// A measured value is what a document says to a check.
type measured struct {
	value float64
	// atLeast: lost slots stand at this rank. They are slower than everything, so
	// the value is a lower bound, and no upper limit can be met.
	atLeast bool
	none    string // why there is no data
	few     string // why the samples cannot tell
}

// Evaluate says whether a document meets the check.
func (c Check) Evaluate(d *results.Document) results.Check {
	r := results.Check{Expression: c.String(), Limit: c.limit, Unit: c.unit, BuiltIn: c.builtIn}
	m := c.measure(d)
	if m.none != "" {
		r.Status, r.Words = results.CheckNoData, "no data: "+m.none
		return r
	}
	r.Value, r.AtLeast = &m.value, m.atLeast
	passed, against := c.op.holds(m.value, c.limit), m.value
	if m.atLeast {
		passed, against = c.op.holds(math.Inf(1), c.limit), math.Inf(1)
	}
	r.Margin = c.margin(against)
	switch {
	case m.few != "":
		r.Status, r.Margin = results.CheckInconclusive, nil
	case passed:
		r.Status = results.CheckPassed
	default:
		r.Status = results.CheckFailed
	}
	r.Words = c.words(m)
	return r
}

// margin is the distance to the limit over the limit, positive on the good
// side; nil where there is no such number.
func (c Check) margin(v float64) *float64 {
	if c.limit == 0 || math.IsInf(v, 0) || c.op.sign == "==" || c.op.sign == "!=" {
		return nil
	}
	m := (v - c.limit) / c.limit
	if c.op.upper {
		m = -m
	}
	return &m
}

func (c Check) words(m measured) string {
	var b strings.Builder
	name, _, _ := strings.Cut(c.String(), c.op.sign)
	bound := ""
	if m.atLeast {
		bound = "≥ "
	}
	fmt.Fprintf(&b, "%s is %s%s, wanted %s %s", name, bound, format(m.value, c.unit), c.op.sign, format(c.limit, c.unit))
	b.WriteString(c.marginWords(m))
	if m.atLeast {
		b.WriteString("; slots without an answer are slower than everything")
	}
	if m.few != "" {
		b.WriteString("; " + m.few)
	}
	return b.String()
}

// marginWords says how far the value lies from the limit, with a plus on the good side: in
// percent of the limit, or where that is 0, or must be met exactly, as it is.
func (c Check) marginWords(m measured) string {
	distance := m.value - c.limit
	if c.op.upper {
		distance = -distance
	}
	switch {
	case m.atLeast, c.op.sign == "!=":
		return ""
	case c.op.sign == "==":
		return ", off by " + format(math.Abs(distance), c.unit)
	case c.limit != 0:
		return ", margin " + signed(distance, trim(100*math.Abs(distance/c.limit), 1)+" %")
	}
	return ", margin " + signed(distance, format(math.Abs(distance), c.unit))
}

// signed puts a sign before a number.
func signed(v float64, number string) string {
	if v < 0 {
		return "-" + number
	}
	return "+" + number
}

// A part is a document or one class of it: the numbers a selector leaves.
type part struct {
	counts  results.Counts
	rates   results.Rates
	latency results.Latencies
	steps   []results.Step
}

func (c Check) part(d *results.Document) (part, bool) {
	class := c.Class()
	if class == "" {
		return part{d.Counts, d.Rates, d.Latency, d.Steps}, true
	}
	for _, k := range d.Classes {
		if k.Name == class {
			return part{k.Counts, k.Rates, k.Latency, k.Steps}, true
		}
	}
	return part{}, false
}

func (c Check) measure(d *results.Document) measured {
	p, ok := c.part(d)
	switch {
	case !ok:
		return measured{none: fmt.Sprintf("the run has no class %q", c.Class())}
	case p.counts.Intended == 0 && p.counts.Begun == 0:
		return measured{none: "no slot was due"}
	}
	switch c.metric.kind {
	case latency:
		return c.measureLatency(p)
	case outcome:
		return c.measureOutcome(p, d.Window)
	case events:
		return c.measureEvents(p, d)
	}
	return c.measureSeries(p, d)
}

func (c Check) measureLatency(p part) measured {
	l := p.find(c)
	if l.Size() == 0 {
		return measured{none: "nothing was measured"}
	}
	if c.aggregate == count {
		return measured{value: float64(l.Count)}
	}
	if c.percentile != "" {
		return c.measurePercentile(l)
	}
	if l.Count == 0 {
		return measured{none: fmt.Sprintf("none of %d slots was measured to its end", l.Censored)}
	}
	v := map[string]time.Duration{"min": l.Min, "mean": l.Mean, "max": l.Max, "stddev": l.StdDev}[c.aggregate]
	return measured{value: float64(v), atLeast: c.aggregate == "max" && l.Censored > 0}
}

// find returns the latency that the check is about; nil when there is none.
func (p part) find(c Check) *results.Latency {
	if c.metric.latency != nil {
		return c.metric.latency(p.latency)
	}
	for i := range p.steps {
		if p.steps[i].Name == c.selected("step") {
			return &p.steps[i].Latency
		}
	}
	return nil
}

func (c Check) measurePercentile(l *results.Latency) measured {
	v, atLeast, err := l.Quantile(c.percentile)
	if err != nil {
		return measured{none: err.Error()}
	}
	m := measured{value: float64(v), atLeast: atLeast}
	if !c.percentile.Enough(l.Size()) {
		m.few = fmt.Sprintf("p%s needs %d samples, there are %d", c.percentile, c.percentile.Samples(), l.Size())
	}
	return m
}

func (c Check) measureOutcome(p part, w results.Window) measured {
	n := float64(c.metric.outcome(p.counts))
	if c.aggregate == perSecond && w.Length() > 0 {
		switch c.metric.name {
		case "accepted":
			return measured{value: p.rates.Accepted}
		case "begun":
			return measured{value: p.rates.Begun}
		}
	}
	return c.aggregated(n, float64(p.counts.Intended), w)
}

// aggregated is a count, its ratio of a whole, or it per second of the offered load.
func (c Check) aggregated(n, whole float64, w results.Window) measured {
	switch c.aggregate {
	case ratio:
		if whole == 0 {
			return measured{none: c.metric.of + " are none"}
		}
		return measured{value: n / whole}
	case perSecond:
		if w.SteadyEnd <= 0 {
			return measured{none: "the load had no length"}
		}
		return measured{value: n / w.SteadyEnd.Seconds()}
	}
	return measured{value: n}
}

// silent are the steps that no reply answers: they do not count as commands sent.
var silent = map[string]bool{"connect": true, "proxy": true, "tls": true, "content": true, "idle": true}

func (c Check) measureEvents(p part, d *results.Document) measured {
	var n int64
	if c.metric.name == "faults" {
		for _, f := range d.Faults {
			if c.matches("class", f.Class) && c.matches("step", f.Step) && c.matches("kind", f.Kind) && c.matches("side", f.Side) {
				n += f.Count
			}
		}
		return c.aggregated(float64(n), float64(p.counts.Intended), d.Window)
	}
	for _, r := range d.Replies {
		if c.matches("class", r.Class) && c.matches("step", r.Step) && c.matches("enhanced", r.Enhanced) && c.matchesCode(r.Code) {
			n += r.Count
		}
	}
	var sent int64
	for _, s := range p.steps {
		if c.matches("step", s.Name) && !silent[s.Name] {
			sent += s.Sent
		}
	}
	return c.aggregated(float64(n), float64(sent), d.Window)
}

func (c Check) matches(key, value string) bool {
	want := c.selected(key)
	return want == "" || want == value
}

func (c Check) matchesCode(code int) bool {
	prefix := strings.TrimRight(c.selected("code"), "x")
	return strings.HasPrefix(fmt.Sprintf("%03d", code), prefix)
}

func (c Check) measureSeries(p part, d *results.Document) measured {
	if c.metric.name == "rate" {
		if d.Window.Length() == 0 {
			return measured{none: "the window had no length"}
		}
		switch c.aggregate {
		case ratio:
			if p.rates.Offered == 0 {
				return measured{none: "a closed loop offers no rate"}
			}
			return measured{value: p.rates.Accepted / p.rates.Offered}
		case perSecond, "mean":
			return measured{value: p.rates.Accepted}
		}
		if c.Class() != "" {
			return measured{none: "seconds are not kept by class"}
		}
		return c.overSeconds(d, func(i results.Interval) int64 { return i.AcceptedEnded })
	}
	return c.overSeconds(d, func(i results.Interval) int64 { return i.Backlog })
}

// overSeconds aggregates one number of each whole second of the window.
func (c Check) overSeconds(d *results.Document, number func(results.Interval) int64) measured {
	var n, sum, squares float64
	least, most := math.Inf(1), math.Inf(-1)
	for _, i := range d.Steady() {
		v := float64(number(i))
		n, sum, squares = n+1, sum+v, squares+v*v
		least, most = min(least, v), max(most, v)
	}
	if n == 0 {
		return measured{none: "the window has no whole second"}
	}
	mean := sum / n
	deviation := math.Sqrt(max(0, squares/n-mean*mean))
	return measured{value: map[string]float64{"min": least, "mean": mean, "max": most, "stddev": deviation}[c.aggregate]}
}

func durationOf(v float64) time.Duration { return time.Duration(math.Round(v)) }
