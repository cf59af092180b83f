package report

import (
	"testing"
	"time"

	"mailmill/results"
)

func init() { runs["classes"] = classesRun }

// classesRun is the good run, made by three classes, of which one got nothing.
func classesRun(t testing.TB) *results.Document {
	d := goodRun(t)
	part := func(name string, c results.Counts, most time.Duration) results.Class {
		return results.Class{Name: name, Counts: c, Latency: results.Latencies{
			Response: spread(t, c.Accepted, 2*ms, most, 0), Service: spread(t, c.Accepted, 2*ms, most-ms, 0),
		}}
	}
	d.Counts.Accepted, d.Counts.Deferred, d.Counts.Failed = 29_000, 990, 10
	d.Latency = results.Latencies{Response: spread(t, 29_000, 2*ms, 30*ms, 10), Service: spread(t, 29_000, 2*ms, 28*ms, 10)}
	d.Classes = []results.Class{
		part("transactional", results.Counts{Intended: 21_000, Begun: 21_000, Accepted: 20_900, Deferred: 90, Failed: 10}, 20*ms),
		part("newsletter", results.Counts{Intended: 9000, Begun: 9000, Accepted: 8100, Deferred: 900}, 30*ms),
		{Name: "rare"},
	}
	var replies []results.Reply
	for i, class := range []string{"transactional", "newsletter"} {
		for _, r := range d.Replies {
			r.Class, r.Count, r.First, r.Last = class, r.Count/2, time.Duration(i), time.Minute
			replies = append(replies, r)
		}
	}
	d.Replies = append(replies,
		results.Reply{Class: "transactional", Step: "rcpt", Code: 450, Enhanced: "4.2.1", Severity: "transient negative", Count: 90, First: 5, Last: 6, Example: "later"},
		results.Reply{Class: "newsletter", Step: "rcpt", Code: 450, Enhanced: "4.2.1", Severity: "transient negative", Count: 900, First: 3, Last: 4, Example: "first"})
	d.Faults = []results.Fault{
		{Class: "transactional", Step: "accept", Kind: "timeout", Side: "server", Count: 4, First: 9 * time.Second, Last: 10 * time.Second, Example: "later"},
		{Class: "newsletter", Step: "accept", Kind: "timeout", Side: "server", Count: 6, First: time.Second, Last: 2 * time.Second, Example: "first"},
	}
	return judged(d)
}
