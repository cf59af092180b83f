// Package transport drives conversations: it opens and accepts connections,
// moves octets, and keeps time.
//
// A [Conversation] is one side of a dialogue, written as a state machine without
// sockets, clocks or goroutines. Three transports carry the same conversations:
// [NewEpoll] (Linux, event loops on raw sockets), [NewGoroutines] (every
// system, a goroutine a conversation) and [NewSimulated] (in memory, virtual
// time, seeded faults). One conformance suite holds all three to the contract
// that [Event] and [Action] describe.
//
// The package does not know what the octets mean. Nothing in it speaks of mail.
package transport
