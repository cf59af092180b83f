package sink

// A hopCounter counts the Received fields of a message as its octets come: each is a server
// that it went through (RFC 5321 section 6.3). It needs no memory for the header.
type hopCounter struct {
	hops    int
	at      int  // octets of the present line
	matched int  // of these, as many begin as the field does
	cr      bool // the last one was a CR
	body    bool // the header is over
}

const receivedField = "received:"

// look looks at the next octets.
func (h *hopCounter) look(in []byte) {
	for _, c := range in {
		switch {
		case h.body:
			return
		case c == '\n':
			h.body = h.at == 0 || h.at == 1 && h.cr
			h.at, h.matched = 0, 0
			continue
		case h.at == h.matched && h.matched < len(receivedField) && lower(c) == receivedField[h.matched]:
			if h.matched++; h.matched == len(receivedField) {
				h.hops++
			}
		}
		h.at++
		h.cr = c == '\r'
	}
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// countHops begins to count, where there is a limit.
func (s *session) countHops() {
	if s.sink.config.MaxReceived > 0 {
		s.hops = &hopCounter{}
	}
}

// loops reports whether the message has gone through more servers than any should.
func (s *session) loops() bool { return s.hops != nil && s.hops.hops > s.sink.config.MaxReceived }
