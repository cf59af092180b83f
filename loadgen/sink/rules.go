package sink

import (
	"crypto/tls"
	"math"
	"strings"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// A rule is a Behaviour made ready: its odds as a threshold, its reply as octets.
type rule struct {
	deed      Deed
	threshold uint64 // drawn if the next random number is at most this
	reply     reply
	succeeds  bool // the reply says that the command succeeded
	early     bool // and comes as soon as the verb has
	least     time.Duration
	spread    time.Duration
	limit     *limit      // when it is carried out; nil: always
	tls       *tls.Config // with the Certificate
}

// A ruleTable holds the rules of each step.
type ruleTable [timing.NumSteps][]rule

func makeRules(c *Config, behaviours []Behaviour) (table ruleTable) {
	for _, b := range behaviours {
		r := rule{deed: b.Deed, threshold: threshold(b.Odds), least: b.Least, spread: b.Most - b.Least}
		if b.Deed == Answer {
			r.reply = b.answer(c)
			r.succeeds = b.Code.Severity() == behaving[b.Step].success
		}
		r.limit, r.early = newLimit(b), b.Early
		if b.Deed == Certificate && c.TLS != nil {
			r.tls = faultyTLS(c, b.Text)
		}
		table[b.Step] = append(table[b.Step], r)
	}
	return table
}

func threshold(odds float64) uint64 {
	if odds >= 1 {
		return math.MaxUint64
	}
	return uint64(odds * math.MaxUint64)
}

// answer builds the reply of an Answer.
func (b Behaviour) answer(c *Config) reply {
	hostname, text, e := c.Hostname, b.Text, b.Enhanced
	if text == "" {
		text = usualText(b.Code)
	}
	if e == 0 {
		e = usualEnhanced[b.Code]
	}
	if e == 0 {
		e = smtp.MakeEnhanced(int(b.Code.Severity()), 0, 0)
	}
	switch {
	case b.Step == timing.Greeting && strings.HasPrefix(text, "*"): // as firewalls mask it
		e = 0
	case b.Step == timing.Greeting:
		text, e = hostname+" "+text, 0
	case b.Text == "" && (b.Code == 221 || b.Code == 421): // RFC 5321 section 4.2.3 has the name in these
		text = hostname + " " + text
	case b.Step == timing.EHLO || b.Step == timing.HELO || b.Step == timing.LHLO || b.Code.Severity() == smtp.PositiveIntermediate:
		e = 0
	}
	return c.reply(b.Code, e, text)
}

// usualText is the first of the code's meanings.
func usualText(code smtp.Code) string {
	text, _, _ := strings.Cut(strings.TrimPrefix(code.Meaning(), "<domain> "), ";")
	text, _, _ = strings.Cut(text, " (")
	return text
}

// usualEnhanced gives the enhanced status code that goes with a code where a
// behaviour names none.
var usualEnhanced = map[smtp.Code]smtp.Enhanced{
	251: smtp.MakeEnhanced(2, 1, 5),
	421: smtp.MakeEnhanced(4, 3, 2),
	450: smtp.MakeEnhanced(4, 2, 1),
	451: smtp.MakeEnhanced(4, 3, 0),
	452: smtp.MakeEnhanced(4, 3, 1),
	500: smtp.MakeEnhanced(5, 5, 1),
	501: smtp.MakeEnhanced(5, 5, 4),
	502: smtp.MakeEnhanced(5, 5, 1),
	503: smtp.MakeEnhanced(5, 5, 1),
	504: smtp.MakeEnhanced(5, 5, 4),
	521: smtp.MakeEnhanced(5, 3, 2),
	235: smtp.MakeEnhanced(2, 7, 0),
	454: smtp.MakeEnhanced(4, 7, 0),
	535: smtp.MakeEnhanced(5, 7, 8),
	530: smtp.MakeEnhanced(5, 7, 0),
	550: smtp.MakeEnhanced(5, 1, 1),
	551: smtp.MakeEnhanced(5, 1, 6),
	552: smtp.MakeEnhanced(5, 2, 2),
	553: smtp.MakeEnhanced(5, 1, 3),
	555: smtp.MakeEnhanced(5, 5, 4),
	556: smtp.MakeEnhanced(5, 1, 10),
}

// random is a generator of eight octets, so that each session has its own and the
// draws of one do not depend on what the others do: SplitMix64 (Steele, Lea and
// Flood, OOPSLA 2014).
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// drawn draws whether a rule is carried out.
func (s *session) drawn(t *turn, r *rule) bool {
	return s.random.next() <= r.threshold && (r.limit == nil || s.within(t, r.limit))
}

// delay draws the delays of some rules and adds them up.
func (s *session) delay(t *turn, rules []rule) (sum time.Duration) {
	for i := range rules {
		r := &rules[i]
		if r.deed == Delay && s.drawn(t, r) {
			sum += r.least + time.Duration(s.random.next()%uint64(r.spread+1))
		}
	}
	return sum
}

// deed draws the first rule that is to be carried out in the place of the reply; nil is none.
// What it draws of the reply's manner is kept until spoil.
func (s *session) deed(t *turn, rules []rule) (chosen *rule) {
	for i := range rules {
		r := &rules[i]
		switch {
		case r.deed == Delay, r.early && s.hurried:
		case r.deed.isManner():
			if s.drawn(t, r) {
				s.manner.add(r)
			}
		case chosen == nil && s.drawn(t, r):
			chosen = r
		}
	}
	return chosen
}
