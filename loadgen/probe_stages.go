package loadgen

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/target"
	"mailmill/results"
)

// probing is the order of a probe. Each stage returns what is to be exchanged, or nil where there is no reason for it.
// No stage hands a message over unless that was asked for.
var probing = []func(*probe) *exchange{
	func(p *probe) *exchange { return p.shakeHands(p.target.Security() == target.ImplicitTLS) },
	(*probe).greet,
	(*probe).ehlo,
	(*probe).helo,
	(*probe).startTLS,
	func(p *probe) *exchange { return p.shakeHands(p.accepted("starttls", 2) && !p.secure) },
	(*probe).again,
	(*probe).pipeline,
	func(p *probe) *exchange { return p.ask("vrfy", "VRFY "+p.somebody()) },
	func(p *probe) *exchange { return p.ask("expn", "EXPN "+p.somebody()) },
	func(p *probe) *exchange { return p.ask("help", "HELP") },
	(*probe).mail,
	(*probe).rcpt,
	(*probe).bdat,
	func(p *probe) *exchange { return p.when(p.accepted("mail", 2), "rset", smtp.LineRSET) },
	func(p *probe) *exchange { return p.when(p.sends(), "mail", p.mailLine()) },
	func(p *probe) *exchange { return p.when(p.sends(), "rcpt", p.rcptLine()) },
	func(p *probe) *exchange { return p.when(p.sends(), "data", smtp.LineDATA) },
	func(p *probe) *exchange { return p.when(p.sends() && p.accepted("data", 3), "accept", p.message()) },
	(*probe).oversize,
	func(p *probe) *exchange { return p.when(p.accepted("size", 2), "rset", smtp.LineRSET) },
	(*probe).loneLF,
	(*probe).restOfLine,
	func(p *probe) *exchange { return &exchange{step: "quit", send: smtp.LineQUIT, want: 1} },
}

// accepted reports whether the last step of a name was answered with a code of that severity.
func (p *probe) accepted(step string, severity int) bool {
	s := p.found.Step(step)
	return s != nil && len(s.Replies) > 0 && s.Replies[0].Code/100 == severity
}

// when is an exchange of one reply, if there is a reason for it.
func (p *probe) when(reason bool, step, send string) *exchange {
	if !reason {
		return nil
	}
	return &exchange{step: step, send: send, want: 1}
}

func (p *probe) shakeHands(reason bool) *exchange {
	if !reason {
		return nil
	}
	return &exchange{step: "tls", shake: true}
}

// greet waits for the greeting. A server that does not begin with 220 is left alone.
func (p *probe) greet() *exchange {
	return &exchange{step: "greeting", want: 1, take: func(_ *probe, s *results.ProbeStep) string {
		if r := s.Replies[0]; r.Code != 220 {
			return fmt.Sprintf("greeting: the server answered %d %q", r.Code, firstLine(r.Text))
		}
		return ""
	}}
}

// name is what the client calls itself.
func (p *probe) name() string { return p.options.Plan.HELO[0] }

func (p *probe) ehlo() *exchange {
	line := string(smtp.AppendEHLO(nil, p.name()))
	if p.target.LMTP() {
		line = string(smtp.AppendLHLO(nil, p.name()))
	}
	return &exchange{step: strings.ToLower(line[:4]), send: line, want: 1, take: (*probe).offered}
}

// offered notes what the reply to EHLO or LHLO offers.
func (p *probe) offered(s *results.ProbeStep) string {
	r := s.Replies[0]
	if r.Code/100 != 2 {
		if p.target.LMTP() || r.Code/100 == 4 || p.found.Clear != nil {
			return fmt.Sprintf("%s: the server answered %d %q", s.Name, r.Code, firstLine(r.Text))
		}
		return ""
	}
	p.hello = true
	domain, _, _ := strings.Cut(firstLine(r.Text), " ")
	offer := &results.ProbeOffer{Domain: domain, Keywords: []results.ProbeKeyword{}}
	p.offer = parseOffer(r.Text)
	for _, k := range p.offer {
		offer.Keywords = append(offer.Keywords, results.ProbeKeyword{Name: k.Name, Params: k.Params})
	}
	if p.secure {
		p.found.Secure = offer
	} else {
		p.found.Clear = offer
	}
	return ""
}

// parseOffer reads the lines of a reply to EHLO once more.
func parseOffer(text string) smtp.Keywords {
	reply := smtp.Reply{Raw: []byte("250-" + strings.ReplaceAll(text, "\n", "\r\n250-") + "\r\n")}
	_, keywords := smtp.ParseKeywords(reply)
	return keywords
}

// helo is for servers of before 1995 (RFC 1869).
func (p *probe) helo() *exchange {
	if p.hello {
		return nil
	}
	return &exchange{step: "helo", send: string(smtp.AppendHELO(nil, p.name())), want: 1, take: func(p *probe, s *results.ProbeStep) string {
		if r := s.Replies[0]; r.Code/100 != 2 {
			return fmt.Sprintf("helo: the server answered %d %q", r.Code, firstLine(r.Text))
		}
		p.hello = true
		return ""
	}}
}

func (p *probe) startTLS() *exchange {
	must := p.target.Security() == target.MustStartTLS
	if p.secure || p.options.NoStartTLS && !must || !must && !p.offer.Has("STARTTLS") {
		return nil
	}
	return &exchange{step: "starttls", send: smtp.LineSTARTTLS, want: 1, take: func(_ *probe, s *results.ProbeStep) string {
		if r := s.Replies[0]; must && r.Code != 220 {
			return fmt.Sprintf("starttls: the server answered %d %q", r.Code, firstLine(r.Text))
		}
		return ""
	}}
}

// again says EHLO once more: what was offered before the handshake counts no more (RFC 3207 section 4.2).
func (p *probe) again() *exchange {
	if !p.secure || !p.accepted("starttls", 2) {
		return nil
	}
	p.offer = nil
	return p.ehlo()
}

// pipeline sends a group at once, if the server says that it can. It has no effect: RSET ends the mail transaction, and
// where there is no recipient none is begun. NOOP may stand at the end of a group only (RFC 2920 section 3.1).
func (p *probe) pipeline() *exchange {
	if !p.offer.Has("PIPELINING") {
		return nil
	}
	group, words := smtp.LineRSET+smtp.LineRSET+smtp.LineNOOP, "RSET, RSET, NOOP"
	if p.options.To != "" {
		group, words = p.mailLine()+p.rcptLine()+smtp.LineRSET, "MAIL, RCPT, RSET"
	}
	return &exchange{step: "pipelining", send: group, want: 3, take: func(p *probe, s *results.ProbeStep) string {
		first, last := s.Replies[0].Code, s.Replies[2].Code
		p.found.Pipelining = &results.ProbeTrial{Held: first == 250 && last == 250, Words: words + " in one write, 3 replies"}
		if !p.found.Pipelining.Held {
			p.found.Pipelining.Words = fmt.Sprintf("%s in one write: %d, %d, %d", words, first, s.Replies[1].Code, last)
		}
		return ""
	}}
}

// ask is a command that asks a server for something.
func (p *probe) ask(step, line string) *exchange {
	return &exchange{step: step, send: line + "\r\n", want: 1}
}

// somebody is whom VRFY and EXPN ask for: every server has a postmaster (RFC 5321 section 4.5.1).
func (p *probe) somebody() string {
	if p.options.To != "" {
		return p.options.To
	}
	return "postmaster"
}

func (p *probe) mailLine() string {
	return string(smtp.AppendMail(nil, []byte(p.options.Plan.From), ""))
}
func (p *probe) rcptLine() string { return string(smtp.AppendRcpt(nil, []byte(p.options.To), "")) }

func (p *probe) mail() *exchange { return p.when(p.options.To != "", "mail", p.mailLine()) }
func (p *probe) rcpt() *exchange {
	return p.when(p.options.To != "" && p.accepted("mail", 2), "rcpt", p.rcptLine())
}

// chunkProbed is one chunk, which is not the last: nothing is handed over, and RSET follows.
const chunkProbed = "Subject: mailmill probe\r\n"

func (p *probe) bdat() *exchange {
	if !p.offer.Has("CHUNKING") || !p.accepted("rcpt", 2) {
		return nil
	}
	send := string(smtp.AppendBDAT(nil, len(chunkProbed), false)) + chunkProbed
	return &exchange{step: "bdat", send: send, want: 1, take: func(p *probe, s *results.ProbeStep) string {
		r := s.Replies[0]
		words := fmt.Sprintf("%d octets, %d %s", len(chunkProbed), r.Code, firstLine(r.Text))
		p.found.Chunking = &results.ProbeTrial{Held: r.Code == 250, Words: words}
		return ""
	}}
}

// sends reports whether a message is to be handed over: the server has shown that it would take the recipient.
func (p *probe) sends() bool { return p.options.Send && p.accepted("rcpt", 2) }

// message is a small one, with the end of mail data.
func (p *probe) message() string {
	return fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: mailmill probe\r\nDate: %s\r\nMessage-ID: <%d.probe@%s>\r\n\r\n"+
		"This message was sent by mailmill probe.\r\n%s", p.options.Plan.From, p.options.To, p.began.Format(time.RFC1123Z),
		p.began.UnixNano(), strings.Trim(p.name(), "[]"), smtp.EndOfData)
}

// oversize declares a message that is an octet larger than the server says that it takes (RFC 1870 section 6.1).
func (p *probe) oversize() *exchange {
	params, _ := p.offer.Get("SIZE")
	limit := smtp.ParseSizeLimit(params)
	if !p.options.Deep || limit == 0 || limit == math.MaxInt64 {
		return nil
	}
	send := string(smtp.AppendMail(nil, []byte(p.options.Plan.From), "SIZE="+strconv.FormatInt(limit+1, 10)))
	return &exchange{step: "size", send: send, want: 1, take: func(p *probe, s *results.ProbeStep) string {
		r := s.Replies[0]
		p.found.Size = &results.ProbeTrial{Held: r.Code/100 != 2, Words: fmt.Sprintf("%d beyond", r.Code)}
		return ""
	}}
}

// loneLFWait is how long a reply may take to a line whose end may not be one.
const loneLFWait = 2 * time.Second

// loneLF ends a command with LF alone, which must not end it (RFC 5321 section 2.3.8).
func (p *probe) loneLF() *exchange {
	if !p.options.Deep {
		return nil
	}
	return &exchange{step: "lone-lf", send: "NOOP\n", want: 1, wait: loneLFWait, take: func(p *probe, s *results.ProbeStep) string {
		switch {
		case len(s.Replies) == 0:
			p.found.LoneLF = &results.ProbeTrial{Held: true, Words: "does not end a command"}
		case s.Replies[0].Code/100 == 2:
			p.found.LoneLF = &results.ProbeTrial{Words: "ends a command, which it must not (RFC 5321 section 2.3.8)"}
		default:
			p.found.LoneLF = &results.ProbeTrial{Held: true, Words: fmt.Sprintf("is refused: %d %s", s.Replies[0].Code, firstLine(s.Replies[0].Text))}
		}
		return ""
	}}
}

// restOfLine ends the line that LF alone did not.
func (p *probe) restOfLine() *exchange {
	s := p.found.Step("lone-lf")
	return p.when(s != nil && len(s.Replies) == 0, "lone-lf-end", "\r\n")
}
