package transport

import (
	"math/rand/v2"

	"mailmill/loadgen/timing"
)

// A link is a simulated connection, or the attempt at one.
type link struct {
	s     *Simulated
	net   Network
	rand  *rand.Rand
	to    Endpoint
	from  Endpoint
	ends  [2]*actor    // who dialed, who accepted; nil before and after
	pipes [2]pipe      // by the end that hears
	left  int          // octets before ResetAfter
	fault timing.Fault // what the answer is, if not yes
}

// A segment is what arrives together.
type segment struct {
	octets   int
	fin, rst bool
	both     bool // the rst was made by the network: the other end is told too
}

// A pipe is one direction of a link.
type pipe struct {
	link     *link
	ear      int // the end that hears
	octets   []byte
	begin    int       // of what was not heard
	arrived  int       // octets that can be heard
	segments []segment // under way, and before them those that have come
	come     int
	last     timing.Instant
	fin, rst bool // have arrived
	shut     bool // fin or rst was sent: nothing more is taken
	head     []byte
	body     []byte // not sent: beyond the window
}

// The happenings of a link.
type (
	knock   link // the attempt reaches the listener
	answer  link // the answer reaches the one who dialed
	refusal link // there is none, or it is a refusal
	outage  link // ResetIn has passed
	arrival pipe // the first segment under way arrives
	opening pipe // the sender hears that the window has opened
)

func (s *Simulated) newLink(a *actor, to Endpoint) *link {
	l := &link{s: s, rand: rand.New(rand.NewPCG(s.options.Seed, uint64(s.attempts))), net: s.options.Network, to: to}
	if s.options.Shape != nil {
		l.net = s.options.Shape(s.attempts, to, l.rand)
	}
	s.attempts++
	if l.net.Window <= 0 {
		l.net.Window = defaultWindow
	}
	if l.left = l.net.ResetAfter; l.left <= 0 {
		l.left = int(^uint(0) >> 1)
	}
	l.ends[0] = a
	l.from = s.source(to)
	for i := range l.pipes {
		l.pipes[i] = pipe{link: l, ear: i}
	}
	return l
}

// after is an instant one latency from now.
func (l *link) after() timing.Instant { return l.s.Now().Add(l.net.delay(l.rand)) }

// begin sends the attempt on its way.
func (l *link) begin() {
	if !l.net.Unanswered {
		l.s.queue.push(l.after(), (*knock)(l))
	}
}

func (k *knock) happen(s *Simulated) {
	l := (*link)(k)
	if l.ends[0] == nil { // given up
		return
	}
	listener := s.listener(l.to)
	switch {
	case l.net.Connect.Kind != timing.NoFault:
		l.fault = l.net.Connect
	case listener == nil:
		l.fault = timing.Fault{Kind: timing.Refused, Text: "connect: connection refused"}
	}
	at := l.after()
	if l.fault.Kind != timing.NoFault {
		s.queue.push(at, (*refusal)(l))
		return
	}
	s.queue.push(at, (*answer)(l))
	l.pipes[0].last = at // nothing is heard before the answer
	l.accept(listener)
}

// accept makes the other end.
func (l *link) accept(listener *simulatedListener) {
	if l.net.ResetIn > 0 {
		l.s.queue.push(l.s.Now().Add(l.net.ResetIn), (*outage)(l))
	}
	peer := &Peer{Local: listener.at, Remote: l.from}
	c := listener.accept(0, peer)
	if c == nil {
		l.pipes[0].send(segment{fin: true})
		return
	}
	l.s.mu.Lock()
	l.s.live++
	l.s.mu.Unlock()
	a := l.s.newActor(c)
	a.link, a.end = l, 1
	l.ends[1] = a
	a.accepted(peer)
	a.settle()
}

func (w *answer) happen(s *Simulated) {
	l := (*link)(w)
	if a := l.ends[0]; a != nil {
		s.release()
		a.opened(s.Now(), &Peer{Local: l.from, Remote: l.to})
		a.settle()
	}
}

func (w *refusal) happen(s *Simulated) {
	l := (*link)(w)
	if a := l.ends[0]; a != nil {
		s.release()
		a.detach()
		a.failed(s.Now(), l.fault)
		a.settle()
	}
}

func (o *outage) happen(*Simulated) {
	l := (*link)(o)
	for i := range l.pipes {
		l.pipes[i].rst, l.pipes[i].shut = true, true
		if a := l.ends[i]; a != nil {
			a.settle()
		}
	}
}

// unheard is how many octets are under way or wait to be heard.
func (p *pipe) unheard() int { return len(p.octets) - p.begin }

// write takes as much of b as the window allows, and returns the rest.
func (p *pipe) write(b []byte) (rest []byte) {
	if len(b) == 0 || p.shut || p.link.net.Silent && p.ear == 0 {
		return nil
	}
	n := min(len(b), max(0, p.link.net.Window-p.unheard()))
	p.put(b[:n])
	return b[n:]
}

// put sends b in segments. The network may break here.
func (p *pipe) put(b []byte) {
	l := p.link
	breaks := len(b) >= l.left
	b = b[:min(len(b), l.left)]
	l.left -= len(b)
	if p.begin > 0 && len(p.octets)+len(b) > cap(p.octets) {
		p.octets = p.octets[:copy(p.octets, p.octets[p.begin:])]
		p.begin = 0
	}
	p.octets = append(p.octets, b...)
	for left := len(b); left > 0; {
		n := l.net.split(l.rand, left)
		p.send(segment{octets: n})
		left -= n
	}
	if breaks {
		p.send(segment{rst: true, both: true})
	}
}

// send puts a segment behind those that are under way.
func (p *pipe) send(g segment) {
	l := p.link
	if p.shut || g.fin && l.net.Silent && p.ear == 0 {
		return
	}
	p.shut = g.fin || g.rst
	p.last = max(p.last, l.after()).Add(l.net.transmission(g.octets))
	p.segments = append(p.segments, g)
	l.s.queue.push(p.last, (*arrival)(p))
}

func (w *arrival) happen(*Simulated) {
	p := (*pipe)(w)
	g := p.segments[p.come]
	if p.come++; p.come == len(p.segments) {
		p.segments, p.come = p.segments[:0], 0
	}
	other := &p.link.pipes[1-p.ear]
	a := p.link.ends[p.ear]
	switch {
	case g.both:
		other.send(segment{rst: true})
	case a == nil && g.octets > 0: // nobody is there any more
		other.send(segment{rst: true})
		return
	}
	p.arrived += g.octets
	p.fin, p.rst = p.fin || g.fin, p.rst || g.rst
	if a != nil {
		a.settle()
	}
}

// cut forgets what was not sent.
func (p *pipe) cut() { p.head, p.body = nil, nil }

// hear takes n octets that have arrived. They are valid until something is written.
func (p *pipe) hear(n int) []byte {
	b := p.octets[p.begin : p.begin+n]
	p.begin += n
	p.arrived -= n
	if len(p.head)+len(p.body) > 0 {
		p.link.s.queue.push(p.link.after(), (*opening)(p))
	}
	return b
}

func (w *opening) happen(s *Simulated) {
	p := (*pipe)(w)
	a := p.link.ends[1-p.ear]
	if a == nil || !a.writing || len(p.head)+len(p.body) == 0 {
		return
	}
	if p.resume() {
		a.wrote(s.Now())
	}
	a.settle()
}

// begun sends head and body as far as the window allows, and reports whether
// that is all.
func (p *pipe) begun(head, body []byte) bool {
	p.head, p.body = head, body
	if p.resume() {
		return true
	}
	p.head = append([]byte(nil), p.head...) // it lies in the scratch
	return false
}

func (p *pipe) resume() bool {
	if p.head = p.write(p.head); len(p.head) == 0 {
		p.head = nil
		p.body = p.write(p.body)
	}
	if len(p.head)+len(p.body) > 0 {
		return false
	}
	p.body = nil
	return true
}
