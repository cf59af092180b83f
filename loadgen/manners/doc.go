// Package manners knows in what ways a client can be a bad one: what each is called,
// what may be said of it, and how many such clients a run is to have.
//
// It does not know how a client does it, what a server says to that, or what a run is.
package manners
