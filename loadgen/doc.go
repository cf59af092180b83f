// Package loadgen carries out a plan: it wires schedule, messages, workers,
// transport and recorder together, and returns the result document.
//
// It knows the life of a run: the preflight, the workers and how they claim slots,
// the end of the load, the drain. It does not know flags, the terminal, where a document
// is stored, or any format.
package loadgen
