// Package results is the result document of a run: its shape, its format and
// version, how it is read, written, summed and judged.
//
// It knows what happened in a run, which numbers must add up, how a latency is
// drawn from a histogram, and when a number may not be believed (the verdict).
// It does not know how a run is made, what a user expects of it (results/check),
// or how it is shown (report).
//
// Documents of processes that made one run together merge into the document of that
// run ([Merge]): what is counted adds up, and what is not a sum, such as a
// percentile, is computed anew.
//
// The folder is also the home of what runs write: a document NAME.json, named after
// the start of the run, its interval log NAME.hlog ([LogWriter]), and, where they are
// asked for, its rows NAME.raw.csv ([RowWriter]).
package results
