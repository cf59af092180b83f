// Package message says what slot n of a run sends: the reverse-path, the
// forward-paths and the content.
//
// Everything is a pure function of the slot's number, the seed, the run's name
// and the instant at which the slot was filled, so that any machine of a fleet
// can make any slot. What does not depend on the slot is made once, in [New]:
// bodies are in their transparent wire form (RFC 5321 section 4.5.2) and shared
// by all messages, and a header is a few fixed pieces with gaps for the rest.
//
// The package does not know when a slot is due, what a connection is, or what a
// server answered.
package message
