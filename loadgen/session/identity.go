package session

import (
	"net/netip"

	"mailmill/loadgen/identity"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// sendProxy sends the PROXY header, before all else. There is no reply to it: the step ends when it is with the
// system.
func (s *Session) sendProxy(e *transport.Event) *transport.Action {
	s.step, s.began, s.until = timing.Proxy, e.Now, s.config.until(timing.Proxy, e.Now)
	var server netip.AddrPort
	if e.Peer != nil {
		server = e.Peer.Remote.Addr
	}
	header, err := s.config.Identity.AppendProxy(e.Scratch, s.which.Number, server)
	if err != nil {
		return s.fail(e.Now, timing.Fault{Kind: timing.Local, Text: "the PROXY header: " + err.Error()})
	}
	s.Loop.Shard.Sent(s.class, timing.Proxy)
	s.octets += int64(len(header))
	a := s.act(transport.Write)
	a.Head, a.Notify = header, true
	return a
}

func (s *Session) proxied(e *transport.Event) *transport.Action {
	s.Loop.Shard.Step(s.class, timing.Span{Step: timing.Proxy, Begin: s.began, End: e.Now}, s.counts)
	return s.meet(e)
}

// proxies tells whether the session began with a PROXY header, and nothing has shown yet that the server took it.
func (s *Session) proxies() bool {
	return s.config.Identity != nil && s.config.Identity.Proxy > 0 && !s.secured && !s.claimed && s.mails == 0
}

// unwanted says what it looks like where a server takes a PROXY header for commands.
const unwanted = "does this server expect a PROXY header? If not, leave out --proxy"

// tooEarly takes a greeting that does not wait for the PROXY header.
func (s *Session) tooEarly(e *transport.Event, r *smtp.Reply) *transport.Action {
	return s.fail(e.Now, timing.Fault{Kind: timing.Desync, Text: "a reply before the PROXY header was written: does this server expect one? " + smtp.Evidence(r.Raw)})
}

func (s *Session) sayXCLIENT(e *transport.Event) *transport.Action {
	id := s.config.Identity
	if why := s.unoffered(identity.XCLIENT, xclient, s.offer.client); why != "" {
		return s.lack(e, timing.XCLIENT, why)
	}
	return s.say(e.Now, timing.XCLIENT, id.AppendCommand(e.Scratch, identity.XCLIENT, s.which.Number, s.config.name(s.which.Number)))
}

// unoffered returns why a command cannot be said to this server; "" if it can, or need not.
func (s *Session) unoffered(c identity.Command, x extension, attributes []string) string {
	id := s.config.Identity
	switch missing := id.Missing(c, attributes); {
	case len(id.Claims[c]) == 0:
	case !s.offer.has(x):
		return "the server offers no " + c.String() + ", perhaps not to this client: leave out --" + options[c]
	case missing != "":
		return "the server offers " + c.String() + " without " + missing + ": leave it out of --" + options[c]
	}
	return ""
}

// options are the settings by which the commands are asked for.
var options = [...]string{identity.XCLIENT: "xclient", identity.XFORWARD: "xforward"}

// xclientReply begins the session anew: its 220 is a greeting.
func (s *Session) xclientReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() != smtp.PositiveCompletion {
		return s.refusedSession(e, r)
	}
	s.claimed = true
	return s.introduce(e)
}

// unforwarded returns why XFORWARD, which is asked for, cannot be said; "" if it can.
func (s *Session) unforwarded() string {
	return s.unoffered(identity.XFORWARD, xforward, s.offer.forward)
}

// beginMail begins the mail transaction of the message that waits for it. Whom it is forwarded for is told before each: a
// server forgets it with the mail transaction.
func (s *Session) beginMail(now timing.Instant, scratch []byte) *transport.Action {
	if id := s.config.Identity; id != nil && len(id.Claims[identity.XFORWARD]) > 0 {
		return s.say(now, timing.XFORWARD, id.AppendCommand(scratch, identity.XFORWARD, s.which.Number, s.config.name(s.which.Number)))
	}
	return s.sayMail(now, scratch)
}

func (s *Session) xforwardReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() == smtp.PositiveCompletion {
		return s.sayMail(e.Now, e.Scratch)
	}
	outcome, fits := refusal(r.Code)
	if !fits {
		return s.unexpected(e, r)
	}
	s.decide(e.Now, outcome)
	return s.ready(e)
}
