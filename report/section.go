package report

import "mailmill/results"

// A section is one part of a report, whatever the format: lines of words, a
// table and notes below it, each of which may be missing.
type section struct {
	lines []line
	table *Table
	notes []string
}

// A mood says whether words are good news.
type mood uint8

const (
	neutral mood = iota
	heading
	good
	doubtful
	bad
)

// A line is words under a name. A line without a name goes on from that above.
type line struct {
	name, words string
	mood        mood // of the name
}

// A view makes one section of a document; nil when the document has nothing for it.
type view func(*results.Document) *section

// summary is the order in which a tired person needs to know.
var summary = []view{
	verdict, checks, books, latencies, classes, ofStages, slowest, opening, steps, replies, faults, warnings, misbehaved, idle, negotiated, generator, parts, about,
}
