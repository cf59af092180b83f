// Package misbehave is clients that do what a client must not: they speak too early, too slowly or not at all, go
// away in the middle, send what is no command, and never read.
//
// It knows what each [manners.Kind] does, as a script of moves ([script]), keeps each client from becoming a flood,
// and tallies what became of their sessions. A [Client] is a conversation of its own.
//
// It does not know the workers that are measured, and nothing of it enters their books; it opens no socket and
// reads no clock.
package misbehave
