package message

import (
	"fmt"
	"time"
)

// A Source makes the messages of a run. It never changes after [New], so any
// number of goroutines may use it.
type Source struct {
	classes []class
	offset  uint64 // of the sequence that decides the classes
}

// A class is one kind of message of a run.
type class struct {
	index uint8
	below uint64 // the end of its part of the sequence that decides the classes

	from, to, nobody        mailboxes
	domains                 domains
	alwaysNull              bool
	nullKey, unknownKey     key
	nullShare, unknownShare uint64 // of 2^64
	most                    int    // recipients of a message
	counts                  []int  // where their number is drawn
	countOdds               lottery
	countKey                key
	lap                     int64 // messages after which a list in turn begins again; 0 if their number of recipients is fixed
	mailParams, rcptParams  pattern
	utf8                    bool // some addresses need SMTPUTF8

	contents []*content
	order    orderKind
	odds     lottery
	key      key
	signer   *signer // nil where nothing is signed
}

// maxClasses is what a class's index can count.
const maxClasses = 256

// New makes the source of a run's messages. Its errors say which setting cannot be
// sent, and why.
func New(c Config) (*Source, error) {
	if len(c.Classes) == 0 || len(c.Classes) > maxClasses {
		return nil, fmt.Errorf("classes: %d; a run has 1 to %d kinds of messages", len(c.Classes), maxClasses)
	}
	s := &Source{offset: mix(c.Seed), classes: make([]class, len(c.Classes))}
	for i, one := range c.Classes {
		one, err := one.check()
		if err == nil {
			err = c.fill(&s.classes[i], i, one)
		}
		if err != nil {
			return nil, c.named(one.Name, err)
		}
	}
	s.share(c.Classes)
	return s, nil
}

// named says in which class an error is, where there are several.
func (run Config) named(class string, err error) error {
	if len(run.Classes) > 1 {
		return fmt.Errorf("class %s: %w", class, err)
	}
	return err
}

// Fill makes m the message of slot n >= 0, with a Date of at. Nothing is allocated,
// unless the message is signed.
func (s *Source) Fill(n int64, at time.Time, m *Mail) { s.FillFor(n, 0, at, m) }

// FillFor is Fill for the worker that claims the slot: {worker} is its number.
func (s *Source) FillFor(n int64, worker int, at time.Time, m *Mail) {
	k := s.classOf(n)
	*m = Mail{slot: n, second: at.Unix(), worker: int32(worker), class: k, content: k.contentOf(n)}
	if k.to.drawn() {
		m.first = int32(k.to.index(m.recipient(0)))
	}
	if k.signer != nil {
		k.signer.sign(m)
	}
}

// ClassOf returns the index of slot n's class in Config.Classes.
func (s *Source) ClassOf(n int64) int { return int(s.classOf(n).index) }

// NameOf returns the name of slot n's content in its corpus; "" for one that was made.
func (s *Source) NameOf(n int64) string { return s.classOf(n).contentOf(n).origin }

// Signing tells what signatures cost so far.
func (s *Source) Signing() Signing {
	var sum Signing
	for i := range s.classes {
		if by := s.classes[i].signer; by != nil {
			sum.Messages += by.count.Load()
			sum.Time += time.Duration(by.nanos.Load())
		}
	}
	return sum
}

// contentOf is the content of slot n.
func (k *class) contentOf(n int64) *content {
	switch {
	case len(k.contents) == 1:
		return k.contents[0]
	case k.odds != nil:
		return k.contents[k.odds.pick(k.key.draw(n))]
	case k.order == atRandom:
		return k.contents[scale(k.key.draw(n), uint64(len(k.contents)))]
	}
	return k.contents[n%int64(len(k.contents))]
}

// fill makes a class of its configuration, which was checked.
func (run Config) fill(k *class, index int, c ClassConfig) error {
	b := &binder{run: run, class: index, name: c.Name, transparent: !c.Chunked, signs: c.DKIM != DKIM{}}
	k.index, k.key = uint8(index), run.key(index, drawContent)
	if err := b.envelope(k, c); err != nil {
		return err
	}
	if err := b.contents(k, c); err != nil {
		return err
	}
	if b.signs {
		var err error
		k.signer, err = newSigner(c.DKIM)
		return err
	}
	return nil
}

// envelope makes what is in the envelopes of a class.
func (b *binder) envelope(k *class, c ClassConfig) error {
	var err error
	if k.domains, err = b.domains(c.Domains); err != nil {
		return fmt.Errorf("domains: %w", err)
	}
	k.nullKey, k.nullShare = b.run.key(b.class, drawNull), fraction(c.NullShare)
	k.unknownKey, k.unknownShare = b.run.key(b.class, drawUnknown), fraction(c.UnknownShare)
	k.alwaysNull = c.From == "" || c.NullShare >= 1
	for _, a := range []struct {
		what, text string
		order      Order
		purpose    purpose
		at         *mailboxes
	}{
		{"reverse-path", c.From, c.FromOrder, drawFrom, &k.from},
		{"forward-path", c.To, c.ToOrder, drawTo, &k.to},
		{"unknown recipient", c.Unknown, Order{}, drawUnknown, &k.nobody},
	} {
		if *a.at, err = b.mailboxes(a.text, a.order, a.purpose); err == nil {
			err = a.at.check(k)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.what, err)
		}
		k.utf8 = k.utf8 || a.at.utf8
	}
	for _, name := range k.domains.names {
		k.utf8 = k.utf8 || !isASCII(name)
	}
	if k.mailParams, err = b.params("parameter of MAIL", c.MailParams); err != nil {
		return err
	}
	if k.rcptParams, err = b.params("parameter of RCPT", c.RcptParams); err != nil {
		return err
	}
	return b.recipients(k, c.Recipients)
}

// maxCounts is how many numbers of recipients may be drawn.
const maxCounts = 1024

// recipients makes the number of recipients of each message.
func (b *binder) recipients(k *class, q Quantity) error {
	points, err := q.points(maxCounts)
	if err != nil {
		return fmt.Errorf("recipients: %w", err)
	}
	weights := make([]float64, len(points))
	for i, p := range points {
		n := max(1, min(p.value, MaxRecipients))
		k.counts, weights[i], k.most = append(k.counts, n), p.weight, max(k.most, n)
	}
	k.countOdds, k.countKey = newLottery(weights), b.run.key(b.class, drawRecipients)
	if len(points) == 1 {
		k.counts = nil
		return nil
	}
	k.lap = int64(k.to.count / gcd(k.most, k.to.count))
	return nil
}

// gcd is the greatest common divisor of numbers from 1.
func gcd(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// contents makes what the messages of a class have in common.
func (b *binder) contents(k *class, c ClassConfig) error {
	var err error
	switch {
	case c.Data != nil:
		one, wire, err := b.message(c, c.Data, "")
		if err != nil {
			return err
		}
		one.body, k.contents = wire, []*content{one}
		return nil
	case c.Corpus != "":
		k.contents, err = b.corpus(c)
		if k.order = c.CorpusOrder.kind; k.order == byZipf && err == nil {
			k.odds = newLottery(zipfWeights(len(k.contents), c.CorpusOrder.zipf))
		}
		return err
	case c.Template != "":
		var one *content
		one, err = b.template(c, b.run.header(c))
		k.contents = []*content{one}
		return err
	}
	h, err := b.run.amend(c, b.run.header(c))
	if err != nil {
		return err
	}
	k.contents, k.odds, err = b.synthetic(c, h)
	return err
}

// header is the header of a message that was made.
func (run Config) header(c ClassConfig) header {
	h := header{
		made("Date", part{kind: date}), c.author(), made("To", part{kind: recipients}), run.id(c),
		plainField("MIME-Version", "1.0"),
	}
	if c.multipart() {
		return append(h, plainField("Content-Type", "multipart/mixed;\r\n boundary=\""+c.boundary()+"\""))
	}
	return append(h, plainField("Content-Type", "text/plain; charset=us-ascii"), plainField("Content-Transfer-Encoding", "7bit"))
}

// amend gives the header what every message has, and what the settings ask for.
func (run Config) amend(c ClassConfig, h header) (header, error) {
	h = h.with(made("Date", part{kind: date})).with(run.id(c))
	if h.index("From") < 0 {
		h = h.with(c.author())
	}
	if c.Subject != "" {
		f, err := subjectField(c.Subject)
		if err != nil {
			return nil, err
		}
		h = h.with(f)
	}
	var extra header
	for _, s := range c.Headers {
		f, err := parseHeaderField(s)
		if err != nil {
			return nil, err
		}
		h, extra = h.without(f.name), append(extra, f)
	}
	return append(h, extra...).with(run.markField()), nil
}

// author is the From field. A message with the null reverse-path has an author
// all the same (RFC 5322 section 3.6): the mail system.
func (c ClassConfig) author() field {
	return made("From", part{kind: author, text: "MAILER-DAEMON@" + c.Domain})
}

func (run Config) id(c ClassConfig) field {
	return made("Message-ID", part{kind: messageID, text: "." + run.tag() + "@" + c.Domain + ">"})
}
