// Package message says what slot n of a run sends: its class, the reverse-path, the
// forward-paths and the content.
//
// Everything is a pure function of the slot's number, the seed, the run's name
// and the instant at which the slot was filled, so that any machine of a fleet
// can make any slot. What does not depend on the slot is made once, in [New]:
// bodies are in their transparent wire form (RFC 5321 section 4.5.2) and shared
// by all messages, and a header is a few fixed pieces with gaps for the rest. To
// fill a slot and to write its message allocates nothing, unless it is signed.
//
// What is drawn is a hash of the seed, the class, what it is for, and a number: that of
// the slot, or that of the recipient over the whole run. Only the classes are not
// drawn: they follow each other as evenly as their weights allow.
//
// # Fields
//
// In addresses, header fields, subjects, templates and parameters:
//
//	{n}          the number of the slot, from 0; in forward-paths and their parameters
//	             that of the recipient, which no other recipient of the run has
//	{uuid}       a UUID of the slot
//	{class}      the name of the class
//	{rand:8}     so many lower-case letters and digits; {rand} is {rand:8}
//	{rand:1..99} a number
//	{domain}     one of the class's domains
//	{1..1000}    in addresses alone: one of so many mailboxes
//
// and in contents and parameters alone:
//
//	{worker}     the number of the worker that claimed the slot: the one field that is not
//	             the same whenever the run is repeated
//	{time}       when the slot was due, as in RFC 3339 and in UTC, to the second
//	{time:unix}  the same in seconds since 1970
//	{from}       the reverse-path, <> if it is null
//	{rcpt}       the first forward-path; in parameters of RCPT the one that they go with
//
// "{{" is a brace, and so is a "}" without its partner. A field that is none is refused.
//
// # The mark
//
// Each message has a header field that tells it from all others:
//
//	X-Mailmill: run=2026-11-21T20:48:42Z; slot=1234;
//	 sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//
// The digest is that of the body: of all octets behind the empty line that ends the
// header, as they were before transparency, with CRLF at the end of each line, and
// without the end of mail data. The header is not in it, as servers add to it and
// change it. Digests of bodies that messages share are made in New; a body with
// fields is digested for each message. [ReadMark] holds a delivered message against it.
//
// The package does not know when a slot is due, what a connection is, or what a
// server answered.
package message
