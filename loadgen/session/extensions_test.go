package session

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailmill/loadgen/smtp"
	"mailmill/loadgen/timing"
)

// The settings of a mail transaction's extensions.
func init() {
	flags := map[string]func(*setting) *bool{
		"pipeline": func(s *setting) *bool { return &s.config.Pipeline },
		"binary":   func(s *setting) *bool { return &s.config.Binary },
		"force":    func(s *setting) *bool { return &s.config.Force },
		"limits":   func(s *setting) *bool { return &s.config.Limits },
		"lmtp":     func(s *setting) *bool { return &s.lmtp },
	}
	for name, flag := range flags {
		settings[name] = func(s *setting, v string) (err error) { *flag(s), err = strconv.ParseBool(v); return }
	}
	settings["mail-params"] = func(s *setting, v string) error { s.message.MailParams = strings.Fields(v); return nil }
	settings["rcpt-params"] = func(s *setting, v string) error { s.message.RcptParams = strings.Fields(v); return nil }
	settings["needs"] = func(s *setting, v string) error { s.config.Needs = strings.Fields(v); return nil }
	settings["to"] = func(s *setting, v string) error { s.message.To = v; return nil }
	settings["bdat"] = func(s *setting, v string) (err error) {
		s.config.Chunk, err = strconv.Atoi(v)
		s.message.Chunked = true
		return err
	}
	settings["before"] = func(s *setting, v string) error {
		if s.config.Before == nil {
			s.config.Before = new(Words)
		}
		words := strings.SplitN(v, ":", 3)
		step, _ := timing.ParseStep(words[0])
		command, ok := timing.ParseStep(words[1])
		if !ok || verbs[command] == "" {
			return fmt.Errorf("no word %s", words[1])
		}
		s.config.Before[step] = append(s.config.Before[step], Word{command, strings.Join(words[2:], "")})
		return nil
	}
}

// cutChunk reads <chunk 100>, a chunk of that many octets of the content; <chunk 100 last>, or <chunk rest last>.
// It goes on where the chunk before it ended.
func (d *dialogue) cutChunk(l *line) (err error) {
	words := strings.Fields(l.act)
	if len(words) < 2 || words[0] != "chunk" {
		return nil
	}
	l.act = words[0]
	l.last = slices.Contains(words, "last")
	if words[1] == "rest" {
		l.size = -1
	} else if l.size, err = strconv.Atoi(words[1]); err != nil {
		return err
	}
	for _, before := range d.lines {
		switch {
		case before.act != "chunk":
		case before.last:
			l.from = 0
		default:
			l.from += before.size
		}
		if strings.HasPrefix(before.octets, "MAIL") {
			l.from = 0
		}
	}
	return nil
}

// spoken is what the client says at a line.
func (o *owner) spoken(l line) string {
	if l.act != "chunk" {
		return o.fill(l.octets)
	}
	content := slices.Concat(o.sending())
	piece := content[min(l.from, len(content)):]
	if l.size >= 0 {
		piece = piece[:min(l.size, len(piece))]
	}
	return string(append(smtp.AppendBDAT(nil, len(piece), l.last), piece...))
}

// chunk expects a chunk, and ends its write.
func (p *play) chunk(l line) {
	p.t.Helper()
	p.commanded(l)
	if len(p.out) > 0 || !p.writing {
		p.fail(l, "writing %t, said beyond the chunk %q", p.writing, p.out)
	}
	p.pass()
	p.wrote()
	p.witness.since = p.now
	if l.last && p.d.lmtp {
		p.witness.accepts(p.now)
	}
}
