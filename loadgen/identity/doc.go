// Package identity says for whom a session speaks: the address, the name and the rest that it claims in a
// PROXY header, in XCLIENT and in XFORWARD, drawn by the session's number alone.
//
// It does not know sessions, what a server says to a claim, nor whether it offers to hear one.
package identity
