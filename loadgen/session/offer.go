package session

import (
	"sync"

	"mailmill/loadgen/smtp"
)

// An Offer is what a server said in answer to EHLO, or to HELO.
type Offer struct {
	Domain   string
	Keywords smtp.Keywords // none after HELO
	size     bool
	eightBit bool
}

// maxOffers bounds the memory that a server with ever new EHLO replies can take.
const maxOffers = 64

// offers keeps the EHLO replies already parsed: a server gives the same one to every
// session, and a session per message would else parse it as often.
type offers struct {
	mu    sync.Mutex
	known map[string]*Offer
}

// of returns what the reply offers.
func (o *offers) of(r smtp.Reply) *Offer {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known := o.known[string(r.Raw)]; known != nil {
		return known
	}
	domain, keywords := smtp.ParseKeywords(r)
	offer := &Offer{Domain: domain, Keywords: keywords, size: keywords.Has("SIZE"), eightBit: keywords.Has("8BITMIME")}
	if o.known == nil || len(o.known) >= maxOffers {
		o.known = make(map[string]*Offer)
	}
	o.known[string(r.Raw)] = offer
	return offer
}

// plain is what a server offers that knows HELO only.
var plain = &Offer{}
