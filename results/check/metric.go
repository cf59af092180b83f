package check

import (
	"slices"

	"mailmill/results"
)

// A kind is what a metric is made of. It decides which aggregates it has.
type kind uint8

const (
	latency kind = iota // a distribution of durations
	outcome             // slots that ended in one way
	events              // replies or faults
	series              // one number a second
)

// The units of values and limits, as they stand in documents.
const (
	nanoseconds = "ns"
	ratio       = "ratio"
	count       = "count"
	perSecond   = "per_s"
)

// A metric is a name that checks can be about.
type metric struct {
	name string
	kind kind
	keys []string // of its selector
	must string   // the key that has to be there
	// of says what a ratio of it is taken of.
	of string
	// latency and outcome pick the numbers of their kind.
	latency func(results.Latencies) *results.Latency
	outcome func(results.Counts) int64
}

var (
	ofClass   = []string{"class"}
	ofReplies = []string{"class", "step", "code", "enhanced"}
	ofFaults  = []string{"class", "step", "kind", "side"}
)

var metrics = []metric{
	{name: "response", kind: latency, keys: ofClass, latency: func(l results.Latencies) *results.Latency { return l.Response }},
	{name: "service", kind: latency, keys: ofClass, latency: func(l results.Latencies) *results.Latency { return l.Service }},
	{name: "lateness", kind: latency, keys: ofClass, latency: func(l results.Latencies) *results.Latency { return l.Lateness }},
	{name: "refused", kind: latency, keys: ofClass, latency: func(l results.Latencies) *results.Latency { return l.Refused }},
	{name: "opening", kind: latency, keys: ofClass, latency: func(l results.Latencies) *results.Latency { return l.Opening }},
	{name: "queue", kind: latency, keys: ofClass, latency: func(l results.Latencies) *results.Latency { return l.Queue }},
	{name: "pacer", kind: latency, keys: ofClass, latency: func(l results.Latencies) *results.Latency { return l.Pacer }},
	{name: "loop", kind: latency, latency: func(l results.Latencies) *results.Latency { return l.Loop }},
	{name: "step", kind: latency, keys: []string{"class", "step"}, must: "step"},
	{name: "begun", kind: outcome, keys: ofClass, of: "the slots intended", outcome: func(c results.Counts) int64 { return c.Begun }},
	{name: "accepted", kind: outcome, keys: ofClass, of: "the slots intended", outcome: func(c results.Counts) int64 { return c.Accepted }},
	{name: "deferred", kind: outcome, keys: ofClass, of: "the slots intended", outcome: func(c results.Counts) int64 { return c.Deferred }},
	{name: "rejected", kind: outcome, keys: ofClass, of: "the slots intended", outcome: func(c results.Counts) int64 { return c.Rejected }},
	{name: "failed", kind: outcome, keys: ofClass, of: "the slots intended", outcome: func(c results.Counts) int64 { return c.Failed }},
	{name: "unknown", kind: outcome, keys: ofClass, of: "the slots intended", outcome: func(c results.Counts) int64 { return c.Unknown }},
	{name: "dropped", kind: outcome, keys: ofClass, of: "the slots intended", outcome: func(c results.Counts) int64 { return c.Dropped }},
	{name: "unfinished", kind: outcome, keys: ofClass, of: "the slots intended", outcome: func(c results.Counts) int64 { return c.Unfinished }},
	{name: "replies", kind: events, keys: ofReplies, of: "the commands sent"},
	{name: "faults", kind: events, keys: ofFaults, of: "the slots intended"},
	{name: "rate", kind: series, keys: ofClass, of: "the rate offered"},
	{name: "backlog", kind: series},
}

// aggregates are the names of each kind besides percentiles, which latencies have.
var aggregates = map[kind][]string{
	latency: {"min", "mean", "max", "stddev", "count"},
	outcome: {"count", "ratio", "per_s"},
	events:  {"count", "ratio", "per_s"},
	series:  {"min", "mean", "max", "stddev"},
}

// rateAggregates: the rate is a series, and is itself per second and a share of
// what was offered.
var rateAggregates = []string{"per_s", "ratio", "min", "mean", "max", "stddev"}

func (m metric) aggregates() []string {
	if m.name == "rate" {
		return rateAggregates
	}
	return aggregates[m.kind]
}

// unit returns the unit of an aggregate of m.
func (m metric) unit(aggregate string) string {
	switch {
	case aggregate == ratio || aggregate == count || aggregate == perSecond:
		return aggregate
	case m.kind == latency:
		return nanoseconds
	case m.name == "rate":
		return perSecond
	}
	return count
}

func findMetric(name string) (metric, bool) {
	i := slices.IndexFunc(metrics, func(m metric) bool { return m.name == name })
	if i < 0 {
		return metric{}, false
	}
	return metrics[i], true
}

func metricNames() []string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = m.name
	}
	return names
}
