package message

import "fmt"

// null tells whether the reverse-path is the null path.
func (m *Mail) null() bool {
	k := m.class
	return k.alwaysNull || k.nullKey.chance(m.slot, k.nullShare)
}

// AppendReversePath appends the reverse-path without its angle brackets: nothing
// for the null path.
func (m *Mail) AppendReversePath(dst []byte) []byte {
	if m.null() {
		return dst
	}
	return m.class.from.append(dst, m.sender())
}

// sender is the place of the reverse-path.
func (m *Mail) sender() place {
	return place{m: m, number: m.slot, member: m.class.from.index(m.slot)}
}

// NumRecipients returns the number of forward-paths.
func (m *Mail) NumRecipients() int {
	k := m.class
	if k.counts == nil {
		return k.most
	}
	return k.counts[k.countOdds.pick(k.countKey.draw(m.slot))]
}

// recipient is the running number of recipient i: no two of a run share it.
func (m *Mail) recipient(i int) int64 { return m.slot*int64(m.class.most) + int64(i) }

// unknown tells whether recipient number n is one that the server should not know.
func (k *class) unknown(n int64) bool { return k.unknownKey.chance(n, k.unknownShare) }

// AppendForwardPath appends forward-path i (0 <= i < NumRecipients) without its
// angle brackets.
func (m *Mail) AppendForwardPath(dst []byte, i int) []byte {
	to, at := m.addressee(i)
	return to.append(dst, at)
}

// addressee is where forward-path i comes from.
func (m *Mail) addressee(i int) (*mailboxes, place) {
	k := m.class
	at := place{m: m, number: m.recipient(i), recipient: i}
	if k.unknown(at.number) {
		return &k.nobody, at
	}
	at.member = m.drawn(i)
	return &k.to, at
}

// drawnApart is the number of recipients of a message that are drawn each for itself.
// Further ones are those that follow in the list: to find draws that are alike among
// thousands would be most of what is measured.
const drawnApart = 16

// drawn is which mailbox of the list recipient i gets. The recipients of one message
// are different ones, as long as the list has so many: who was drawn already gives
// way to the next in the list.
func (m *Mail) drawn(i int) int {
	to := &m.class.to
	first := m.recipient(0)
	switch {
	case !to.drawn():
		return to.index(first + m.laps() + int64(i))
	case i == 0:
		return int(m.first)
	}
	var taken [drawnApart]int
	last := min(i, drawnApart-1, to.count-1)
	for j := range last + 1 {
		next := to.index(first + int64(j))
		for within(taken[:j], next) {
			next = (next + 1) % to.count
		}
		taken[j] = next
	}
	member := taken[last]
	for j := last; j < i; j++ {
		member = (member + 1) % to.count
		for last < to.count-1 && within(taken[:last+1], member) {
			member = (member + 1) % to.count
		}
	}
	return member
}

// laps is how often the messages before this one went round the list. Where numbers of
// recipients are drawn, those of a message begin so many further on: a list that the
// largest number divides would else be begun at the same few places in each round, and
// those in between would hardly get mail.
func (m *Mail) laps() int64 {
	if m.class.lap == 0 {
		return 0
	}
	return m.slot / m.class.lap
}

func within(members []int, member int) bool {
	for _, m := range members {
		if m == member {
			return true
		}
	}
	return false
}

// listSeparator folds the To field after each recipient, so that no line of it is
// longer than one mailbox.
const listSeparator = ",\r\n "

// maxListed is the largest number of recipients that the To field names. Above
// it the message goes to "undisclosed-recipients:;", as lists do: a thousand
// recipients in each header would be most of what is measured.
const maxListed = 10

const undisclosed = "undisclosed-recipients:;"

// appendRecipients appends what the To field says.
func (m *Mail) appendRecipients(dst []byte) []byte {
	n := m.NumRecipients()
	if n > maxListed {
		return append(dst, undisclosed...)
	}
	for i := range n {
		if i > 0 {
			dst = append(dst, listSeparator...)
		}
		dst = m.AppendForwardPath(dst, i)
	}
	return dst
}

// recipientsLength is the length of what appendRecipients appends.
func (m *Mail) recipientsLength() int {
	n := m.NumRecipients()
	if n > maxListed {
		return len(undisclosed)
	}
	sum := len(listSeparator) * (n - 1)
	for i := range n {
		to, at := m.addressee(i)
		sum += to.length(at)
	}
	return sum
}

// AppendMailParams appends further parameters of MAIL, each with a space before it.
func (m *Mail) AppendMailParams(dst []byte) []byte {
	if m.class.mailParams == nil {
		return dst
	}
	return m.class.mailParams.append(dst, place{m: m, number: m.slot})
}

// AppendRcptParams appends further parameters of RCPT for recipient i, each with a
// space before it.
func (m *Mail) AppendRcptParams(dst []byte, i int) []byte {
	if m.class.rcptParams == nil {
		return dst
	}
	return m.class.rcptParams.append(dst, place{m: m, number: m.recipient(i), recipient: i})
}

// params makes the pattern of a command's parameters.
func (b *binder) params(what string, params []string) (pattern, error) {
	var all pattern
	for _, s := range params {
		if err := CheckParam(s); err != nil {
			return nil, fmt.Errorf("%s %q: %w", what, s, err)
		}
		p, _ := parsePattern(s, contentFields, false)
		for i := range p {
			if p[i].kind != fixed {
				p[i].form = xtext
			}
		}
		all = append(append(all, fixedPart(" ")), p...)
	}
	return compile(b.bind(all), false), nil
}

// CheckParam tells what is wrong with a parameter of MAIL or RCPT: a keyword, or
// KEYWORD=VALUE, of printing octets of US-ASCII (RFC 5321 section 4.1.2).
func CheckParam(s string) error {
	if s == "" {
		return fmt.Errorf("empty; write KEYWORD or KEYWORD=VALUE")
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return fmt.Errorf("%q at octet %d; write KEYWORD or KEYWORD=VALUE, and each of several for itself", s[i], i)
		}
	}
	_, err := parsePattern(s, contentFields, false)
	return err
}
