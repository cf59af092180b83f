// Package schedule says when each slot of a run is due.
//
// A run is a numbered sequence of slots, counted from 0. A [Schedule] maps the
// number of a slot to the time between the start of the run and the moment in
// which the slot is due, and it does so as a pure function: no slot's time is found
// by adding to the time of another, so nothing drifts, any slot can be asked for at
// any time from any goroutine, and a run that is shared between machines needs
// no more than arithmetic ([Share]).
//
// The package does not know what a slot sends, to whom, or what time it is.
package schedule
