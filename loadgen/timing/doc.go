// Package timing holds the plain values of a measurement: instants, the steps
// of a session and their names, spans, faults and outcomes.
//
// It knows what can be measured and what each thing is called. It does not know
// what is done with a measurement, how a clock is read, or what a reply says.
package timing
