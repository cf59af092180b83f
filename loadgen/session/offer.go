package session

import (
	"strings"
	"sync"

	"mailmill/loadgen/smtp"
)

// An extension is a set of service extensions that a session makes use of.
type extension uint16

// The extensions.
const (
	pipelining extension = 1 << iota // RFC 2920
	size                             // RFC 1870
	eightBit                         // RFC 6152
	chunking                         // RFC 3030
	binaryMIME                       // RFC 3030
	smtpUTF8                         // RFC 6531
	dsn                              // RFC 3461
	limits                           // RFC 9422
	startTLS                         // RFC 3207
	auth                             // RFC 4954
	xclient                          // Postfix
	xforward                         // Postfix
)

// extensions are known by their keywords.
var extensions = [...]struct {
	keyword string
	is      extension
}{
	{"PIPELINING", pipelining}, {"SIZE", size}, {"8BITMIME", eightBit}, {"CHUNKING", chunking}, {"BINARYMIME", binaryMIME},
	{"SMTPUTF8", smtpUTF8}, {"DSN", dsn}, {"LIMITS", limits}, {"STARTTLS", startTLS}, {"AUTH", auth}, {"XCLIENT", xclient},
	{"XFORWARD", xforward},
}

// String returns the keywords of a set.
func (x extension) String() string {
	var words []string
	for _, e := range extensions {
		if x&e.is != 0 {
			words = append(words, e.keyword)
		}
	}
	return strings.Join(words, " and ")
}

// An Offer is what a server said in answer to EHLO, LHLO or HELO.
type Offer struct {
	Domain   string
	Keywords smtp.Keywords // none after HELO

	extensions extension
	limits     smtp.Limits
	mechanisms []string // of AUTH, in upper case
	client     []string // attributes of XCLIENT, in upper case
	forward    []string // attributes of XFORWARD, in upper case
}

// has tells whether all of x is offered.
func (o *Offer) has(x extension) bool { return o.extensions&x == x }

// newOffer reads a reply to EHLO or LHLO.
func newOffer(r smtp.Reply) *Offer {
	domain, keywords := smtp.ParseKeywords(r)
	o := &Offer{Domain: domain, Keywords: keywords,
		mechanisms: keywords.Words("AUTH"), client: keywords.Words("XCLIENT"), forward: keywords.Words("XFORWARD")}
	for _, e := range extensions {
		if keywords.Has(e.keyword) {
			o.extensions |= e.is
		}
	}
	if most, ok := keywords.Get("LIMITS"); ok {
		o.limits = smtp.ParseLimits(most)
	}
	return o
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
	offer := newOffer(r)
	if o.known == nil || len(o.known) >= maxOffers {
		o.known = make(map[string]*Offer)
	}
	o.known[string(r.Raw)] = offer
	return offer
}

// plain is what a server offers that knows HELO only.
var plain = &Offer{}
