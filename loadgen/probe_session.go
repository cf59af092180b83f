package loadgen

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/target"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/results"
)

// A probe is the conversation of [Probe]. It does one exchange after the other, each decided on by what the ones before
// it showed: probing lists them.
type probe struct {
	options   ProbeOptions
	target    target.Target
	endpoints []transport.Endpoint
	hosts     []string // of the endpoints
	began     time.Time
	client    *tls.Config
	chain     []*x509.Certificate // of the server

	found    results.Probe
	unusable string // why the server cannot be talked to
	offer    smtp.Keywords
	hello    bool // EHLO, LHLO or HELO was accepted
	secure   bool
	dial     int // of endpoints
	stage    int // of probing
	now      *exchange
	asked    timing.Instant // when it began
	parser   smtp.Parser
	replies  []results.ProbeReply // to it, so far
	leaving  bool
}

// An exchange is something said to the server and the replies to it.
type exchange struct {
	step  string // its name
	send  string
	want  int  // replies
	shake bool // a handshake instead
	// wait, if not 0, is how long replies may be missing without that being a fault.
	wait time.Duration
	// take draws the conclusions. What it returns ends the session.
	take func(p *probe, s *results.ProbeStep) (fault string)
}

// Handle implements transport.Conversation.
func (p *probe) Handle(e *transport.Event) transport.Action {
	switch e.Kind {
	case transport.Started:
		return p.connect(e.Now)
	case transport.Opened:
		p.note(results.ProbeStep{Name: "connect", Took: e.Now.Sub(e.Since)})
		return p.next(e, 0)
	case transport.Received:
		return p.received(e)
	case transport.Secured:
		p.secured(e.Peer.TLS)
		return p.concluded(e, 0)
	case transport.Expired:
		return p.expired(e)
	case transport.Ended:
		return p.failed(e, "the server closed the connection")
	case transport.Broken:
		return p.broken(e)
	case transport.Closed:
		return transport.Action{Do: transport.Done}
	}
	return transport.Action{Until: p.until()}
}

// connect dials the next address.
func (p *probe) connect(now timing.Instant) transport.Action {
	p.asked = now
	p.found.Address = p.endpoints[p.dial].String()
	return transport.Action{Do: transport.Dial, Dial: &p.endpoints[p.dial], Until: now.Add(p.options.Timeout)}
}

func (p *probe) until() timing.Instant {
	if p.now != nil && p.now.wait > 0 {
		return p.asked.Add(p.now.wait)
	}
	return p.asked.Add(p.options.Timeout)
}

// next begins the next exchange that there is a reason for, or ends the session.
func (p *probe) next(e *transport.Event, taken int) transport.Action {
	p.now = nil
	for p.now == nil && p.stage < len(probing) {
		p.now = probing[p.stage](p)
		p.stage++
	}
	p.replies, p.asked = nil, e.Now
	switch {
	case p.now == nil:
		p.leaving = true
		return transport.Action{Do: transport.Close, Taken: taken, Until: p.until()}
	case p.now.shake:
		return transport.Action{Do: transport.StartTLS, TLS: &transport.TLS{Config: p.handshake()}, Taken: taken, Until: p.until()}
	case p.now.send == "":
		return transport.Action{Taken: taken, Until: p.until()}
	case taken < len(e.In):
		return p.failed(e, "a reply that nobody asked for: "+smtp.Evidence(e.In[taken:]))
	}
	p.lines("C", p.now.send)
	return transport.Action{Do: transport.Write, Head: append(e.Scratch, p.now.send...), Taken: taken, Until: p.until()}
}

// received takes replies until there are as many as wanted.
func (p *probe) received(e *transport.Event) transport.Action {
	if p.now == nil || p.now.shake {
		return transport.Action{Taken: len(e.In), Until: p.until()}
	}
	taken := 0
	for len(p.replies) < p.now.want {
		var r smtp.Reply
		n, m := p.parser.Next(e.In[taken:], &r)
		switch {
		case m != smtp.WellFormed:
			p.lines("S", string(e.In[taken:]))
			return p.failed(e, "not a reply: "+m.String()+": "+smtp.Evidence(e.In[taken:]))
		case n == 0:
			return transport.Action{Taken: taken, Until: p.until()}
		}
		p.lines("S", string(e.In[taken:taken+n]))
		taken += n
		p.replies = append(p.replies, replied(r))
		if r.Code == 421 && p.now.step != "quit" {
			return p.failed(e, "the server closed the channel: 421 "+firstLine(p.replies[len(p.replies)-1].Text))
		}
	}
	return p.concluded(e, taken)
}

func replied(r smtp.Reply) results.ProbeReply {
	var lines []string
	r.EachLine(func(text []byte) { lines = append(lines, string(text)) })
	return results.ProbeReply{Code: int(r.Code), Text: strings.Join(lines, "\n")}
}

// concluded ends an exchange and goes on.
func (p *probe) concluded(e *transport.Event, taken int) transport.Action {
	s := p.note(results.ProbeStep{Name: p.now.step, Sent: strings.TrimSpace(p.now.send), Secure: p.secure, Took: e.Now.Sub(p.asked), Replies: p.replies})
	if p.now.take != nil {
		if fault := p.now.take(p, s); fault != "" {
			return p.end(e, fault)
		}
	}
	if p.now.step == "starttls" && taken < len(e.In) {
		return p.end(e, "octets came behind the reply to STARTTLS, which somebody in between could have put there: "+smtp.Evidence(e.In[taken:]))
	}
	return p.next(e, taken)
}

// expired ends an exchange to which not all replies came.
func (p *probe) expired(e *transport.Event) transport.Action {
	if p.now != nil && p.now.wait > 0 {
		return p.concluded(e, 0)
	}
	return p.failed(e, fmt.Sprintf("no reply within %v", p.options.Timeout))
}

// failed notes the exchange under way with what was wrong, and ends the session.
func (p *probe) failed(e *transport.Event, fault string) transport.Action {
	if p.leaving {
		return transport.Action{Do: transport.Close, How: transport.Now}
	}
	s := results.ProbeStep{Name: "connect", Secure: p.secure, Took: e.Now.Sub(p.asked), Replies: p.replies, Fault: fault}
	if p.now != nil {
		s.Name, s.Sent = p.now.step, strings.TrimSpace(p.now.send)
	}
	p.note(s)
	switch {
	case p.now == nil:
	case p.now.shake:
		p.tls().Fault = fault
	case s.Name == "pipelining":
		p.found.Pipelining = &results.ProbeTrial{Words: fmt.Sprintf("%d of %d replies, then: %s", len(p.replies), p.now.want, fault)}
	case s.Name == "bdat":
		p.found.Chunking = &results.ProbeTrial{Words: fault}
	}
	return p.end(e, s.Name+": "+fault)
}

// end ends the session before its time.
func (p *probe) end(_ *transport.Event, fault string) transport.Action {
	p.found.Fault = fault
	if !p.hello || p.target.Security() != target.Plain && !p.secure {
		p.unusable = fault
	}
	p.leaving = true
	return transport.Action{Do: transport.Close, How: transport.Now}
}

// broken goes on to the next address, where none was reached yet.
func (p *probe) broken(e *transport.Event) transport.Action {
	switch {
	case p.leaving:
	case p.now == nil && p.stage == 0 && p.dial+1 < len(p.endpoints):
		p.note(results.ProbeStep{Name: "connect", Sent: p.found.Address, Took: e.Now.Sub(p.asked), Fault: e.Fault.Error()})
		p.dial++
		return p.connect(e.Now)
	case p.now != nil && p.now.shake && e.Fault.Kind == timing.TLSFailed:
		p.failed(e, strings.TrimPrefix(e.Fault.Text, "tls: "))
	default:
		p.failed(e, brief(e.Fault))
	}
	return transport.Action{Do: transport.Done}
}

// note notes a step, which may be changed until the next one.
func (p *probe) note(s results.ProbeStep) *results.ProbeStep {
	p.found.Steps = append(p.found.Steps, s)
	return &p.found.Steps[len(p.found.Steps)-1]
}

func (p *probe) lines(from, text string) {
	for line := range bytes.Lines([]byte(text)) {
		p.found.Lines = append(p.found.Lines, results.ProbeLine{From: from, Text: strings.TrimRight(string(line), "\r\n")})
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
