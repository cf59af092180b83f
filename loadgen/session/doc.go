// Package session is one client session of SMTP or LMTP as a state machine: from
// the dial to the greeting, through any number of mail transactions, to QUIT.
//
// It knows which command follows which, and what each reply means for the mail
// transaction; the order is written down in one place, steps.go. It knows what a
// server offers, makes use of that as its Config has it, and sends nothing that is
// not offered. Every reply and every fault goes to a [record.Shard] as it comes.
//
// It does not know rates, due times or other sessions, opens no socket and reads
// no clock: [transport.Event] tells it the time, and [transport.Action] is all it does.
package session
