// Package record counts and times what a run does, while it does it: slots by
// outcome, replies by key, faults by kind, latencies in histograms, all of it
// also by second.
//
// Every event loop writes to a Shard of its own. A call takes one short lock and
// allocates nothing once each histogram and each key has been seen; whatever can
// wait (merging, percentiles, sorting) waits for Flush, Snapshot or Finish. Sums
// are kept in integers, so the totals do not depend on how the calls were spread
// over shards.
//
// It does not know what a reply code means, when a slot is due, what the result
// document looks like, or what makes a run valid.
package record
