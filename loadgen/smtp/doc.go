// Package smtp is the wire of SMTP and LMTP: replies, commands, paths, mail
// parameters, transparency, and the dictionary of reply codes and enhanced
// status codes.
//
// It knows the grammar of RFC 5321 and of the extensions that touch it, for
// both sides of a session. What it parses it lends: slices of results point
// into the input and live as long as that does. Unless a function says
// otherwise it allocates nothing.
//
// It does not know sessions, sockets, clocks or load: which command may follow
// which, who waits for whom, and what a reply means for a mail transaction is
// decided elsewhere.
package smtp
