package session

import (
	"crypto/tls"
	"math"
	"strings"
	"sync/atomic"

	"mailmill/loadgen/record"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
)

// A TLS says how the sessions of a class shake hands with each server.
type TLS struct {
	servers []handshakes // by the index of the server
	resume  float64
}

// handshakes are the two kinds of handshake with one server.
type handshakes struct{ full, resuming transport.TLS }

// NewTLS makes the handshakes with servers of these names, which their certificates have to bear. base holds what is
// the same with all of them; a ServerName in it takes the place of the names. resume is the share of the sessions,
// from 0 to 1, that resume an earlier one.
func NewTLS(base *tls.Config, names []string, resume float64) *TLS {
	t := &TLS{resume: resume}
	for _, name := range names {
		config := base.Clone()
		if config.ServerName == "" {
			config.ServerName = name
		}
		var h handshakes
		h.full.Config = config
		if resume > 0 {
			tickets := &ticket{}
			resuming := config.Clone()
			config.ClientSessionCache, resuming.ClientSessionCache = collecting{tickets}, tickets
			h.resuming.Config = resuming
		}
		t.servers = append(t.servers, h)
	}
	return t
}

// of returns the handshake of a session by its number alone: those that resume are spread evenly. The first of them
// has nothing to resume if no session before it was given a ticket.
func (t *TLS) of(server int, number int64) *transport.TLS {
	h := &t.servers[server]
	if n := float64(number); math.Floor((n+1)*t.resume) > math.Floor(n*t.resume) {
		return &h.resuming
	}
	return &h.full
}

// A ticket is the latest that a server gave (RFC 8446 section 4.6.1, RFC 5077).
type ticket struct {
	latest atomic.Pointer[tls.ClientSessionState]
}

// Get implements tls.ClientSessionCache.
func (t *ticket) Get(string) (*tls.ClientSessionState, bool) {
	s := t.latest.Load()
	return s, s != nil
}

// Put implements tls.ClientSessionCache. A nil is no ticket: one that failed is given up.
func (t *ticket) Put(_ string, s *tls.ClientSessionState) { t.latest.Store(s) }

// collecting keeps tickets for others: a session with it does not resume.
type collecting struct{ *ticket }

// Get implements tls.ClientSessionCache.
func (collecting) Get(string) (*tls.ClientSessionState, bool) { return nil, false }

// Put implements tls.ClientSessionCache.
func (c collecting) Put(key string, s *tls.ClientSessionState) {
	if s != nil {
		c.ticket.Put(key, s)
	}
}

func (s *Session) sayStartTLS(e *transport.Event) *transport.Action {
	if !s.offer.has(startTLS) {
		return s.lack(e, timing.STARTTLS, "the server offers no STARTTLS: give a target of smtp:// or lmtp:// for a session in clear, or smtps:// where TLS comes first")
	}
	return s.say(e.Now, timing.STARTTLS, append(e.Scratch, smtp.LineSTARTTLS...))
}

// startTLSReply begins the handshake. Octets behind the reply were put there to be taken for protected ones.
func (s *Session) startTLSReply(e *transport.Event, r *smtp.Reply) *transport.Action {
	if r.Code.Severity() != smtp.PositiveCompletion {
		return s.refusedSession(e, r)
	}
	if rest := e.In[len(r.Raw):]; len(rest) > 0 {
		return s.fail(e.Now, timing.Fault{Kind: timing.Desync,
			Text: "octets in clear between the reply to STARTTLS and the handshake, a response injection: " + smtp.Evidence(rest)})
	}
	return s.shake(e.Now)
}

// shake begins the handshake, after which nothing that was said before counts.
func (s *Session) shake(now timing.Instant) *transport.Action {
	s.offer = nil
	s.step, s.began, s.until = timing.TLS, now, s.config.until(timing.TLS, now)
	a := s.act(transport.StartTLS)
	a.TLS = s.config.TLS.of(s.which.Server, s.which.Number)
	return a
}

// shaken goes on when the handshake is complete: with EHLO, for what was offered before it is forgotten (RFC 3207
// section 4.2).
func (s *Session) shaken(e *transport.Event) *transport.Action {
	if s.leaving {
		return s.act(transport.Wait)
	}
	shard, class := s.Loop.Shard, s.class
	shard.Step(class, timing.Span{Step: timing.TLS, Begin: s.began, End: e.Now}, s.counts)
	s.secured, s.parser = true, smtp.Parser{}
	if s.connection = e.Peer.TLS; s.connection != nil {
		shard.Handshake(class, record.Handshake{Version: s.connection.Version, Cipher: s.connection.CipherSuite, Resumed: s.connection.DidResume})
	}
	if s.server.Security == ImplicitTLS {
		return s.meet(e)
	}
	return s.introduce(e)
}

// TLS returns what the handshake of the session came to; nil where there was none.
func (s *Session) TLS() *tls.ConnectionState { return s.connection }

// advice says which option helps where TLS fails, by a piece of the error's text.
var advice = []struct{ piece, option string }{
	{"signed by unknown authority", "give the authority's certificate with --tls-ca, or --tls-insecure to trust anybody"},
	{"certificate is not trusted", "give the authority's certificate with --tls-ca, or --tls-insecure to trust anybody"},
	{"certificate is valid for", "give one of these names with --tls-server-name, or --tls-insecure"},
	{"certificate is not valid for any names", "the certificate names nobody: --tls-insecure takes it all the same"},
	{"doesn't contain any IP SANs", "connect to the name that the certificate has, give it with --tls-server-name, or --tls-insecure"},
	{"certificate has expired", "--tls-insecure takes the certificate all the same"},
	{"first record does not look like a TLS", "the server speaks in clear here: give a target of smtp+starttls:// or smtp://"},
	{"octets before the handshake", "the server speaks in clear here: give a target of smtp+starttls:// or smtp://"},
	{"protocol version", "see --tls-min and --tls-max"},
	{"handshake failure", "see --tls-ciphers, --tls-min and --tls-max"},
	{"certificate required", "the server asks for a client's certificate: --tls-cert and --tls-key"},
	{"bad certificate", "the server refused the client's certificate: see --tls-cert"},
}

// advised puts what helps behind the text of a fault of TLS.
func advised(f timing.Fault) timing.Fault {
	if f.Kind == timing.TLSFailed {
		f.Text = strings.TrimPrefix(f.Text, "tls: ") // the kind says so
	}
	for _, a := range advice {
		if strings.Contains(f.Text, a.piece) {
			text, _, _ := strings.Cut(f.Text, " (possibly because") // a guess, longer than what is kept of a fault
			f.Text = text + ": " + a.option
			break
		}
	}
	return f
}
