package message

// A Mail is what one slot sends. [Source.Fill] makes it; it is a small value that
// lends from its Source, and may be copied and filled again.
type Mail struct {
	slot   int64
	second int64 // of the Date, since 1970
	class  *class
}

// Slot returns the number of the slot.
func (m *Mail) Slot() int64 { return m.slot }

// AppendReversePath appends the reverse-path without its angle brackets: nothing
// for the null path.
func (m *Mail) AppendReversePath(dst []byte) []byte { return m.class.from.append(dst, m.slot) }

// NumRecipients returns the number of forward-paths.
func (m *Mail) NumRecipients() int { return m.class.recipients }

// AppendForwardPath appends forward-path i (0 <= i < NumRecipients) without its
// angle brackets.
func (m *Mail) AppendForwardPath(dst []byte, i int) []byte {
	return m.class.to.append(dst, m.recipient(i))
}

// recipient is the running number of recipient i, the n of its pattern.
func (m *Mail) recipient(i int) int64 { return m.slot*int64(m.class.recipients) + int64(i) }

// AppendHead appends the header and the empty line that ends it, in wire form.
// Date and Message-ID are this message's own.
func (m *Mail) AppendHead(dst []byte) []byte {
	for _, p := range m.class.head {
		dst = p.append(dst, m)
	}
	return dst
}

// Body returns what follows the head on the wire: the transparent form of the
// body, and the ".\r\n" that ends the mail data. Messages share it; it is never to
// be written to.
func (m *Mail) Body() []byte {
	bodies := m.class.bodies
	return bodies[m.slot%int64(len(bodies))]
}

// Size returns the message size of RFC 1870: the octets of header and body with
// their line ends, before transparency and without the end of mail data.
func (m *Mail) Size() int64 {
	size := m.class.size
	for _, p := range m.class.head {
		size += int64(p.length(m))
	}
	return size
}

// EightBit tells whether the message holds an octet above 127 (RFC 6152).
func (m *Mail) EightBit() bool { return m.class.eightBit }

// Class returns the index of the message's class in Config.Classes.
func (m *Mail) Class() int { return int(m.class.index) }

// UTF8 tells whether an address or a header field needs SMTPUTF8 (RFC 6531).
func (m *Mail) UTF8() bool { return false }

// Binary tells whether the content needs BINARYMIME (RFC 3030): it holds a NUL, a
// CR or LF of its own, or a line beyond 998 octets.
func (m *Mail) Binary() bool { return m.class.binary }

// AppendMailParams appends further parameters of MAIL, each with a space before it.
func (m *Mail) AppendMailParams(dst []byte) []byte { return dst }

// AppendRcptParams appends further parameters of RCPT for recipient i, each with a
// space before it.
func (m *Mail) AppendRcptParams(dst []byte, i int) []byte { return dst }
