package sink

import (
	"bytes"
	"strings"
	"time"

	"mailmill/loadgen/transport"
)

// A manner is how a reply is to be given: what was drawn of the deeds that change it.
type manner struct {
	deeds uint32 // a bit for each
	pause time.Duration
}

func (m *manner) add(r *rule) {
	m.deeds |= 1 << r.deed
	if r.deed == Dribble {
		m.pause = r.least
	}
}

func (m manner) has(d Deed) bool { return m.deeds&(1<<d) != 0 }

// manglers change the octets of a reply, in this order.
var manglers = []struct {
	deed   Deed
	mangle func(reply []byte) []byte
}{
	{NotSMTP, func([]byte) []byte { return []byte("HTTP/1.1 400 Bad Request\r\n") }},
	{MixedCodes, mixCodes},
	{BareCode, bareCodes},
	{BadCode, badCodes},
	{NUL, func(reply []byte) []byte { return insertInLast(reply, "\x00") }},
	{LongLine, lengthen},
	{LFOnly, func(reply []byte) []byte { return bytes.ReplaceAll(reply, []byte("\r\n"), []byte("\n")) }},
	{Twice, func(reply []byte) []byte { return bytes.Repeat(reply, 2) }},
	{Omit, func([]byte) []byte { return nil }},
}

// longLine is how long a line is made: past any buffer of a page, and within what clients should
// bear with (RFC 5321 section 4.5.3.1.5 asks for 512 octets).
const longLine = 8192

// mixCodes puts a line of another severity in front.
func mixCodes(reply []byte) []byte {
	other := "550-"
	if len(reply) > 0 && reply[0] >= '4' {
		other = "250-"
	}
	_, text, _ := bytes.Cut(reply, []byte{' '})
	line, _, _ := bytes.Cut(text, []byte("\r\n"))
	return append(append([]byte(other), line...), "\r\n"+string(reply)...)
}

// bareCodes leaves nothing but the codes, and what ties the lines together.
func bareCodes(reply []byte) (bare []byte) {
	for line := range bytes.Lines(reply) {
		bare = append(bare, bytes.TrimSuffix(line[:min(4, len(line))], []byte{' '})...)
		bare = append(bare, "\r\n"...)
	}
	return bare
}

func badCodes(reply []byte) (bad []byte) {
	for line := range bytes.Lines(reply) {
		bad = append(append(bad, '9'), line[1:]...)
	}
	return bad
}

func lengthen(reply []byte) []byte {
	return insertInLast(reply, strings.Repeat("x", max(0, longLine-len(reply))))
}

// insertInLast inserts octets into the text of the last line.
func insertInLast(reply []byte, octets string) []byte {
	at := bytes.LastIndexByte(bytes.TrimSuffix(reply, []byte("\r\n")), '\n') + 1 + len("250 ")
	at = min(at, len(reply))
	return append(append(bytes.Clone(reply[:at]), octets...), reply[at:]...)
}

// A slowReply is a reply that leaves one octet at a time.
type slowReply struct {
	octets []byte
	pause  time.Duration
}

// spoil gives what was said from mark on in the manner that was drawn for it.
func (s *session) spoil(t *turn, mark int) {
	m := s.manner
	if m.deeds == 0 && s.slow == nil {
		return
	}
	s.manner = manner{}
	reply := bytes.Clone(t.out[mark:])
	if m.deeds != 0 && (len(reply) > 0 || m.has(Close) || m.has(Break)) {
		s.loop.Behaved++
	}
	for _, w := range manglers {
		if m.has(w.deed) && len(reply) > 0 {
			reply = w.mangle(reply)
		}
	}
	t.out = t.out[:mark]
	switch {
	case s.slow != nil:
		s.slow.octets = append(s.slow.octets, reply...)
	case (m.has(Dribble) || m.has(Split)) && len(reply) > 0:
		s.slow = &slowReply{reply, m.pause}
	default:
		t.out = append(t.out, reply...)
	}
	switch {
	case m.has(Break):
		s.leave(transport.Reset)
	case m.has(Close) && s.phase != leaving:
		s.leave(transport.Polite)
	}
}

// drip says the next octet of a slow reply.
func (s *session) drip(t *turn) {
	t.out = append(t.out, s.slow.octets[0])
	if s.slow.octets = s.slow.octets[1:]; len(s.slow.octets) == 0 {
		s.slow = nil
	}
}
