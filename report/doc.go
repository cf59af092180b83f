// Package report shows result documents to people and to other programs: one
// file for each format.
//
// It knows how numbers read best, which warnings a document gives rise to, and
// that text from servers is hostile to terminals. It does not know how a run is
// made, and it never computes a number that the document does not support.
package report
