// Package target turns what a user calls a target into addresses to connect to:
// target URLs, the selection of mail exchangers (RFC 5321 section 5.1, RFC 7505),
// resolving, and the rule that load goes to loopback and private addresses only.
//
// The package does not know how much load goes there, opens no connection, and
// asks the DNS through a [Resolver] that it is given.
package target
