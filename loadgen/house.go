package loadgen

import (
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"regexp"
	"strings"

	"golang.org/x/sync/errgroup"

	"mailmill/loadgen/session"
	"mailmill/loadgen/sink"
	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
	"mailmill/loadgen/transport"
	"mailmill/profiles"
)

// A house is the built-in sink, in the same process as the load: a transport of its own, so that
// its work does not lie between the load's events.
type house struct {
	endpoint  transport.Endpoint
	sink      *sink.Sink
	transport transport.Transport
	group     errgroup.Group
}

// houseName is what the built-in sink is called, also in its certificate.
const houseName = "sink.example.com"

// A proof is what the built-in sink shows to clients that want TLS: a certificate that nobody but they trust.
type proof struct {
	certificate tls.Certificate
	roots       *x509.CertPool
}

func newProof() (*proof, error) {
	certificate, err := sink.SelfSigned(houseName)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		return nil, err
	}
	p := &proof{certificate: certificate, roots: x509.NewCertPool()}
	p.roots.AddCert(leaf)
	return p, nil
}

// houseConfig is that of a sink which takes everything but recipients that are meant to be unknown, and knows those who
// log in. Where TLS is wanted it has a proof.
func houseConfig(plan profiles.Plan, classes []class, p *proof) sink.Config {
	c := sink.Config{Hostname: houseName, MaxSessions: -1, Seed: plan.Seed}
	if p != nil {
		c.TLS = &tls.Config{Certificates: []tls.Certificate{p.certificate}}
		c.ImplicitTLS = plan.SinkSecurity == "tls"
	}
	known := map[string]bool{}
	for _, k := range classes {
		c.Behaviours = append(c.Behaviours, unknownHere(k.plan)...)
		if k.session.Login == nil {
			continue
		}
		for _, u := range k.session.Login.Users {
			if u.Name != "" && !known[u.Name] {
				known[u.Name] = true
				c.Accounts = append(c.Accounts, sink.Account{User: u.Name, Password: u.Password})
			}
		}
	}
	return c
}

// varying is a part of a mailbox that differs from one recipient to the next.
var varying = regexp.MustCompile(`\{[^{}]*\}`)

// unknownHere are the refusals of recipients that the plan wants to be unknown. Those of a file are known all the same.
func unknownHere(plan profiles.Plan) (all []sink.Behaviour) {
	if plan.UnknownShare == 0 || strings.HasPrefix(plan.Unknown, "@") {
		return nil
	}
	enhanced, _, _ := smtp.ParseEnhanced([]byte("5.1.1"))
	for mailbox := range strings.SplitSeq(plan.Unknown, ",") {
		if strings.Contains(mailbox, "@") { // and is no weight
			all = append(all, sink.Behaviour{Step: timing.Rcpt, Odds: 1, Code: 550, Enhanced: enhanced, Text: "No such mailbox here",
				For: varying.ReplaceAllString(strings.TrimSpace(mailbox), "*")})
		}
	}
	return all
}

// houseSecurities are the words of the plan in those of sessions.
var houseSecurities = map[string]session.Security{"starttls": session.MustStartTLS, "tls": session.ImplicitTLS}

// openHouse starts a sink on a port of 127.0.0.1 that was free.
func openHouse(plan profiles.Plan, c sink.Config) (*house, error) {
	k, err := sink.New(c)
	if err != nil {
		return nil, err
	}
	t, err := transport.New(plan.Transport, transport.Options{Loops: 1})
	if err != nil {
		return nil, err
	}
	l, err := t.Listen(transport.Endpoint{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)}, k.Accept)
	if err != nil {
		return nil, err
	}
	h := &house{endpoint: l.Endpoint(), sink: k, transport: t}
	h.group.Go(t.Run)
	return h, nil
}

func (h *house) close() {
	h.transport.Stop()
	h.group.Wait() // the run is over: what ended its sink is of no more interest
	h.sink.Close()
}
