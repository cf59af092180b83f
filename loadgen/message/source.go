package message

import (
	"time"

	"mailmill/loadgen/smtp"
)

// A Source makes the messages of a run. It never changes after [New], so any
// number of goroutines may use it.
type Source struct {
	classes []class
}

// A class is one kind of message of a run.
type class struct {
	from, to   pattern
	recipients int
	head       []part
	bodies     [][]byte // in wire form, with the end of mail data; of one size
	size       int64    // octets of a body, before transparency
	eightBit   bool
}

// New makes the source of a run's messages. Its errors say which setting cannot be
// sent, and why.
func New(c Config) (*Source, error) {
	c, err := c.check()
	if err != nil {
		return nil, err
	}
	one, err := newClass(c)
	if err != nil {
		return nil, err
	}
	return &Source{classes: []class{one}}, nil
}

// Fill makes m the message of slot n >= 0, with a Date of at.
func (s *Source) Fill(n int64, at time.Time, m *Mail) {
	*m = Mail{slot: n, second: at.Unix(), class: s.classOf(n)}
}

// classOf is the class of slot n: a function of the number alone.
func (s *Source) classOf(n int64) *class {
	return &s.classes[n%int64(len(s.classes))]
}

func newClass(c Config) (class, error) {
	h, bodies := c.content()
	h, err := c.amend(h)
	if err != nil {
		return class{}, err
	}
	k := class{
		from: parsePattern(c.From), to: parsePattern(c.To), recipients: c.Recipients,
		head: h.parts(), size: int64(len(bodies[0]) - stuffedDots(bodies[0])),
	}
	for _, p := range k.head {
		k.eightBit = k.eightBit || !isASCII(p.text)
	}
	for _, body := range bodies {
		k.eightBit = k.eightBit || !isASCII(body)
		k.bodies = append(k.bodies, append(body, smtp.EndOfData...))
	}
	return k, nil
}

// content returns the header and the bodies, of the file or synthetic, in wire form.
func (c Config) content() (header, [][]byte) {
	if c.Data != nil {
		h, body := parseMessage(c.Data)
		return h, [][]byte{body}
	}
	to := made("To", part{kind: recipients})
	if c.Recipients > maxListed {
		to = patterned("To", "undisclosed-recipients:;")
	}
	return header{
		made("Date", part{kind: date}), c.author(), to, c.id(),
		patterned("MIME-Version", "1.0"),
		patterned("Content-Type", "text/plain; charset=us-ascii"),
		patterned("Content-Transfer-Encoding", "7bit"),
	}, synthesize(c.Seed, c.Size)
}

// amend gives the header what every message has, and what the settings ask for.
func (c Config) amend(h header) (header, error) {
	h = h.with(made("Date", part{kind: date})).with(c.id())
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
		f, err := parseField(s)
		if err != nil {
			return nil, err
		}
		h, extra = h.without(f.name), append(extra, f)
	}
	return append(h, extra...), nil
}

// author is the From field. A message with the null reverse-path has an author
// all the same (RFC 5322 section 3.6): the mail system.
func (c Config) author() field {
	if c.From == "" {
		return patterned("From", "MAILER-DAEMON@"+c.Domain)
	}
	return patterned("From", c.From)
}

func (c Config) id() field {
	return made("Message-ID", part{kind: messageID, text: "." + c.tag() + "@" + c.Domain + ">"})
}
