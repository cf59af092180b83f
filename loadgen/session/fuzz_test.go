package session

import (
	"crypto/tls"
	"testing"

	"mailmill/loadgen/identity"
	"mailmill/loadgen/login"
	"mailmill/loadgen/message"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A fate is what the network does to a client at one point.
type fate func(f *fated)

// fates are chosen by the octets of a fuzzer.
var fates = []fate{
	func(f *fated) { f.speak() },
	func(f *fated) { f.speak() },
	func(f *fated) { f.speak() },
	func(f *fated) {
		if f.writing {
			f.contents++
			f.wrote()
		}
	},
	func(f *fated) {
		if f.until > f.now {
			f.expire()
		}
	},
	func(f *fated) { f.event(transport.Event{Kind: transport.Woken}) },
	func(f *fated) {
		if f.open && !f.fin {
			f.fin = true
			f.event(transport.Event{Kind: transport.Ended})
		}
	},
	func(f *fated) {
		if f.open || f.dialed != nil {
			f.lose(timing.Fault{Kind: timing.Reset, Text: "connection reset"})
		}
	},
}

// A fated is a client whose server says whatever it is given, in any pieces.
type fated struct {
	*wire
	says     []byte
	fin      bool // since the connection was opened
	contents int  // wholly written
}

// speak says the next octets: as many as the first of them has it.
func (f *fated) speak() {
	if !f.open || f.fin || len(f.says) == 0 {
		return
	}
	n := min(1+int(f.says[0])%16, len(f.says))
	f.hear(string(f.says[:n]))
	f.says = f.says[n:]
}

// live plays the fates, and ends the client at last.
func (f *fated) live(choices []byte) {
	f.event(transport.Event{Kind: transport.Started})
	for _, choice := range choices {
		switch {
		case f.done:
			return
		case f.dialed != nil && choice%16 > 1: // most attempts succeed
			f.fin = false
			f.connect()
		case f.shaking && choice%16 > 1: // and most handshakes
			f.now++
			f.shook()
		default:
			f.now++
			fates[int(choice)%len(fates)](f)
		}
	}
	for !f.done {
		f.now++
		if f.open || f.dialed != nil {
			f.lose(timing.Fault{Kind: timing.Reset, Text: "connection reset"})
			continue
		}
		f.t.Fatal("neither connected nor done")
	}
}

// vary changes what the client makes use of, by the bits of an octet.
func (d *dialogue) vary(bits byte) {
	d.config.Pipeline, d.lmtp, d.config.Force, d.config.Limits = bits&1 > 0, bits&2 > 0, bits&4 > 0, bits&8 > 0
	if bits&16 > 0 {
		d.config.Chunk, d.message.Chunked = 100, true
	}
	if bits&32 > 0 {
		d.config.Before = &Words{timing.Mail: {{Step: timing.NOOP}}, timing.Data: {{Step: timing.VRFY}, {Step: timing.Help}}, timing.Quit: {{Step: timing.RSET}}}
	}
	if bits&64 > 0 {
		d.security, d.config.TLS = MustStartTLS, NewTLS(&tls.Config{}, []string{"mail.example.com"}, 0.5)
		d.config.Login = &login.Book{Users: []*login.User{{Name: "user", Password: "secret"}}, Mechanisms: []string{"CRAM-MD5", "LOGIN", "PLAIN"}}
	}
	if bits&128 > 0 {
		d.identity().Claims = [2][]identity.Attribute{{{Name: "HELO"}}, {{Name: "ADDR"}}}
	}
}

// FuzzSession gives a client of three messages any octets and any fate. Whatever comes: it does not
// panic, keeps the seam's contract, ends Off, every message has one result whose books are whole, and none is
// accepted whose content was not wholly sent.
func FuzzSession(f *testing.F) {
	for _, d := range dialogues(f) {
		var says []byte
		for _, l := range d.lines {
			if l.says() && len(l.octets) < 1000 {
				says = append(says, l.octets...)
			}
		}
		f.Add(says, []byte("\x0f\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x04\x00\x00\x05\x06\x07"))
		if d.security == MustStartTLS || d.config.Login != nil || d.config.Identity != nil {
			f.Add(says, append([]byte("\xc0\x0f"), make([]byte, 60)...))
		}
	}
	f.Fuzz(func(t *testing.T, says, choices []byte) {
		d := &dialogue{setting: unset()}
		d.messages, d.message.Recipients, d.think, d.noop, d.endpoints = 3, message.Fixed(2), 1, true, 2
		if len(choices) > 0 {
			d.vary(choices[0])
		}
		o := newOwner(t, d, make([]transport.Endpoint, d.endpoints), stepTimeouts())
		client := &fated{wire: newWire(t, o), says: says}
		client.live(choices)
		r := recorded(t, o)
		if accepted := r.count(timing.Accepted); accepted > client.contents {
			t.Errorf("%d messages accepted, of %d contents", accepted, client.contents)
		}
	})
}
