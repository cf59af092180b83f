// Package login is the client's side of AUTH (RFC 4954): the users who may log in, the
// mechanisms of SASL (RFC 4422) that it speaks, and one exchange as the lines that are said.
//
// It does not know sessions, what a failed login means for a mail transaction, nor when a line is sent:
// an [Exchange] is given a challenge and returns the answer.
package login
