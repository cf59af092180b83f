package message

import "strconv"

// A part is a piece of a header. The fixed ones hold their text in wire form; the
// others are made for each message.
type part struct {
	kind partKind
	text string
	// stuffed counts the octets of text that transparency added.
	stuffed int
}

type partKind uint8

const (
	fixed      partKind = iota // text
	slotNumber                 // the n of a pattern
	date                       // of the Date field, as AppendDate writes it
	messageID                  // the number and the rest (text) of a Message-ID
	recipients                 // the To field's list
)

// append appends the part as it is in message m.
func (p *part) append(dst []byte, m *Mail) []byte {
	switch p.kind {
	case slotNumber:
		return strconv.AppendInt(dst, m.slot, 10)
	case date:
		return appendDate(dst, m.second)
	case messageID:
		dst = append(dst, '<')
		dst = strconv.AppendInt(dst, m.slot, 10)
		return append(dst, p.text...)
	case recipients:
		for i := range m.class.recipients {
			if i > 0 {
				dst = append(dst, listSeparator...)
			}
			dst = m.AppendForwardPath(dst, i)
		}
		return dst
	}
	return append(dst, p.text...)
}

// length is the number of octets of the part before transparency.
func (p *part) length(m *Mail) int {
	switch p.kind {
	case slotNumber:
		return digits(m.slot)
	case date:
		return dateLength
	case messageID:
		return len("<") + digits(m.slot) + len(p.text)
	case recipients:
		sum := len(listSeparator) * (m.class.recipients - 1)
		for i := range m.class.recipients {
			sum += m.class.to.length(m.recipient(i))
		}
		return sum
	}
	return len(p.text) - p.stuffed
}

// listSeparator folds the To field after each recipient, so that no line of it is
// longer than one mailbox.
const listSeparator = ",\r\n "

// maxListed is the largest number of recipients that the To field names. Above
// it the message goes to "undisclosed-recipients:;", as lists do: a thousand
// recipients in each header would be most of what is measured.
const maxListed = 10
