// Package results is the result document of a run: its shape, its format and
// version, how it is read, written, summed and judged.
//
// It knows what happened in a run, which numbers must add up, how a latency is
// drawn from a histogram, and when a number may not be believed (the verdict).
// It does not know how a run is made, what a user expects of it (results/check),
// or how it is shown (report).
//
// The folder is also the home of the documents that runs write: one JSON file a
// run, named after its start.
package results
