// Package transporttest holds transports to their contract, and helps other
// packages to run their conversations over every transport.
//
// [Run] is the conformance suite: each of its cases is a sentence that is true
// of every transport. [Each] runs a test once for each transport of this
// system. [Func] and [On] are conversations written as functions, [OneOctet]
// feeds a conversation its input in the smallest pieces, and [Checked] watches
// that events and actions keep to the contract.
//
// The package does not know what the octets mean.
package transporttest
