package message

import (
	"fmt"
	"time"

	"mailmill/loadgen/smtp"
)

// A Source makes the messages of a run. It never changes after [New], so any
// number of goroutines may use it.
type Source struct {
	classes []class
	offset  uint64 // of the sequence that decides the classes
}

// A class is one kind of message of a run.
type class struct {
	index      uint8
	below      uint64 // the end of its part of the sequence that decides the classes
	from, to   pattern
	recipients int
	head       []part
	bodies     [][]byte // as they are sent, with the end of mail data; of one size
	size       int64    // octets of a body, before transparency
	eightBit   bool
	binary     bool
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
			s.classes[i], err = c.newClass(one)
		}
		if err != nil {
			return nil, c.named(one.Name, err)
		}
		s.classes[i].index = uint8(i)
	}
	s.share(c.Classes)
	return s, nil
}

// named says in which class an error is, where there are several.
func (c Config) named(class string, err error) error {
	if len(c.Classes) > 1 {
		return fmt.Errorf("class %s: %w", class, err)
	}
	return err
}

// Fill makes m the message of slot n >= 0, with a Date of at.
func (s *Source) Fill(n int64, at time.Time, m *Mail) {
	*m = Mail{slot: n, second: at.Unix(), class: s.classOf(n)}
}

func (run Config) newClass(c ClassConfig) (class, error) {
	h, bodies := run.content(c)
	h, err := run.amend(c, h)
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
	if c.Chunked {
		k.unwrap()
	}
	return k, nil
}

// content returns the header and the bodies, of the file or synthetic, in wire form.
func (run Config) content(c ClassConfig) (header, [][]byte) {
	if c.Data != nil {
		h, body := parseMessage(c.Data)
		return h, [][]byte{body}
	}
	to := made("To", part{kind: recipients})
	if c.Recipients > maxListed {
		to = patterned("To", "undisclosed-recipients:;")
	}
	return header{
		made("Date", part{kind: date}), c.author(), to, run.id(c),
		patterned("MIME-Version", "1.0"),
		patterned("Content-Type", "text/plain; charset=us-ascii"),
		patterned("Content-Transfer-Encoding", "7bit"),
	}, synthesize(run.Seed, c.Size)
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
func (c ClassConfig) author() field {
	if c.From == "" {
		return patterned("From", "MAILER-DAEMON@"+c.Domain)
	}
	return patterned("From", c.From)
}

func (run Config) id(c ClassConfig) field {
	return made("Message-ID", part{kind: messageID, text: "." + run.tag() + "@" + c.Domain + ">"})
}
