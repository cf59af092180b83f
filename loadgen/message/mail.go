package message

// A Mail is what one slot sends. [Source.Fill] makes it; it is a small value that
// lends from its Source, and may be copied and filled again.
type Mail struct {
	slot      int64
	second    int64 // of the Date, since 1970
	worker    int32 // that claimed the slot
	first     int32 // the first recipient's index in a list that is drawn from
	class     *class
	content   *content
	signature []byte // the DKIM-Signature field; nil where none is asked for
}

// Slot returns the number of the slot.
func (m *Mail) Slot() int64 { return m.slot }

// Class returns the index of the message's class in Config.Classes.
func (m *Mail) Class() int { return int(m.class.index) }

// Origin says where the content comes from: the name of a message of a corpus, such
// as "spam.mbox#3"; "" for a content that was made.
func (m *Mail) Origin() string { return m.content.origin }

// AppendHead appends what is the message's own, in wire form: the header, the empty
// line that ends it, and of the body what is made for each message.
func (m *Mail) AppendHead(dst []byte) []byte {
	return m.appendContent(append(dst, m.signature...))
}

// appendContent appends the head without its signature.
func (m *Mail) appendContent(dst []byte) []byte {
	dst = m.content.head.append(dst, place{m: m, number: m.slot})
	return append(dst, m.content.lead...)
}

// Body returns what follows the head on the wire: the transparent form of the
// rest of the body, and the ".\r\n" that ends the mail data; with
// [ClassConfig.Chunked] the rest of the body as it is. Messages share it; it is never
// to be written to.
func (m *Mail) Body() []byte { return m.content.body }

// Size returns the message size of RFC 1870: the octets of header and body with
// their line ends, before transparency and without the end of mail data.
func (m *Mail) Size() int64 {
	head := m.content.head.length(place{m: m, number: m.slot})
	return m.content.size + int64(head+len(m.signature))
}

// EightBit tells whether the message holds an octet above 127 (RFC 6152).
func (m *Mail) EightBit() bool { return m.content.eightBit || m.class.utf8 && m.UTF8() }

// UTF8 tells whether an address or a header field needs SMTPUTF8 (RFC 6531).
func (m *Mail) UTF8() bool {
	if m.content.utf8 || !m.class.utf8 {
		return m.content.utf8
	}
	b := buffers.Get().(*[1024]byte)
	defer buffers.Put(b)
	if !isASCII(m.AppendReversePath(b[:0])) {
		return true
	}
	for i := range m.NumRecipients() {
		if !isASCII(m.AppendForwardPath(b[:0], i)) {
			return true
		}
	}
	return false
}

// Binary tells whether the content needs BINARYMIME (RFC 3030): it holds a NUL, or a CR
// or LF that is no line end. A line beyond 998 octets alone does not make it so: there
// is such mail, and what becomes of it is for the server to show.
func (m *Mail) Binary() bool { return m.content.binary }
